/* libsasl2, started: no configuration file, no plug-in from the disk (seccomp, and nobody else's code near a token); our
 * mechanisms are added after sasl_server_init() — before it, libsasl2 2.1.28 crashes — and an auxprop plug-in that knows
 * nothing, without which every mechanism fails.
 */
#include "lib/auth/sasl_private.h"

#include <pthread.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <string.h>

enum { LIBRARY_CONTINUE = SASL_CONTINUE };
#undef SASL_CONTINUE /* ours has the name */
#include "lib/auth/sasl.h"

static _Thread_local struct sasl_handed *handed_here;

void sasl_hand_over_to(struct sasl_handed *handed)
{
    handed_here = handed;
}

void sasl_handed_init(struct sasl_handed *handed)
{
    *handed = (struct sasl_handed){.claim = {.token = SPAN_NONE}};
    str_init(&handed->identity, 2048);
}

void sasl_handed_free(struct sasl_handed *handed)
{
    str_free(&handed->identity);
}

/* ---- the mechanism ---- */

typedef bool reader(struct span, struct str *, struct sasl_token *);

static int mechanism_new(void *reads, sasl_server_params_t *params, const char *challenge, unsigned length,
                         void **context)
{
    (void)params;
    (void)challenge;
    (void)length;
    *context = reads;
    return SASL_OK;
}

static int mechanism_step(void *context, sasl_server_params_t *params, const char *in, unsigned in_bytes,
                          const char **out, unsigned *out_bytes, sasl_out_params_t *result)
{
    reader *const *read = context;
    *out = NULL;
    *out_bytes = 0;
    if (!in)
        return LIBRARY_CONTINUE; /* an empty challenge: the client speaks first */
    if (!handed_here || !(*read)((struct span){in, in_bytes}, &handed_here->identity, &handed_here->claim))
        return SASL_BADPROT;
    int status = params->canon_user(params->utils->conn, SASL_TOKEN_ID, 0, SASL_CU_AUTHID | SASL_CU_AUTHZID, result);
    if (status != SASL_OK)
        return status;
    result->doneflag = 1;
    result->mech_ssf = 0;
    return SASL_OK;
}

/* Nothing is kept; but libsasl2 calls it without looking when a step fails. */
static void mechanism_dispose(void *context, const sasl_utils_t *utils)
{
    (void)context;
    (void)utils;
}

static reader *const read_oauthbearer = sasl_read_oauthbearer, *const read_xoauth2 = sasl_read_xoauth2;

static const sasl_server_plug_t mechanisms[] = {
    {.mech_name = "OAUTHBEARER",
     .security_flags = SASL_SEC_NOANONYMOUS,
     .features = SASL_FEAT_WANT_CLIENT_FIRST,
     .glob_context = (void *)&read_oauthbearer,
     .mech_new = mechanism_new,
     .mech_step = mechanism_step,
     .mech_dispose = mechanism_dispose},
    {.mech_name = "XOAUTH2",
     .security_flags = SASL_SEC_NOANONYMOUS,
     .features = SASL_FEAT_WANT_CLIENT_FIRST,
     .glob_context = (void *)&read_xoauth2,
     .mech_new = mechanism_new,
     .mech_step = mechanism_step,
     .mech_dispose = mechanism_dispose},
};

static int give_mechanisms(const sasl_utils_t *utils, int max_version, int *version, sasl_server_plug_t **list,
                           int *count)
{
    (void)utils;
    if (max_version < SASL_SERVER_PLUG_VERSION)
        return SASL_BADVERS;
    *version = SASL_SERVER_PLUG_VERSION;
    *list = (sasl_server_plug_t *)(void *)(uintptr_t)mechanisms;
    *count = (int)COUNT(mechanisms);
    return SASL_OK;
}

static int no_properties(void *global, sasl_server_params_t *params, unsigned flags, const char *user, unsigned length)
{
    (void)global;
    (void)params;
    (void)flags;
    (void)user;
    (void)length;
    return SASL_OK;
}

