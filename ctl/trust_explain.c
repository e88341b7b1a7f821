/* caducee trust explain: what mx, relay, submission or imapd would decide, rule by rule. The functions that decide are the
 * servers' own (lib/trust); here they are only asked and shown. */
#include "ctl/command.h"
#include "ctl/table.h"

#include "lib/auth/judge.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/net/x509.h"
#include "lib/store/bal.h"
#include "lib/store/listing.h"
#include "lib/store/snapshot.h"

#include <string.h>

struct explanation {
    struct invocation *i;
    struct trust_snapshot *snapshot;
    struct table table;
    bool refused, temporary;
};

static const struct table_column columns[] = {{"question", "question", "question", false},
                                              {"rule", "règle", "rule", false},
                                              {"answer", "réponse", "answer", false},
                                              {"sentence", "en clair", "in words", false},
                                              {"detail", "détail", "detail", false}};

static void add(struct explanation *e, const char *question, const struct trust_verdict *v)
{
    const char *fr = trust_rule_sentence_fr(v->rule), *en = trust_rule_sentence_en(v->rule);
    table_cell(&e->table, question);
    table_cell(&e->table, trust_rule_name(v->rule));
    table_cell(&e->table, v->rule == TRUST_OK ? LANG(e->i, "admis", "admitted")
                          : v->temporary      ? LANG(e->i, "plus tard", "later")
                                              : LANG(e->i, "refusé", "refused"));
    table_cell(&e->table, LANG(e->i, fr, en));
    table_cell(&e->table, v->detail[0] ? v->detail : NULL);
    e->refused = e->refused || (v->rule != TRUST_OK && !v->temporary);
    e->temporary = e->temporary || v->temporary;
}

static struct span domain_of(const char *address)
{
    const char *at = strrchr(address, '@');
    return span_of(at ? at + 1 : address);
}

/* What OCSP last said, for the reader: the verdicts above and below come from the snapshot, which holds it too. */
static void tell_ocsp(struct explanation *e, const char *fingerprint)
{
    struct listing list;
    const char *arguments[] = {fingerprint};
    if (listing_read(invocation_db(e->i), LISTING_ocsp_answer, arguments, 1, &list) != STORE_OK)
        return;
    if (list.cells.len)
        say(e->i, "  OCSP: %s (%s)", list.cells.items[0], list.cells.items[1]);
    listing_free(&list);
}

static void explain_operator(struct explanation *e, struct span der, const char *from, const char *header,
                             const char *to)
{
    struct trust_verdict peer, v;
    struct span chain[] = {der};
    bool mark;
    trust_judge_certificate(e->snapshot, TRUST_PROFILE_OPERATOR, chain, 1, wall_s(), &peer);
    add(e, LANG(e->i, "certificat, comme client (mx)", "certificate, as a client (mx)"), &peer);
    if (from) {
        trust_judge_sender(e->snapshot, &peer, domain_of(from), &v);
        add(e, "MAIL FROM", &v);
    }
    if (header) {
        trust_judge_header_from(e->snapshot, &peer, domain_of(header), &mark, &v);
        if (mark)
            str_puts(&e->i->out, e->i->json
                                     ? ""
                                     : LANG(e->i, "accepté mais signalé au lecteur : From d'un autre opérateur\n",
                                            "accepted, and marked for the reader: From of another operator\n"));
        add(e, "From:", &v);
    }
    if (to) {
        trust_judge_recipient_domain(e->snapshot, domain_of(to), &v);
        add(e, LANG(e->i, "destinataire (submission)", "recipient (submission)"), &v);
        trust_judge_server(e->snapshot, domain_of(to), chain, 1, wall_s(), &v);
        add(e,
            LANG(e->i, "certificat, comme serveur de ce domaine (relay)",
                 "certificate, as that domain's server (relay)"),
            &v);
    }
}

/* As keyd judges: the rights of issuer and subject, the one that is meant, and whether it holds now (lib/auth/judge.h). */
static const char *judge_binding(struct explanation *e, const struct certificate *c, const char *bal)
{
    right_list rights = {0};
    struct shown_certificate shown = {.not_after = c->not_after};
    struct str issuer, subject, key, choices;
    const char *rule = "database";
    str_init(&issuer, 64 * 1024);
    str_init(&subject, 64 * 1024);
    str_init(&key, sizeof(shown.key_sha256));
    str_init(&choices, 64 * 1024);
    dn_canonical(&issuer, &c->issuer);
    dn_canonical(&subject, &c->subject);
    if (hex_decode(&key, span_of(c->key_fingerprint)) && key.len == sizeof(shown.key_sha256))
        memcpy(shown.key_sha256, key.data, key.len);
    if (rights_to_explain(invocation_db(e->i), str_span(&issuer), str_span(&subject), &rights) == STORE_OK) {
        ptrdiff_t which = judge_choice(&rights, &shown, span_of(bal), wall_s(), &rule, &choices);
        if (which >= 0)
            rule = judge(&rights.items[which], &shown, wall_s()).rule;
    }
    vec_free(&rights);
    str_free(&issuer);
    str_free(&subject);
    str_free(&key);
    str_free(&choices);
    return rule;
}

