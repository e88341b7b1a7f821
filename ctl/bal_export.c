/* caducee bal export: a BAL's messages as one mbox, written only encrypted to a given certificate (CMS).
 *
 * No operator opens a BAL: the key comes from keyd, for a Pro Santé Connect token of whoever consents — the holder of a PER
 * BAL, who manages a shared one, or a person with an exceptional access (two persons, a reason, an end). keyd verifies that
 * token and traces the grant; nothing here could do without it.
 */
#include "ctl/bal.h"
#include "ctl/export.h"

#include "lib/auth/keyd.h"
#include "lib/base/crypto.h"
#include "lib/base/file.h"
#include "lib/net/x509_cms.h"
#include "lib/store/exceptional.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct export_words {
    const char *token_file, *path;
    struct str certificates, shown; /* the recipients', PEM; their names, for the trace */
};

/* Asks keyd as imapd does: under the account of role imap, the only one that keyd answers such a question. */
static bool become_imap(struct invocation *i)
{
    const char *name = "caducee-imap";
    if (geteuid() != 0)
        return true;
    vec_each (&i->conf->users_role, pair)
        if (strcmp(pair->key, "imap") == 0)
            name = pair->value;
    const struct passwd *user = getpwnam(name);
    if (user && initgroups(name, user->pw_gid) == 0 && setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0)
        return true;
    (void)fail(i, STATUS_CONFIGURATION, LANG(i, "l'utilisateur %s manque", "there is no user %s"), name);
    return false;
}

static int open_bal(struct invocation *i, const struct bal *bal, struct str *token, struct keyd_grant *grant)
{
    char *socket = xasprintf("%s/keyd.sock", i->conf->general_run_folder);
    struct keyd_client *keyd = keyd_client_new(socket);
    enum keyd_outcome outcome = keyd_by_token(keyd, span_trim(str_span(token)), span_of(bal->address), true, "export",
                                              i->operator_name, SPAN_NONE, grant);
    keyd_client_destroy(&keyd);
    xfree(&socket);
    if (outcome == KEYD_OK)
        return STATUS_OK;
    return fail(i, outcome == KEYD_REFUSED ? STATUS_REFUSED : STATUS_UNAVAILABLE, "%s : %s (%s)", bal->address,
                LANG(i, "keyd refuse de l'ouvrir", "keyd refuses to open it"),
                *grant->reason ? grant->reason : LANG(i, "keyd ne répond pas", "keyd does not answer"));
}

/* mssante.md: sharing a PER BAL belongs to its holder; export follows the same rule. */
static int check_consent(struct invocation *i, const struct bal *bal, const struct keyd_grant *grant)
{
    bool exceptional = false;
    enum store_status status = exceptional_holds(invocation_db(i), bal->id, grant->person_id, &exceptional);
    if (status != STORE_OK)
        return fail_store(i, status, bal->address);
    bool owns = grant->role == KEYD_ROLE_OWNER || (bal->kind != BAL_PER && grant->role == KEYD_ROLE_MANAGER);
    if (owns || exceptional)
        return STATUS_OK;
    return fail(
        i, STATUS_REFUSED,
        LANG(i,
             "%s n'est ni titulaire ni gestionnaire de %s, et n'a pas d'accès exceptionnel : un partage ne "
             "permet pas d'exporter",
             "%s neither holds nor manages %s, and has no exceptional access: a share does not allow an export"),
        grant->person_name, bal->address);
}

static enum store_status trace_export(struct invocation *i, const struct bal *bal, const struct keyd_grant *grant,
                                      const char *action, const char *answer, const char *detail)
{
    struct trace trace = invocation_trace(i, action);
    trace.answer = answer;
    trace.bal_id = bal->id;
    trace.structure_id = bal->structure_id;
    trace.person_id = grant->person_id;
    trace.detail = detail;
    return trace_write(invocation_db_as(i, "caducee_imapd"), &trace);
}

