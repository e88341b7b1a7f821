#include "ctl/lists.h"
#include "ctl/whitelist.h"

#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/store/anchors.h"

#include <stdio.h>
#include <string.h>

/* The first certificate of a file. */
static bool keep_first(struct span der, void *arg)
{
    struct str *out = arg;
    return out->len > 0 || str_add_span(out, der);
}

enum store_status remember_own_dn(struct invocation *i)
{
    struct str der, file;
    struct certificate c;
    const char *path = i->conf->tls_certificate;
    FILE *readable = path && *path ? fopen(path, "rb") : NULL;
    if (!readable)
        return STORE_NOT_FOUND; /* the fetcher, which may read it, says it at its start */
    fclose(readable);
    enum store_status status = STORE_INVALID;
    if (!read_file(i, path, 1 << 20, &file))
        return STORE_INVALID;
    str_init(&der, X509_DER_MAX);
    if (certificates_each(str_span(&file), keep_first, &der, NULL) && certificate_decode(&c, str_span(&der), NULL)) {
        status = snapshot_own_dn(invocation_db(i), i->conf->general_hostname, &c.subject);
        (void)anchor_learn_url(invocation_db(i), &c);
        certificate_free(&c);
    }
    str_free(&der);
    str_free(&file);
    return status;
}

struct installing {
    struct invocation *i;
    struct span wanted; /* fingerprint of the file's one CA, or of one among a bundle's */
    struct anchor anchor;
    unsigned installed;
    enum store_status status;
};

/* A CA's certificate says where the CRL of the CA above it is. */
static void learn_url(struct invocation *i, struct span der)
{
    struct certificate c;
    if (!certificate_decode(&c, der, NULL))
        return;
    (void)anchor_learn_url(invocation_db(i), &c);
    certificate_free(&c);
}

static bool install(struct span der, void *arg)
{
    struct installing *n = arg;
    uint8_t digest[SHA256_BYTES];
    struct str hex, error;
    sha256(digest, der);
    str_init(&hex, 64);
    str_init(&error, 512);
    hex_encode(&hex, (struct span){(const char *)digest, sizeof(digest)});
    if (span_eq_nocase(str_span(&hex), n->wanted)) {
        n->anchor.der = der;
        n->status = anchor_add(invocation_db(n->i), &n->anchor, &error);
        n->installed += n->status == STORE_OK;
        learn_url(n->i, der);
        if (error.len)
            (void)fail(n->i, STATUS_BAD_INPUT, "%s", error.data);
    }
    str_free(&hex);
    str_free(&error);
    return true;
}

static bool read_issues(const char *issues, struct anchor *anchor)
{
    struct span rest = span_of(issues ? issues : "root"), one;
    while (span_cut(&rest, ',', &one)) {
        if (span_is(one, "servers"))
            anchor->issues_servers = true;
        else if (span_is(one, "applications"))
            anchor->issues_applications = true;
        else if (span_is(one, "persons"))
            anchor->issues_persons = true;
        else if (!span_is(one, "root"))
            return false;
    }
    return true;
}

/* "AB:CD…" and spaces, as tools print fingerprints, are taken too. */
static bool read_fingerprint(const char *text, struct str *out)
{
    str_init(out, 64);
    for (const char *p = text ? text : ""; *p; p++)
        if (*p != ':' && *p != ' ')
            str_putc(out, *p);
    return out->len == 64 && !out->overflow;
}

static void trace_ca(struct invocation *i, const char *action, const char *detail, enum store_status status)
{
    struct trace trace = invocation_trace(i, action);
    trace.answer = status == STORE_OK ? "OK" : store_status_name(status);
    trace.detail = detail;
    (void)trace_write(invocation_db(i), &trace);
}

int command_trust_import_ca(struct invocation *i)
{
    struct installing n = {.i = i, .status = STORE_OK};
    const char *fingerprint = take_option(i, "--sha256"), *issues = take_option(i, "--issues");
    n.anchor.crl_url = take_option(i, "--crl");
    n.anchor.ocsp_url = take_option(i, "--ocsp");
    const char *path = take_word(i);
    struct str wanted, file, error;
    if (!path || !read_issues(issues, &n.anchor) || !words_end(i))
        return usage(i, "un fichier ; --issues root, servers, applications ou persons",
                     "a file; --issues root, servers, applications or persons");
    if (!read_fingerprint(fingerprint, &wanted))
        return usage(i, "--sha256 : l'empreinte (64 chiffres hexadécimaux) obtenue par une autre voie",
                     "--sha256: the fingerprint (64 hex digits), got by another way");
    if (!read_file(i, path, 1 << 20, &file))
        return STATUS_BAD_INPUT;
    n.wanted = str_span(&wanted);
    n.anchor.environment = i->conf->general_environment;
    n.anchor.installed_by = i->operator_name;
    str_init(&error, 512);
    int status = STATUS_OK;
    if (!certificates_each(str_span(&file), install, &n, &error))
        status = fail(i, STATUS_BAD_INPUT, "%s : %s", path, error.data);
    else if (n.status == STORE_CONFLICT)
        status = fail(
            i, STATUS_CONFLICT, "%s",
            LANG(i, "des autorités de l'autre environnement sont installées : test et production ne se mêlent jamais",
                 "CAs of the other environment are installed: test and production never mix"));
    else if (n.status != STORE_OK)
        status = fail_store(i, n.status, path);
    else if (n.installed == 0)
        status = fail(i, STATUS_BAD_INPUT, "%s : %s", path,
                      LANG(i, "aucun certificat de cette empreinte ; rien n'est installé",
                           "no certificate of that fingerprint; nothing was installed"));
    else
        say(i, LANG(i, "autorité installée : %s", "CA installed: %s"), wanted.data);
    trace_ca(i, "trust.import-ca", wanted.data, status == STATUS_OK ? STORE_OK : STORE_INVALID);
    if (status == STATUS_OK)
        (void)remember_own_dn(i);
    str_free(&wanted);
    str_free(&file);
    str_free(&error);
    return status;
}

