#include "ctl/certificate.h"

#include "lib/base/clock.h"
#include "lib/store/snapshot.h"

static bool keep_first(struct span der, void *arg)
{
    struct str *out = arg;
    return out->len > 0 || str_add_span(out, der);
}

int read_certificate(struct invocation *i, const char *path, struct str *der, struct certificate *out)
{
    struct str file, error;
    if (!read_file(i, path, 1 << 20, &file))
        return STATUS_BAD_INPUT;
    str_init(der, X509_DER_MAX);
    str_init(&error, 512);
    int status = STATUS_OK;
    if (!certificates_each(str_span(&file), keep_first, der, &error) || !certificate_decode(out, str_span(der), &error))
        status = fail(i, STATUS_BAD_INPUT, "%s : %s", path, error.len ? error.data : "?");
    str_free(&file);
    str_free(&error);
    if (status != STATUS_OK)
        str_free(der);
    return status;
}

void certificate_names_of(struct certificate_names *n, const struct certificate *c)
{
    str_init(&n->issuer, 64 * 1024);
    str_init(&n->subject, 64 * 1024);
    str_init(&n->shown, 64 * 1024);
    dn_canonical(&n->issuer, &c->issuer);
    dn_canonical(&n->subject, &c->subject);
    dn_print(&n->shown, &c->subject);
}

void certificate_names_free(struct certificate_names *n)
{
    str_free(&n->issuer);
    str_free(&n->subject);
    str_free(&n->shown);
}

int certificate_judge(struct invocation *i, struct span der, enum trust_profile profile, struct trust_verdict *verdict)
{
    struct trust_snapshot *snapshot;
    enum store_status status = snapshot_load(invocation_db(i), 0, &snapshot);
    if (status != STORE_OK)
        return fail_store(i, status, "trust");
    trust_judge_certificate(snapshot, profile, &der, 1, wall_s(), verdict);
    trust_release(&snapshot);
    return STATUS_OK;
}

int certificate_verdict(struct invocation *i, const struct trust_verdict *verdict)
{
    if (verdict->rule == TRUST_OK)
        return STATUS_OK;
    return fail(i, verdict->temporary ? STATUS_UNAVAILABLE : STATUS_BAD_INPUT, "%s : %s (%s)",
                trust_rule_name(verdict->rule),
                LANG(i, trust_rule_sentence_fr(verdict->rule), trust_rule_sentence_en(verdict->rule)), verdict->detail);
}
