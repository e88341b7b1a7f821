/* Publication of our BALs in the Annuaire: the outbox, the CSV feed, the difference with what the Annuaire shows. */
#include "ctl/lists.h"

#include "lib/base/num.h"
#include "lib/net/https.h"
#include "lib/proto/address.h"
#include "lib/proto/json_fhir.h"
#include "lib/store/fetches.h"
#include "lib/store/publications.h"

#include <string.h>

enum { HEADER_MAX = 1024 };

int command_publication_list(struct invocation *i)
{
    const char *arguments[] = {take_flag(i, "--all") ? NULL : "waiting"};
    return words_end(i) ? list_print(i, LISTING_publications, arguments, 1, NULL) : STATUS_USAGE;
}

int command_publication_retry(struct invocation *i)
{
    int64_t count = 0;
    if (!words_end(i))
        return STATUS_USAGE;
    enum store_status status = publications_retry(invocation_db(i), &count);
    if (status == STORE_OK)
        status = fetch_ask(invocation_db(i), "publication", i->operator_name);
    if (status == STORE_OK)
        say(i, LANG(i, "%lld opérations reprises", "%lld operations taken up again"), (long long)count);
    return fail_store(i, status, "publication");
}

/* RFC 4180 with ';': quoted where it must be; a value that a spreadsheet would compute is disarmed. */
static void csv_cell(struct str *out, const char *text, bool last)
{
    const char *value = text ? text : "";
    bool formula = *value && strchr("=+-@\t", *value);
    if (formula || strpbrk(value, ";\"\r\n")) {
        str_puts(out, formula ? "\"'" : "\"");
        for (const char *p = value; *p; p++) {
            if (*p == '"')
                str_putc(out, '"');
            str_putc(out, *p);
        }
        str_putc(out, '"');
    } else {
        str_puts(out, value);
    }
    str_puts(out, last ? "\r\n" : ";");
}

int command_publication_csv(struct invocation *i)
{
    struct listing list;
    if (!words_end(i))
        return STATUS_USAGE;
    enum store_status status = listing_read(invocation_db(i), LISTING_publication_csv, NULL, 0, &list);
    if (status != STORE_OK)
        return fail_store(i, status, "publication");
    str_puts(&i->out,
             "adresse;type;liste_rouge;identifiant_pp;finess;siret;civilite;prenom;nom;structure;service;description;"
             "responsable;etat;depuis\r\n");
    for (size_t n = 0; n < list.cells.len; n++)
        csv_cell(&i->out, list.cells.items[n], (n + 1) % list.columns == 0);
    listing_free(&list);
    return STATUS_OK;
}

static int ask_annuaire(struct invocation *i, const char *key, const char *resource, const char *domain,
                        struct fhir_found *found)
{
    const struct conf *conf = i->conf;
    struct https_answer answer;
    char *url = xasprintf("%s/%s?mailbox-mss:contains=%s", conf->publication_url, resource, domain);
    const char *headers[] = {"Accept: application/fhir+json", key, NULL};
    const struct https_request request = {.method = "GET",
                                          .url = url,
                                          .ca_file = *conf->publication_ca ? conf->publication_ca : NULL,
                                          .headers = headers,
                                          .timeout_ms = 30000,
                                          .answer_max = (size_t)64 << 20};
    int status = STATUS_OK;
    if (!https_fetch(&request, &answer))
        status = fail(i, STATUS_UNAVAILABLE, "%s : %s", url, answer.error.len ? answer.error.data : "?");
    else if (answer.status != 200 || !fhir_read_bundle(str_span(&answer.body), found))
        status = fail(i, STATUS_UNAVAILABLE, "%s : %ld", url, answer.status);
    https_answer_free(&answer);
    xfree(&url);
    return status;
}

/* What it shows of our domain: people's BALs, then structures'. */
static int ask_both(struct invocation *i, const char *domain, struct fhir_found found[2])
{
    struct str key, error;
    str_init_secret(&key, HEADER_MAX);
    str_init(&error, 1024);
    int code = publication_header(&key, i->conf, &error) ? STATUS_OK : fail(i, STATUS_CONFIGURATION, "%s", error.data);
    if (code == STATUS_OK)
        code = ask_annuaire(i, key.data, "Practitioner", domain, &found[0]);
    if (code == STATUS_OK)
        code = ask_annuaire(i, key.data, "Organization", domain, &found[1]);
    str_free(&key);
    str_free(&error);
    return code;
}

static const struct fhir_telecom *find(const struct fhir_found *found, const char *address)
{
    for (size_t n = 0; n < found->mailboxes.len; n++)
        if (strcmp(found->mailboxes.items[n].address, address) == 0)
            return &found->mailboxes.items[n];
    return NULL;
}

struct difference {
    struct invocation *i;
    bool repair;
    size_t count;
};

static enum store_status differs(struct difference *d, const char *address, const char *what, const char *operation,
                                 int64_t bal_id)
{
    d->count++;
    str_addf(&d->i->out, "%s %s\n", what, address);
    return d->repair && bal_id ? publication_add(invocation_db(d->i), bal_id, operation) : STORE_OK;
}

/* Ours that should be shown and are not; ours that are shown and should not be. */
static enum store_status compare(struct difference *d, const struct listing *ours, const struct fhir_found found[2],
                                 const char *domain)
{
    enum store_status status = STORE_OK;
    for (size_t row = 0; status == STORE_OK && row * ours->columns < ours->cells.len; row++) {
        char **cell = &ours->cells.items[row * ours->columns]; /* address, bal_id, published, domain */
        int64_t bal_id = 0;
        if (strcmp(cell[3], domain) != 0 || !num_i64(span_of(cell[1]), &bal_id))
            continue;
        bool shown = find(&found[0], cell[0]) || find(&found[1], cell[0]);
        bool wanted = strcmp(cell[2], "true") == 0;
        if (wanted && !shown)
            status = differs(d, cell[0], LANG(d->i, "manque dans l'Annuaire :", "missing in the Annuaire:"), "insert",
                             bal_id);
        else if (!wanted && shown)
            status = differs(d, cell[0], LANG(d->i, "publiée à tort :", "published wrongly:"), "delete", bal_id);
    }
    return status;
}

int command_publication_reconcile(struct invocation *i)
{
    struct difference d = {.i = i, .repair = take_flag(i, "--repair")};
    const char *word = take_word(i);
    struct str domain;
    struct listing ours;
    struct fhir_found found[2] = {{.resources = 0}, {.resources = 0}};
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    if (!word || !words_end(i) || !domain_normalise(&domain, span_of(word))) {
        str_free(&domain);
        return usage(i, "un domaine à nous", "a domain of ours");
    }
    int code = ask_both(i, domain.data, found);
    if (code == STATUS_OK)
        code = fail_store(i, listing_read(invocation_db(i), LISTING_publication_ours, NULL, 0, &ours), domain.data);
    if (code == STATUS_OK) {
        code = fail_store(i, compare(&d, &ours, found, domain.data), domain.data);
        listing_free(&ours);
        if (code == STATUS_OK && d.count)
            code = d.repair ? STATUS_OK : STATUS_NO;
    }
    fhir_found_free(&found[0]);
    fhir_found_free(&found[1]);
    str_free(&domain);
    return code;
}
