/* caducee key export|verify|import: the key folder, sealed so that any k of n named persons open it together.
 *
 *     caducee-key-export 1
 *     shares K N
 *     share NUMBER <base64 of a CMS message to that person's certificate>
 *     folder <base64: the packed folder under the key that the shares give>
 */
#include "ctl/key.h"

#include "lib/auth/keyfolder.h"
#include "lib/base/clock.h"
#include "lib/base/crypto.h"
#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/net/x509_cms.h"
#include "lib/store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXPORT_MAX = 128 << 20, FILE_MAX = 1 << 20 };
static const char AAD[] = "caducee key export 1";

static int refuse(struct invocation *i, const struct str *error)
{
    return fail(i, STATUS_BAD_INPUT, "%s", error->len ? error->data : LANG(i, "export refusé", "export refused"));
}

static bool add_share(struct invocation *i, struct str *out, const char *certificate_file,
                      const struct key_share *share, struct str *error)
{
    struct str certificate, sealed;
    str_init(&certificate, FILE_MAX);
    str_init(&sealed, FILE_MAX);
    bool good =
        read_file(i, certificate_file, FILE_MAX, &certificate) &&
        cms_seal(&sealed, str_span(&certificate), (struct span){(const char *)share->value.b, KEY_BYTES}, error);
    good = good && str_addf(out, "share %u ", share->number) && base64_encode(out, str_span(&sealed)) &&
           str_putc(out, '\n');
    str_free(&certificate);
    str_free(&sealed);
    return good;
}

static bool build(struct invocation *i, const char *const *certificates, unsigned n, unsigned k, struct str *out,
                  struct str *error)
{
    struct key key;
    struct key_share shares[SHARES_MAX];
    struct str packed, sealed;
    str_init_secret(&packed, EXPORT_MAX);
    str_init(&sealed, EXPORT_MAX);
    crypto_random(&key, sizeof(key));
    bool good = key_split(&key, k, n, shares) && keyfolder_pack(&packed, i->conf->general_key_folder, error);
    str_addf(out, "caducee-key-export 1\nshares %u %u\n", k, n);
    for (unsigned s = 0; s < n && good; s++)
        good = add_share(i, out, certificates[s], &shares[s], error);
    good = good && gcm_seal(&sealed, &key, span_of(AAD), str_span(&packed)) && str_puts(out, "folder ") &&
           base64_encode(out, str_span(&sealed)) && str_putc(out, '\n');
    crypto_wipe(&key, sizeof(key));
    crypto_wipe(shares, sizeof(shares));
    str_wipe(&packed);
    str_free(&sealed);
    return good;
}

