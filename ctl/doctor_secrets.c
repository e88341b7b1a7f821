/* Private keys, passwords and API keys: each in a file of its own, which not every account of the machine reads. */
#include "ctl/doctor.h"

#include <string.h>
#include <sys/stat.h>

/* What is wrong goes to `open`, names separated by blanks; a file that is not set is not looked at. */
static void look(struct str *open, const char *path)
{
    struct stat st;
    if (*path && stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IWOTH)))
        str_addf(open, "%s%s", open->len ? " " : "", path);
}

void check_secrets(struct examination *e, struct finding *f)
{
    const struct conf *conf = e->conf;
    const char *const files[] = {conf->tls_private_key,
                                 conf->webmail_psc_client_secret_file,
                                 conf->psc_introspection_secret_file,
                                 conf->psc_introspection_private_key,
                                 conf->directory_password_file,
                                 conf->directory_private_key,
                                 conf->publication_api_key_file};
    struct str open;
    str_init(&open, 4096);
    for (size_t n = 0; n < COUNT(files); n++)
        look(&open, files[n]);
    vec_each (&conf->tls_domains, pair) { /* domain = CERTIFICATE KEY */
        const char *key = strrchr(pair->value, ' ');
        look(&open, key ? key + 1 : "");
    }
    if (open.len) {
        found(f, doctor_is_test(e) ? FINDING_NOTE : FINDING_WRONG,
              LANG(e->i, "lisibles de tous : %s", "readable by everybody: %s"), open.data);
        remedy(f, "chmod o= %s", open.data);
    } else if (*conf->publication_api_key) {
        found(f, doctor_is_test(e) ? FINDING_NOTE : FINDING_WRONG, "%s",
              LANG(e->i, "publication.api_key est dans la configuration, que tous les rôles lisent",
                   "publication.api_key stands in the configuration, which every role reads"));
        remedy(f, "publication.api_key_file (chown caducee-sync, chmod 0600)");
    } else {
        found(f, FINDING_GOOD, "%s",
              LANG(e->i, "chacun dans son fichier, fermé aux autres", "each in its file, closed to others"));
    }
    str_free(&open);
}