static void add_binding(struct explanation *e, const char *rule)
{
    table_cell(&e->table, LANG(e->i, "rattachement à la BAL (keyd)", "binding to the BAL (keyd)"));
    table_cell(&e->table, rule ? rule : "ok");
    table_cell(&e->table, rule ? LANG(e->i, "refusé", "refused") : LANG(e->i, "admis", "admitted"));
    table_cell(&e->table, rule
                              ? LANG(e->i, "ce certificat n'ouvre pas cette boîte", "this certificate does not open it")
                              : LANG(e->i, "ce certificat ouvre cette boîte", "this certificate opens it"));
    table_cell(&e->table, NULL);
    e->refused = e->refused || rule;
}

static void explain_application(struct explanation *e, struct span der, const char *bal)
{
    struct trust_verdict v;
    struct certificate c;
    struct span chain[] = {der};
    trust_judge_certificate(e->snapshot, TRUST_PROFILE_APPLICATION, chain, 1, wall_s(), &v);
    add(e, LANG(e->i, "certificat d'application (imapd, submission)", "application's certificate (imapd, submission)"),
        &v);
    if (!bal || v.rule != TRUST_OK || !certificate_decode(&c, der, NULL))
        return;
    add_binding(e, judge_binding(e, &c, bal));
    certificate_free(&c);
}

static bool keep_first(struct span der, void *arg)
{
    struct str *out = arg;
    return out->len > 0 || str_add_span(out, der);
}

static int read_leaf(struct invocation *i, const char *path, struct str *der)
{
    struct str file, error;
    str_init(der, X509_DER_MAX);
    if (!path)
        return STATUS_OK;
    if (!read_file(i, path, 1 << 20, &file))
        return STATUS_BAD_INPUT;
    str_init(&error, 512);
    int status = STATUS_OK;
    if (!certificates_each(str_span(&file), keep_first, der, &error))
        status = fail(i, STATUS_BAD_INPUT, "%s : %s", path, error.data);
    str_free(&file);
    str_free(&error);
    return status;
}

static void introduce(struct explanation *e, struct span der)
{
    struct trust_verdict v;
    struct span chain[] = {der};
    trust_judge_certificate(e->snapshot, TRUST_PROFILE_OPERATOR, chain, der.n ? 1 : 0, wall_s(), &v);
    if (v.dn[0])
        say(e->i, "%s\n  %s %s\n  SHA-256 %s\n  %s", v.dn, LANG(e->i, "émis par", "issued by"), v.issuer, v.fingerprint,
            v.operator_name[0] ? v.operator_name : "");
    tell_ocsp(e, v.fingerprint);
}

int command_trust_explain(struct invocation *i)
{
    struct explanation e = {.i = i};
    const char *peer = take_option(i, "--cert"), *client = take_option(i, "--client-cert"),
               *from = take_option(i, "--from"), *to = take_option(i, "--to"),
               *header = take_option(i, "--header-from"), *bal = take_option(i, "--bal");
    struct str der;
    if (!words_end(i))
        return STATUS_USAGE;
    if ((peer != NULL) == (client != NULL))
        return usage(i, "--cert (un opérateur) ou --client-cert (une application)",
                     "--cert (an operator) or --client-cert (an application)");
    int status = read_leaf(i, peer ? peer : client, &der);
    if (status == STATUS_OK)
        status = fail_store(i, snapshot_load(invocation_db(i), 0, &e.snapshot), "trust");
    if (status == STATUS_OK) {
        table_init(&e.table, columns, COUNT(columns));
        introduce(&e, str_span(&der));
        if (peer)
            explain_operator(&e, str_span(&der), from, header, to);
        else
            explain_application(&e, str_span(&der), bal);
        table_print(i, &e.table);
        status = e.refused ? STATUS_NO : e.temporary ? STATUS_UNAVAILABLE : STATUS_OK;
    }
    trust_release(&e.snapshot);
    str_free(&der);
    return status;
}
