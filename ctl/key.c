/* caducee key init|status|rotate|destroy: epochs of master keys (design: "Processes, keys, threads"). Runs on keyd's machine. */
#include "ctl/key.h"
#include "ctl/lists.h"

#include "lib/auth/keyfolder.h"
#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/store/epochs.h"
#include "lib/store/keyd.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 1000 };

/* The user that keyd runs as: [users.role] keyd = …, else caducee-keyd. */
static const struct passwd *keyd_user(const struct conf *conf)
{
    const char *name = "caducee-keyd";
    vec_each (&conf->users_role, pair)
        if (strcmp(pair->key, "keyd") == 0)
            name = pair->value;
    return getpwnam(name);
}

bool key_folder_enter(struct invocation *i)
{
    const char *folder = i->conf->general_key_folder;
    struct stat s;
    if (geteuid() != 0)
        return true;
    const struct passwd *user = keyd_user(i->conf);
    if (stat(folder, &s) != 0) {
        if (!user || mkdir(folder, 0710) != 0 || chown(folder, user->pw_uid, user->pw_gid) != 0 ||
            stat(folder, &s) != 0)
            return fail(i, STATUS_CONFIGURATION,
                        LANG(i, "%s ne peut pas être créé pour l'utilisateur de keyd : %s",
                             "%s cannot be made for keyd's user: %s"),
                        folder, user ? strerror(errno) : "caducee-keyd ?") < 0;
    }
    return s.st_uid == 0 || (setegid(s.st_gid) == 0 && seteuid(s.st_uid) == 0);
}

/* `caducee init` goes on as root after the keys are made. */
static void leave_folder(void)
{
    if (geteuid() != getuid() && (seteuid(getuid()) != 0 || setegid(getgid()) != 0))
        fatal("cannot become uid %u again", (unsigned)getuid());
}

enum store_status key_trace(struct invocation *i, const char *action, const char *answer, const char *detail)
{
    struct trace trace = invocation_trace(i, action);
    trace.answer = answer;
    trace.detail = detail;
    return trace_write(invocation_db(i), &trace);
}

static bool load(struct invocation *i, struct keyfolder *keys)
{
    struct str error;
    str_init(&error, 4096);
    bool good = keyfolder_load(keys, i->conf->general_key_folder, &error);
    if (!good)
        fail(i, STATUS_CONFIGURATION, "%s", error.data);
    str_free(&error);
    return good;
}

static enum store_status publish(struct invocation *i, const struct keyfolder *keys)
{
    struct db *db = invocation_db_as(i, "caducee_keyd");
    const struct epoch *current = keyfolder_epoch(keys, keys->current);
    enum store_status status = epoch_publish(db, current->id, &current->pair.public_half, true);
    return status == STORE_OK ? queue_key_publish(db, &keys->queue.public_half) : status;
}

static int make_keys(struct invocation *i)
{
    struct keyfolder keys;
    struct str error;
    if (!words_end(i) || !key_folder_enter(i))
        return STATUS_USAGE;
    str_init(&error, 4096);
    bool existed = keyfolder_exists(i->conf->general_key_folder);
    if (!keyfolder_create(i->conf->general_key_folder, &error)) {
        int status = fail(i, STATUS_CONFIGURATION, "%s", error.data);
        str_free(&error);
        return status;
    }
    str_free(&error);
    if (!load(i, &keys))
        return STATUS_CONFIGURATION;
    enum store_status stored = publish(i, &keys);
    if (stored == STORE_OK)
        stored = key_trace(i, "key.init", "OK", existed ? "already there" : "made");
    long long current = (long long)keys.current;
    keyfolder_wipe(&keys);
    if (stored != STORE_OK)
        return fail_store(i, stored, LANG(i, "époque", "epoch"));
    say(i,
        LANG(i, "%s : époque %lld en service.\nSauvegardez ce dossier à part de la base : caducee key export",
             "%s: epoch %lld in use.\nBack this folder up apart from the database: caducee key export"),
        i->conf->general_key_folder, current);
    return STATUS_OK;
}

int command_key_init(struct invocation *i)
{
    int status = make_keys(i);
    leave_folder();
    return status;
}

int command_key_status(struct invocation *i)
{
    return words_end(i) ? list_print(i, LISTING_epochs, NULL, 0, NULL) : STATUS_USAGE;
}

/* -- rotate: a new epoch, then each BAL's key opened with the old one and sealed to the new -- */
static bool rewrap_one(struct db *db, const struct keyfolder *keys, const struct wrapped_key *key, size_t *done)
{
    const struct epoch *old = keyfolder_epoch(keys, key->epoch_id), *current = keyfolder_epoch(keys, keys->current);
    struct str opened, sealed;
    str_init_secret(&opened, 256);
    str_init(&sealed, 256);
    struct span wrapped = {(const char *)key->wrapped, key->wrapped_bytes};
    bool good = old && seal_open(&opened, &old->pair, wrapped) && opened.len == KEY_BYTES &&
                seal_to(&sealed, &current->pair.public_half, str_span(&opened));
    if (good) {
        enum store_status status = wrapped_key_replace(db, key, keys->current, str_span(&sealed));
        good = status == STORE_OK || status == STORE_NOT_FOUND; /* not found: another rotation was first */
        *done += status == STORE_OK;
    }
    str_wipe(&opened);
    str_free(&sealed);
    return good;
}