static int give_properties(const sasl_utils_t *utils, int max_version, int *version, sasl_auxprop_plug_t **plug,
                           const char *name)
{
    static char plug_name[] = "caducee";
    static sasl_auxprop_plug_t nothing = {.auxprop_lookup = no_properties, .name = plug_name};
    (void)utils;
    (void)name;
    if (max_version < SASL_AUXPROP_PLUG_VERSION)
        return SASL_BADVERS;
    *version = SASL_AUXPROP_PLUG_VERSION;
    *plug = &nothing;
    return SASL_OK;
}

/* ---- the library ---- */

static int option(void *context, const char *plugin, const char *name, const char **value, unsigned *length)
{
    static const char *const options[][2] = {
        {"mech_list", "EXTERNAL OAUTHBEARER XOAUTH2"}, {"auxprop_plugin", "caducee"}, {"log_level", "0"}};
    (void)context;
    (void)plugin;
    for (size_t i = 0; i < COUNT(options); i++)
        if (span_is(span_of(name), options[i][0])) {
            *value = options[i][1];
            if (length)
                *length = (unsigned)strlen(options[i][1]);
            return SASL_OK;
        }
    return SASL_FAIL;
}

static int nowhere(void *context, const char **path)
{
    (void)context;
    *path = "/nonexistent";
    return SASL_OK;
}

static int refuse_file(void *context, const char *file, sasl_verify_type_t type)
{
    (void)context;
    (void)file;
    (void)type;
    return LIBRARY_CONTINUE;
}

static int say_nothing(void *context, int level, const char *message)
{
    (void)context;
    (void)level;
    (void)message; /* it may hold what a client sent */
    return SASL_OK;
}

/* Who may act as whom is keyd's to say. */
static int keyd_decides(sasl_conn_t *conn, void *context, const char *user, unsigned user_length, const char *identity,
                        unsigned identity_length, const char *realm, unsigned realm_length, struct propctx *properties)
{
    (void)conn;
    (void)context;
    (void)user;
    (void)user_length;
    (void)identity;
    (void)identity_length;
    (void)realm;
    (void)realm_length;
    (void)properties;
    return SASL_OK;
}

static void *mutex_new(void)
{
    pthread_mutex_t *mutex = xmalloc(sizeof(*mutex));
    pthread_mutex_init(mutex, NULL);
    return mutex;
}

static int mutex_lock(void *mutex)
{
    return pthread_mutex_lock(mutex);
}

static int mutex_unlock(void *mutex)
{
    return pthread_mutex_unlock(mutex);
}

static void mutex_free(void *mutex)
{
    pthread_mutex_destroy(mutex);
    xfree(&mutex);
}

typedef int (*any_callback)(void);

void sasl_start_library(void)
{
    static const sasl_callback_t callbacks[] = {
        {SASL_CB_GETOPT, (any_callback)(void (*)(void))option, NULL},
        {SASL_CB_GETPATH, (any_callback)(void (*)(void))nowhere, NULL},
        {SASL_CB_GETCONFPATH, (any_callback)(void (*)(void))nowhere, NULL},
        {SASL_CB_VERIFYFILE, (any_callback)(void (*)(void))refuse_file, NULL},
        {SASL_CB_LOG, (any_callback)(void (*)(void))say_nothing, NULL},
        {SASL_CB_PROXY_POLICY, (any_callback)(void (*)(void))keyd_decides, NULL},
        {SASL_CB_LIST_END, NULL, NULL},
    };
    sasl_set_mutex(mutex_new, mutex_lock, mutex_unlock, mutex_free);
    if (sasl_server_init(callbacks, "caducee") != SASL_OK ||
        sasl_server_add_plugin("caducee", give_mechanisms) != SASL_OK ||
        sasl_auxprop_add_plugin("caducee", give_properties) != SASL_OK)
        fatal("libsasl2 does not start");
}
