/* The personal certificate by which a named operator logs in to the administration part. */
#include "ctl/certificate.h"

#include "lib/base/text.h"
#include "lib/store/operators.h"

/* What the webmail will ask of it at each log-in: a CA that issues for persons, dates, CRL, profile. */
static int judge(struct invocation *i, const struct str *der)
{
    struct trust_verdict verdict;
    int status = certificate_judge(i, str_span(der), TRUST_PROFILE_PERSON, &verdict);
    return status == STATUS_OK ? certificate_verdict(i, &verdict) : status;
}

static int bind(struct invocation *i, const char *login, const struct certificate *c,
                const struct certificate_names *names)
{
    struct str key;
    str_init(&key, 64);
    must(hex_decode(&key, span_of(c->key_fingerprint)));
    struct operator_certificate o = {.login = login,
                                     .issuer = names->issuer.data,
                                     .subject = names->subject.data,
                                     .subject_shown = names->shown.data,
                                     .key_sha256 = str_span(&key),
                                     .not_after = c->not_after,
                                     .bound_by = i->operator_name};
    struct trace trace = invocation_trace(i, "operator.bind-cert");
    trace.detail = names->shown.data;
    int status = fail_store(i, operator_certificate_put(invocation_db(i), &o, &trace), login);
    str_free(&key);
    return status;
}

static int unbind(struct invocation *i, const char *login, const struct certificate_names *names)
{
    struct trace trace = invocation_trace(i, "operator.unbind-cert");
    trace.detail = names->shown.data;
    return fail_store(i, operator_certificate_end(invocation_db(i), login, names->subject.data, &trace), login);
}

static int run(struct invocation *i, bool binding)
{
    struct certificate c;
    struct certificate_names names;
    struct str der;
    const char *login = take_word(i), *path = take_word(i);
    if (!login || !path || !words_end(i))
        return usage(i, "COMPTE FICHIER", "LOGIN FILE");
    int status = read_certificate(i, path, &der, &c);
    if (status != STATUS_OK)
        return status;
    certificate_names_of(&names, &c);
    status = binding ? judge(i, &der) : STATUS_OK;
    if (status == STATUS_OK)
        status = binding ? bind(i, login, &c, &names) : unbind(i, login, &names);
    certificate_names_free(&names);
    certificate_free(&c);
    str_free(&der);
    return status;
}

int command_operator_bind_cert(struct invocation *i)
{
    return run(i, true);
}

int command_operator_unbind_cert(struct invocation *i)
{
    return run(i, false);
}