static int rewrap_all(struct invocation *i, const struct keyfolder *keys, size_t *done, size_t *lost)
{
    struct db *db = invocation_db_as(i, "caducee_keyd");
    wrapped_key_list list = {0};
    enum store_status status;
    int64_t after = 0;
    while ((status = wrapped_keys_outside(db, keys->current, after, BATCH, &list)) == STORE_OK && list.len > 0) {
        vec_each (&list, key) {
            *lost += !rewrap_one(db, keys, key, done);
            after = key->bal_id;
        }
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%zu", *done);
    }
    vec_free(&list);
    return status == STORE_OK ? STATUS_OK : fail_store(i, status, LANG(i, "clés des BAL", "keys of BALs"));
}

int command_key_rotate(struct invocation *i)
{
    struct keyfolder keys;
    struct str error;
    size_t done = 0, lost = 0;
    bool resume = take_flag(i, "--resume");
    if (!words_end(i) || !key_folder_enter(i) || !load(i, &keys))
        return STATUS_CONFIGURATION;
    int64_t next = keys.current + !resume;
    keyfolder_wipe(&keys);
    str_init(&error, 4096);
    bool added = resume || keyfolder_add_epoch(i->conf->general_key_folder, next, &error);
    if (!added)
        fail(i, STATUS_CONFIGURATION, "%s", error.data);
    str_free(&error);
    if (!added || !load(i, &keys))
        return STATUS_CONFIGURATION;
    enum store_status stored = publish(i, &keys);
    int status = stored == STORE_OK ? rewrap_all(i, &keys, &done, &lost) : fail_store(i, stored, "epoch");
    keyfolder_wipe(&keys);
    char *detail = xasprintf("epoch=%lld rewrapped=%zu lost=%zu", (long long)next, done, lost);
    stored = key_trace(i, "key.rotate", status == STATUS_OK && !lost ? "OK" : "NO", detail);
    xfree(&detail);
    if (status != STATUS_OK || stored != STORE_OK)
        return status != STATUS_OK ? status : fail_store(i, stored, "trace");
    say(i,
        LANG(i,
             "époque %lld en service, %zu clé(s) réemballée(s), %zu illisible(s) ; la précédente pourra être "
             "détruite après la durée des sauvegardes : caducee key destroy %lld",
             "epoch %lld in use, %zu key(s) re-wrapped, %zu unreadable; the one before may be destroyed after the "
             "backups' retention: caducee key destroy %lld"),
        (long long)next, done, lost, (long long)next - 1);
    return lost ? STATUS_NO : STATUS_OK;
}

/* -- destroy -- */
static int may_destroy(struct invocation *i, int64_t epoch, bool early)
{
    int64_t keys = 0, retired = 0;
    struct db *db = invocation_db_as(i, "caducee_keyd");
    enum store_status status = epoch_retired_at(db, epoch, &retired);
    if (status == STORE_OK)
        status = epoch_in_use(db, epoch, &keys);
    if (status != STORE_OK)
        return fail_store(i, status, LANG(i, "époque", "epoch"));
    if (!retired || keys)
        return fail(i, STATUS_CONFLICT,
                    LANG(i, "l'époque %lld tient encore %lld clé(s) : caducee key rotate d'abord",
                         "epoch %lld still holds %lld key(s): caducee key rotate first"),
                    (long long)epoch, (long long)keys);
    int64_t until = retired + (int64_t)i->conf->retention_backup;
    if (wall_s() < until && !early) {
        struct str date;
        str_init(&date, 64);
        show_date(&date, until);
        int code = fail(i, STATUS_CONFLICT,
                        LANG(i,
                             "des sauvegardes d'avant le retrait existent jusqu'au %s : elles "
                             "deviendraient illisibles (--early pour passer outre)",
                             "backups from before it retired exist until %s: they could no longer be "
                             "read (--early to do it all the same)"),
                        date.data);
        str_free(&date);
        return code;
    }
    return STATUS_OK;
}

int command_key_destroy(struct invocation *i)
{
    bool early = take_flag(i, "--early");
    const char *word = take_word(i);
    struct str error;
    int64_t epoch;
    if (!word || !num_i64(span_of(word), &epoch) || !words_end(i))
        return usage(i, "ÉPOQUE [--early]", "EPOCH [--early]");
    if (!key_folder_enter(i)) /* first: PostgreSQL knows keyd's role by keyd's user */
        return STATUS_CONFIGURATION;
    int status = may_destroy(i, epoch, early);
    if (status != STATUS_OK)
        return status;
    str_init(&error, 4096);
    if (!keyfolder_destroy_epoch(i->conf->general_key_folder, epoch, &error))
        status = fail(i, STATUS_CONFIGURATION, "%s", error.data);
    str_free(&error);
    if (status != STATUS_OK)
        return status;
    enum store_status stored = epoch_destroyed(invocation_db_as(i, "caducee_keyd"), epoch);
    if (stored == STORE_OK)
        stored = key_trace(i, "key.destroy", "OK", word);
    if (stored != STORE_OK)
        return fail_store(i, stored, LANG(i, "époque", "epoch"));
    say(i,
        LANG(i,
             "époque %lld détruite : ce qui a été effacé avant elle ne peut plus être relu, même dans une sauvegarde",
             "epoch %lld destroyed: what was erased before it can no longer be read, not even in a backup"),
        (long long)epoch);
    return STATUS_OK;
}