int command_trust_remove_ca(struct invocation *i)
{
    const char *word = take_word(i);
    struct str wanted;
    if (!words_end(i) || !read_fingerprint(word, &wanted))
        return usage(i, "l'empreinte SHA-256 (caducee trust list)", "the SHA-256 fingerprint (caducee trust list)");
    for (size_t n = 0; n < wanted.len; n++)
        if (wanted.data[n] >= 'A' && wanted.data[n] <= 'F')
            wanted.data[n] = (char)(wanted.data[n] + 32);
    enum store_status status = anchor_remove(invocation_db(i), wanted.data);
    trace_ca(i, "trust.remove-ca", wanted.data, status);
    str_free(&wanted);
    return fail_store(i, status, word);
}

int command_trust_import_crl(struct invocation *i)
{
    const char *path = take_word(i);
    struct str file, error;
    struct crl_result result;
    if (!path || !words_end(i))
        return usage(i, "un fichier", "a file");
    if (!read_file(i, path, X509_CRL_MAX, &file))
        return STATUS_BAD_INPUT;
    str_init(&error, 512);
    enum store_status status = crl_import(invocation_db(i), str_span(&file), NULL, wall_s(), &result, &error);
    if (status == STORE_OK)
        say(i, LANG(i, "CRL de %s : %llu révoqués%s", "CRL of %s: %llu revoked%s"), result.ca,
            (unsigned long long)result.entries,
            result.newer ? "" : LANG(i, " (déjà connue, ou plus ancienne)", " (known already, or older)"));
    trace_ca(i, "trust.import-crl", path, status);
    int exit_status = status == STORE_OK ? STATUS_OK
                      : error.len        ? fail(i, STATUS_BAD_INPUT, "%s : %s", path, error.data)
                                         : fail_store(i, status, path);
    str_free(&file);
    str_free(&error);
    return exit_status;
}

int command_trust_list(struct invocation *i)
{
    return words_end(i) ? list_print(i, LISTING_cas, NULL, 0, NULL) : STATUS_USAGE;
}

int command_trust_crl(struct invocation *i)
{
    const char *verb = take_word(i), *ca = take_word(i);
    const char *hours_text = take_option(i, "--hours"), *why = take_option(i, "--reason");
    uint32_t hours;
    if (!verb || !span_is(span_of(verb), "extend") || !ca || !why || !hours_text || !words_end(i) ||
        !num_u32(span_of(hours_text), 72, &hours) || hours == 0)
        return usage(i, "extend AUTORITÉ --hours 1…72 --reason TEXTE", "extend CA --hours 1…72 --reason TEXT");
    enum store_status status = crl_extend(invocation_db(i), ca, hours, why);
    struct str detail;
    str_init(&detail, 2048);
    str_addf(&detail, "%.500s: %u h: %.1000s", ca, hours, why);
    trace_ca(i, "trust.crl-extend", detail.data, status);
    str_free(&detail);
    if (status == STORE_OK)
        say(i, LANG(i, "CRL prolongée de %u h", "CRL prolonged by %u h"), hours);
    return fail_store(i, status, ca);
}

int command_trust_client_eku(struct invocation *i)
{
    const char *word = take_word(i);
    struct str now;
    if (!words_end(i) || (word && !span_is(span_of(word), "required") && !span_is(span_of(word), "any")))
        return usage(i, "required ou any", "required or any");
    if (word) {
        enum store_status status = setting_write(invocation_db(i), "trust.client_eku", word);
        trace_ca(i, "trust.client-eku", word, status);
        return fail_store(i, status, word);
    }
    str_init(&now, 64);
    enum store_status status = setting_read(invocation_db(i), "trust.client_eku", &now);
    if (status == STORE_OK || status == STORE_NOT_FOUND)
        say(i, "%s", now.len ? now.data : "any");
    int exit_status = status == STORE_NOT_FOUND ? STATUS_OK : fail_store(i, status, "trust.client_eku");
    str_free(&now);
    return exit_status;
}
