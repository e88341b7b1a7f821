/* Checks of this machine: clamd's limits and where it writes, time synchronisation, versions, daemons older than their program. */
#include "ctl/doctor.h"

#include "lib/base/clamd.h"
#include "lib/base/crypto.h"
#include "lib/base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { TMPFS_KIND = 0x01021994, RAMFS_KIND = 0x858458f6U & 0x7fffffff };

static bool on_memory(const char *folder)
{
    struct statfs s;
    return statfs(folder, &s) == 0 && (s.f_type == TMPFS_KIND || (s.f_type & 0x7fffffff) == RAMFS_KIND);
}

/* -- clamd -- */
/* clamd passes what it has not read to the end as clean: its limits must be ours at least. */
static void judge_limits(struct examination *e, struct finding *f, struct span text)
{
    uint64_t ours = e->conf->smtpd_message_size, size;
    const char *name = clamd_limit_below(text, ours, &size);
    if (!name) {
        found(f, FINDING_GOOD, LANG(e->i, "au moins nos %llu Mio", "at least our %llu MiB"),
              (unsigned long long)(ours >> 20));
        return;
    }
    found(f, FINDING_WRONG,
          LANG(e->i, "%s de clamd : %llu octets, nos messages : %llu", "clamd's %s: %llu bytes, our messages: %llu"),
          name, (unsigned long long)size, (unsigned long long)ours);
    remedy(f, "%s : %s %lluM", e->conf->antivirus_configuration, name, (unsigned long long)(ours >> 20) + 1);
}

void check_antivirus_limits(struct examination *e, struct finding *f)
{
    struct str text;
    str_init(&text, 1 << 20);
    if (!e->conf->antivirus_on)
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "antivirus désactivé", "antivirus turned off"));
    else if (!file_read(&text, e->conf->antivirus_configuration, NULL))
        found(f, FINDING_ABSENT, LANG(e->i, "%s n'est pas lisible d'ici", "%s cannot be read from here"),
              e->conf->antivirus_configuration);
    else
        judge_limits(e, f, str_span(&text));
    str_free(&text);
}

/* What clamd unpacks is a patient's document in clear: never on a disk. */
void check_spools(struct examination *e, struct finding *f)
{
    struct str text;
    char folder[256] = "/tmp";
    str_init(&text, 1 << 20);
    bool readable = file_read(&text, e->conf->antivirus_configuration, NULL);
    if (readable)
        (void)clamd_value(str_span(&text), "TemporaryDirectory", folder);
    str_free(&text);
    const char *const folders[] = {e->conf->general_run_folder, readable && e->conf->antivirus_on ? folder : NULL};
    found(f, FINDING_GOOD, "%s", LANG(e->i, "en mémoire", "in memory"));
    for (size_t n = 0; n < COUNT(folders); n++) {
        if (!folders[n] || on_memory(folders[n]))
            continue;
        found(f, doctor_is_test(e) ? FINDING_NOTE : FINDING_WRONG, LANG(e->i, "%s est sur disque", "%s is on a disk"),
              folders[n]);
        remedy(f, "mount -t tmpfs -o mode=0700,size=1G,noswap tmpfs %s (/etc/fstab)", folders[n]);
        return;
    }
}

/* -- time -- */
void check_time_sync(struct examination *e, struct finding *f)
{
    struct timex t = {.modes = 0};
    int state = adjtimex(&t);
    bool good = state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
    if (good) {
        found(f, FINDING_GOOD, LANG(e->i, "synchronisée, erreur de %ld ms au plus", "synchronised, %ld ms off at most"),
              (long)(t.maxerror / 1000));
        return;
    }
    found(f, doctor_is_test(e) ? FINDING_NOTE : FINDING_WRONG, "%s",
          LANG(e->i, "le noyau ne connaît aucune source de temps", "the kernel knows no source of time"));
    remedy(f, "apt install chrony; chronyc tracking");
}

/* -- versions -- */
void check_versions(struct examination *e, struct finding *f)
{
    found(f, FINDING_GOOD, "caducee 0.1, PostgreSQL %s, %s, schéma %s",
          health(e, "setting.server_version") ? health(e, "setting.server_version") : "?", crypto_library(),
          health(e, "schema") ? health(e, "schema") : "?");
    if (e->database && health_number(e, "setting.server_version_num") < 150000) {
        found(f, FINDING_WRONG, "PostgreSQL %s", health(e, "setting.server_version"));
        remedy(f, "%s", LANG(e->i, "PostgreSQL 15 au moins", "PostgreSQL 15 at least"));
    }
}

/* A daemon whose program was replaced runs the old one until it is restarted. */
static bool runs_replaced(const char *pid, char name[256])
{
    char *path = xasprintf("/proc/%s/exe", pid);
    ssize_t n = readlink(path, name, 255);
    xfree(&path);
    if (n <= 0)
        return false;
    name[n] = '\0';
    char *gone = strstr(name, " (deleted)"), *base = strrchr(name, '/');
    bool ours = base && strncmp(base, "/caducee-", 9) == 0;
    if (!ours || !gone)
        return false;
    *gone = '\0';
    memmove(name, base + 1, strlen(base));
    return true;
}

void check_replaced(struct examination *e, struct finding *f)
{
    DIR *folder = opendir("/proc");
    char name[256], old[256] = "";
    for (struct dirent *one; folder && (one = readdir(folder));)
        if (*one->d_name >= '1' && *one->d_name <= '9' && runs_replaced(one->d_name, name))
            memcpy(old, name, sizeof(old));
    if (folder)
        closedir(folder);
    if (!*old) {
        found(f, FINDING_GOOD, "%s", LANG(e->i, "les services sont ceux installés", "services run what is installed"));
        return;
    }
    found(f, FINDING_NOTE, LANG(e->i, "%s a été remplacé et tourne encore", "%s was replaced and still runs"), old);
    remedy(f, "systemctl restart %s", old);
}

void check_grants(struct examination *e, struct finding *f)
{
    const char *open = health(e, "grants.open");
    if (!e->database)
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "la base ne répond pas", "the database does not answer"));
    else if (!open)
        found(f, FINDING_GOOD, "%s",
              LANG(e->i, "le courrier et les clés ne sont lisibles que de qui les sert",
                   "mail and keys are readable by who serves them only"));
    else {
        found(f, FINDING_WRONG, LANG(e->i, "de trop : %s", "too many: %s"), open);
        remedy(f, "REVOKE … (schema/*.sql)");
    }
}
