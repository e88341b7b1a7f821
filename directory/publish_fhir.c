#include "directory/publish_fhir.h"

#include "lib/base/text.h"
#include "lib/net/https.h"
#include "lib/proto/json_fhir.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 20000, ANSWER_MAX = 4 * 1024 * 1024, HEADER_MAX = 1024 };

struct target {
    const char *resource;
    struct str url, key; /* the key as a header */
};

/* A person by the national id, a structure by FINESS, else by SIRET. */
static bool aim(const struct conf *conf, const struct publication *p, struct target *t)
{
    bool person = strcmp(p->kind, "PER") == 0;
    const char *system = person       ? "urn:oid:1.2.250.1.71.4.2.1"
                         : *p->finess ? "https://finess.esante.gouv.fr"
                                      : "https://sirene.fr";
    const char *value = person ? p->national_id : *p->finess ? p->finess : p->siret;
    char *identifier = xasprintf("%s|%s", system, value);
    t->resource = person ? "Practitioner" : "Organization";
    str_init(&t->url, 4096);
    str_addf(&t->url, "%s/%s?identifier=", conf->publication_url, t->resource);
    percent_encode(&t->url, span_of(identifier));
    xfree(&identifier);
    return *value != 0;
}

static bool call(const struct conf *conf, const struct target *t, const char *method, struct span body,
                 const char *if_match, struct https_answer *answer)
{
    char *match = if_match && *if_match ? xasprintf("If-Match: W/\"%s\"", if_match) : NULL;
    const char *headers[] = {"Accept: application/fhir+json", "Content-Type: application/fhir+json", t->key.data, match,
                             NULL};
    const struct https_request request = {.method = method,
                                          .url = t->url.data,
                                          .ca_file = *conf->publication_ca ? conf->publication_ca : NULL,
                                          .headers = headers,
                                          .body = body,
                                          .timeout_ms = TIMEOUT_MS,
                                          .answer_max = ANSWER_MAX};
    bool ok = https_fetch(&request, answer);
    xfree(&match);
    return ok;
}

static enum publish_outcome judge(const struct https_answer *answer, bool reached, struct str *words)
{
    if (!reached) {
        str_addf(words, "%s", answer->error.len ? answer->error.data : "?");
        return PUBLISH_AGAIN;
    }
    str_addf(words, "%ld ", answer->status);
    if (answer->status >= 300)
        (void)!fhir_read_outcome(str_span(&answer->body), words);
    if (answer->status >= 200 && answer->status < 300)
        return PUBLISH_DONE;
    return answer->status >= 500 || answer->status == 408 || answer->status == 429 ? PUBLISH_AGAIN : PUBLISH_REFUSED;
}

static bool holds(const struct fhir_found *found, const char *address)
{
    for (size_t i = 0; i < found->mailboxes.len; i++)
        if (strcmp(found->mailboxes.items[i].address, address) == 0)
            return true;
    return false;
}

static enum publish_outcome patch(const struct conf *conf, const struct publication *p, const struct target *t,
                                  const struct fhir_found *found, struct str *words)
{
    const struct fhir_mailbox mailbox = {.address = p->address,
                                         .kind = p->kind,
                                         .red_listed = p->red_listed,
                                         .description = p->description,
                                         .service = p->service,
                                         .responsible = p->responsible};
    bool there = holds(found, p->address), gone = strcmp(p->operation, "delete") == 0;
    if (gone && !there) {
        str_puts(words, "not there");
        return PUBLISH_DONE;
    }
    struct str body;
    struct https_answer answer;
    str_init(&body, 64 * 1024);
    fhir_patch(&body, t->resource,
               gone    ? FHIR_DELETE
               : there ? FHIR_REPLACE
                       : FHIR_INSERT,
               &mailbox, found->telecom_count);
    bool reached = call(conf, t, "PATCH", str_span(&body), found->version, &answer);
    enum publish_outcome outcome = judge(&answer, reached, words);
    if (reached && answer.status == 412) /* somebody changed it between our reading and our writing */
        outcome = PUBLISH_AGAIN;
    https_answer_free(&answer);
    str_free(&body);
    return outcome;
}

static enum publish_outcome publish_at(const struct conf *conf, const struct publication *p, const struct target *t,
                                       struct str *words)
{
    struct https_answer answer;
    struct fhir_found found = {.resources = 0};
    bool reached = call(conf, t, "GET", SPAN_NONE, NULL, &answer);
    enum publish_outcome outcome = judge(&answer, reached, words);
    if (outcome == PUBLISH_DONE) {
        bool read = fhir_read_bundle(str_span(&answer.body), &found);
        str_clear(words);
        if (read && found.resources == 1)
            outcome = patch(conf, p, t, &found, words);
        else {
            outcome = read ? PUBLISH_REFUSED : PUBLISH_AGAIN;
            str_addf(words, read ? "%zu resources carry this identifier, one is wanted" : "the answer is no Bundle",
                     found.resources);
        }
        fhir_found_free(&found);
    }
    https_answer_free(&answer);
    return outcome;
}

enum publish_outcome publish_fhir(const struct conf *conf, const struct publication *p, struct str *words)
{
    struct target t;
    enum publish_outcome outcome;
    str_init_secret(&t.key, HEADER_MAX);
    if (!aim(conf, p, &t)) {
        str_puts(words, "no national id of the holder, or no FINESS nor SIRET of the structure");
        outcome = PUBLISH_REFUSED;
    } else if (!publication_header(&t.key, conf, words)) {
        outcome = PUBLISH_AGAIN; /* a file to mend, not a BAL */
    } else {
        outcome = publish_at(conf, p, &t, words);
    }
    str_free(&t.key);
    str_free(&t.url);
    return outcome;
}
