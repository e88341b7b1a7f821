/* Our server certificate's key and request: made once, never over a key that is there. */
#include "ctl/init.h"

#include "lib/net/x509_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the folder's group: the daemons read a key as the accounts that may (caducee-tls). */
static bool give_to_folder(int fd, const char *path)
{
    struct stat folder;
    char *name = xstrdup(path), *slash = strrchr(name, '/');
    if (slash)
        *slash = '\0';
    bool good = geteuid() != 0 || !slash || (stat(name, &folder) == 0 && fchown(fd, (uid_t)-1, folder.st_gid) == 0);
    xfree(&name);
    return good;
}

static bool write_new(const char *path, mode_t mode, struct span text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    bool good = fd >= 0 && give_to_folder(fd, path) && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static int make(struct init *init, const char *key_file, const char *request_file)
{
    struct str key, request, error;
    char *id = xasprintf("3%s", init->answers[INIT_SIRET]);
    struct x509_subject subject = {.common_name = init->answers[INIT_HOSTNAME],
                                   .structure_id = id,
                                   .organization = init->answers[INIT_STRUCTURE],
                                   .state = init->answers[INIT_STATE],
                                   .country = "FR"};
    str_init_secret(&key, 65536);
    str_init(&request, 65536);
    str_init(&error, 4096);
    int status = STATUS_OK;
    if (!x509_request_make(&subject, &key, &request, &error))
        status = fail(init->i, STATUS_BUG, "%s", error.data);
    else if (!write_new(key_file, 0640, str_span(&key)) || !write_new(request_file, 0644, str_span(&request)))
        status = fail(init->i, STATUS_CONFIGURATION, "%s: %s", request_file, strerror(errno));
    else
        fprintf(stderr, "· %s %s\n", request_file,
                LANG(init->i, "(à déposer à l'ANS : gabarit SERV SSL)", "(to hand to the ANS: template SERV SSL)"));
    str_wipe(&key);
    str_free(&request);
    str_free(&error);
    xfree(&id);
    return status;
}

int init_request(struct init *init)
{
    const char *key_file = init->i->conf->tls_private_key;
    if (!*key_file || !*init->answers[INIT_HOSTNAME] || strlen(init->answers[INIT_SIRET]) != 14)
        return STATUS_OK;
    if (access(key_file, F_OK) == 0)
        return STATUS_OK;
    char *request_file = xasprintf("%s.csr", key_file);
    fprintf(stderr, "· %s\n", key_file);
    int status = init->i->dry_run ? STATUS_OK : make(init, key_file, request_file);
    xfree(&request_file);
    return status;
}