static bool write_new(const char *path, struct span bytes, struct str *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fsync(fd) == 0;
    if (!good)
        str_addf(error, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return good;
}

int command_key_export(struct invocation *i)
{
    const char *certificates[SHARES_MAX], *word, *least = take_option(i, "-k");
    unsigned n = 0;
    uint32_t k = 1;
    while (n < SHARES_MAX && (word = take_option(i, "--to")))
        certificates[n++] = word;
    const char *path = take_word(i);
    if (!path || !n || (least && !num_u32(span_of(least), n, &k)) || !k || !words_end(i))
        return usage(i, "FICHIER --to CERT.pem [--to …] [-k COMBIEN]", "FILE --to CERT.pem [--to …] [-k HOW-MANY]");
    struct str out, error;
    str_init(&out, EXPORT_MAX);
    str_init(&error, 4096);
    bool good = build(i, certificates, n, k, &out, &error) && write_new(path, str_span(&out), &error);
    int status = good ? STATUS_OK : refuse(i, &error);
    char *detail = xasprintf("k=%u n=%u", k, n);
    if (status == STATUS_OK)
        status = fail_store(i, key_trace(i, "key.export", "OK", detail), "trace");
    xfree(&detail);
    if (status == STATUS_OK)
        say(i,
            LANG(i, "%s : %u personne(s) sur %u l'ouvrent ensemble. Vérifiez-le maintenant : caducee key verify",
                 "%s: %u person(s) of %u open it together. Verify it now: caducee key verify"),
            path, k, n);
    str_free(&out);
    str_free(&error);
    return status;
}

/* -- opening -- */
struct opening {
    struct key_share shares[SHARES_MAX];
    unsigned have;
    uint32_t k, n;
    struct str folder; /* packed */
};

static void try_share(struct opening *o, struct span line, const struct str *keys, size_t key_count)
{
    struct span number;
    uint32_t value;
    struct str sealed, plain, error;
    str_init(&sealed, FILE_MAX);
    str_init(&error, 4096);
    bool good = span_cut(&line, ' ', &number) && num_u32(number, SHARES_MAX, &value) && base64_decode(&sealed, line);
    for (size_t n = 0; good && n < key_count && o->have < SHARES_MAX; n++) {
        str_init_secret(&plain, FILE_MAX);
        if (cms_open(&plain, str_span(&keys[n]), str_span(&sealed), &error) && plain.len == KEY_BYTES) {
            o->shares[o->have].number = (uint8_t)value;
            memcpy(o->shares[o->have++].value.b, plain.data, KEY_BYTES);
            n = key_count;
        }
        str_wipe(&plain);
        str_clear(&error);
    }
    str_free(&sealed);
    str_free(&error);
}

static bool open_folder(struct opening *o, struct span sealed_text)
{
    struct key key;
    struct str sealed;
    str_init(&sealed, EXPORT_MAX);
    bool good = o->have >= o->k && key_join(&key, o->shares, o->k) && base64_decode(&sealed, sealed_text) &&
                gcm_open(&o->folder, &key, span_of(AAD), str_span(&sealed));
    crypto_wipe(&key, sizeof(key));
    str_free(&sealed);
    return good;
}

static bool read_export(struct opening *o, struct span text, const struct str *keys, size_t key_count)
{
    struct span line, word;
    if (!span_cut(&text, '\n', &line) || !span_is(line, "caducee-key-export 1"))
        return false;
    while (span_cut(&text, '\n', &line)) {
        if (!span_cut(&line, ' ', &word))
            return false;
        if (span_is(word, "shares")) {
            if (!span_cut(&line, ' ', &word) || !num_u32(word, SHARES_MAX, &o->k) || !num_u32(line, SHARES_MAX, &o->n))
                return false;
        } else if (span_is(word, "share"))
            try_share(o, line, keys, key_count);
        else if (span_is(word, "folder"))
            return o->k > 0 && open_folder(o, line);
    }
    return false;
}

/* FILE --key PRIVATE.pem … : gives the packed folder, or says what is missing. */
static int open_export(struct invocation *i, struct opening *o)
{
    struct str keys[SHARES_MAX], text;
    const char *word;
    size_t count = 0;
    int status = STATUS_OK;
    str_init(&text, EXPORT_MAX);
    while (count < SHARES_MAX && status == STATUS_OK && (word = take_option(i, "--key"))) {
        str_init_secret(&keys[count], FILE_MAX);
        if (!read_file(i, word, FILE_MAX, &keys[count++]))
            status = STATUS_BAD_INPUT;
    }
    const char *path = take_word(i);
    if (status == STATUS_OK && (!path || !count || !words_end(i)))
        status = usage(i, "FICHIER --key CLÉ.pem [--key …]", "FILE --key KEY.pem [--key …]");
    if (status == STATUS_OK && !read_file(i, path, EXPORT_MAX, &text))
        status = STATUS_BAD_INPUT;
    if (status == STATUS_OK && !read_export(o, str_span(&text), keys, count))
        status = fail(i, STATUS_NO,
                      LANG(i, "l'export ne s'ouvre pas : %u part(s) ouverte(s), %u nécessaires",
                           "the export does not open: %u share(s) opened, %u needed"),
                      o->have, o->k);
    for (size_t n = 0; n < count; n++)
        str_wipe(&keys[n]);
    str_free(&text);
    return status;
}

static void opening_wipe(struct opening *o)
{
    crypto_wipe(o->shares, sizeof(o->shares));
    str_wipe(&o->folder);
}

int command_key_verify(struct invocation *i)
{
    struct opening o = {.have = 0};
    struct str here, error, today;
    str_init_secret(&o.folder, EXPORT_MAX);
    str_init_secret(&here, EXPORT_MAX);
    str_init(&error, 4096);
    str_init(&today, 64);
    int status = open_export(i, &o);
    if (status == STATUS_OK && !keyfolder_pack(&here, i->conf->general_key_folder, &error))
        status = refuse(i, &error);
    if (status == STATUS_OK && !span_eq(str_span(&here), str_span(&o.folder)))
        status = fail(i, STATUS_NO, "%s",
                      LANG(i, "l'export s'ouvre, mais le dossier a changé depuis : exportez de nouveau",
                           "the export opens, but the folder has changed since: export again"));
    if (status == STATUS_OK) {
        clock_iso8601(&today, wall_s());
        enum store_status stored = setting_write(invocation_db(i), "key.export_verified", today.data);
        status = fail_store(i, stored == STORE_OK ? key_trace(i, "key.verify", "OK", NULL) : stored, "setting");
    }
    if (status == STATUS_OK)
        say(i, "%s",
            LANG(i, "l'export s'ouvre et rend exactement ce dossier",
                 "the export opens and gives this very folder back"));
    opening_wipe(&o);
    str_wipe(&here);
    str_free(&error);
    str_free(&today);
    return status;
}

int command_key_import(struct invocation *i)
{
    struct opening o = {.have = 0};
    struct str error;
    str_init_secret(&o.folder, EXPORT_MAX);
    str_init(&error, 4096);
    int status = open_export(i, &o);
    if (status == STATUS_OK && !key_folder_enter(i))
        status = STATUS_CONFIGURATION;
    if (status == STATUS_OK && !keyfolder_unpack(str_span(&o.folder), i->conf->general_key_folder, &error))
        status = refuse(i, &error);
    if (status == STATUS_OK)
        say(i,
            LANG(i, "clés rétablies dans %s ; au démarrage, keyd rejoue le journal des effacements",
                 "keys restored in %s; at its start keyd replays the erasure journal"),
            i->conf->general_key_folder);
    opening_wipe(&o);
    str_free(&error);
    return status;
}