static int write_export(struct invocation *i, const struct bal *bal, struct keyd_grant *grant,
                        const struct export_words *w, int fd)
{
    struct str error;
    struct export_tally tally = {.messages = 0};
    str_init(&error, 1024);
    struct cms_writer *writer = cms_writer_new(fd, str_span(&w->certificates), &error);
    if (!writer) {
        int status = fail(i, STATUS_BAD_INPUT, "%s", error.data);
        str_free(&error);
        return status;
    }
    str_free(&error);
    /* what is about to happen is in the trace before the first byte */
    enum store_status status = trace_export(i, bal, grant, "bal.export", "OK", w->shown.data);
    bool seen_apart = bal->kind == BAL_ORG || bal->kind == BAL_CAB;
    struct mailbox *mailbox = mailbox_open(bal, &grant->key, grant->person_id, seen_apart);
    if (status == STORE_OK)
        status = export_mailbox(i, mailbox, writer, &tally);
    mailbox_close(&mailbox);
    bool written = cms_finish(&writer) && fsync(fd) == 0;
    char *words = xasprintf("%llu messages, %llu octets, %llu illisibles", (unsigned long long)tally.messages,
                            (unsigned long long)tally.bytes, (unsigned long long)tally.damaged);
    enum store_status traced =
        trace_export(i, bal, grant, "bal.export.end", status == STORE_OK && written ? "OK" : "NO", words);
    xfree(&words);
    if (status != STORE_OK || traced != STORE_OK)
        return fail_store(i, status != STORE_OK ? status : traced, bal->address);
    if (!written)
        return fail(i, STATUS_BAD_INPUT, LANG(i, "%s : écriture impossible", "%s: cannot be written"), w->path);
    export_report(i, &tally, w->path);
    return tally.damaged ? STATUS_NO : STATUS_OK;
}

/* The file is made by whoever called (sudo's root), 0600, before rights are given up; never over another file. */
static int export_to_file(struct invocation *i, const struct bal *bal, struct str *token, const struct export_words *w)
{
    struct keyd_grant grant;
    int fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(i, STATUS_BAD_INPUT, "%s : %s", w->path, strerror(errno));
    db_destroy(&i->db);
    int status = become_imap(i) ? STATUS_OK : STATUS_CONFIGURATION;
    if (status == STATUS_OK) {
        (void)invocation_db_as(i, "caducee_imapd");
        status = open_bal(i, bal, token, &grant);
    }
    if (status == STATUS_OK) {
        status = check_consent(i, bal, &grant);
        if (status != STATUS_OK)
            (void)!trace_export(i, bal, &grant, "bal.export", "NO", w->shown.data);
        if (status == STATUS_OK)
            status = write_export(i, bal, &grant, w, fd);
        crypto_wipe(&grant, sizeof(grant));
    }
    close(fd);
    if (status != STATUS_OK && status != STATUS_NO)
        (void)unlink(w->path); /* nothing readable is in it, and nothing whole */
    return status;
}

/* Each --to is a certificate: any one of these people opens the file. */
static int take_recipients(struct invocation *i, struct export_words *w)
{
    const char *path;
    int status = STATUS_USAGE;
    while ((path = take_option(i, "--to"))) {
        struct str file;
        if (!read_file(i, path, 1 << 20, &file))
            return STATUS_BAD_INPUT;
        str_add_span(&w->certificates, str_span(&file));
        str_putc(&w->certificates, '\n');
        status = export_name_recipients(i, str_span(&file), &w->shown) ? STATUS_OK : STATUS_BAD_INPUT;
        str_free(&file);
        if (status != STATUS_OK)
            return status;
    }
    return status;
}

int command_bal_export(struct invocation *i)
{
    struct export_words w = {.token_file = take_option(i, "--token-file")};
    struct bal bal;
    struct str token, error;
    str_init(&w.certificates, 4 << 20);
    str_init(&w.shown, 16384);
    str_init_secret(&token, 64 << 10);
    str_init(&error, 1024);
    int status, named = take_recipients(i, &w);
    if (take_bal(i, &bal, &status)) {
        w.path = take_word(i);
        if (!w.path || !w.token_file || named == STATUS_USAGE || !words_end(i))
            status = usage(i, "ADRESSE FICHIER --to CERT.pem --token-file JETON (d'un titulaire qui consent)",
                           "ADDRESS FILE --to CERT.pem --token-file TOKEN (of a holder who consents)");
        else if (named != STATUS_OK)
            status = named;
        else if (!secret_read(&token, w.token_file, &error))
            status = fail(i, STATUS_BAD_INPUT, "%s", error.data);
        else
            status = export_to_file(i, &bal, &token, &w);
    }
    str_free(&w.certificates);
    str_free(&w.shown);
    str_wipe(&token);
    str_free(&error);
    return status;
}
