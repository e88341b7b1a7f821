/* caducee-webmail: the FastCGI service (a supervisor and its workers), or, when a web server starts it as a CGI, the thin
 * client of that service.
 */
#include "lib/auth/keyfolder.h"
#include "lib/base/log.h"
#include "lib/net/daemon.h"
#include "lib/net/https.h"
#include "lib/proto/address.h"
#include "lib/proto/charset.h"
#include "lib/store/trace.h"
#include "webmail-cgi/cgi_client.h"
#include "webmail-cgi/fcgi_server.h"
#include "webmail-cgi/shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned worker_count(const struct conf *conf)
{
    return (unsigned)conf->webmail_workers;
}

static unsigned parse_count(const struct conf *conf)
{
    return (unsigned)conf->webmail_workers;
}

/* lib/net/daemon.h takes "unix:PATH" for an address. */
static const char *socket_address(const struct conf *conf)
{
    static char address[600];
    snprintf(address, sizeof(address), "unix:%s/webmail.sock", conf->general_run_folder);
    return address;
}

static const char *parse_address(const struct conf *conf)
{
    static char address[600];
    snprintf(address, sizeof(address), "unix:%s/webmail-parse.sock", conf->general_run_folder);
    return address;
}

static struct web_shared *shared;

/* Patients are known to traces and to the register by a keyed hash of their address. */
static void take_hash_key(const struct conf *conf)
{
    struct key key;
    struct str error;
    str_init(&error, 1024);
    if (keyfolder_hash_key(conf->general_key_folder, &key, &error)) {
        trace_set_hash_key(&key);
        log_set_hash_key(key.b);
        crypto_wipe(&key, sizeof(key));
    } else {
        log_event(LOG_WARN, NULL, "hash_key.absent", LS("error", error.data));
    }
    str_free(&error);
}

static int worker_prepare(struct worker_context *context)
{
    https_setup();
    charset_setup();
    domain_prepare();
    take_hash_key(context->conf);
    shared = shared_new(context->conf);
    return shared ? 0 : 1;
}

static int worker_run(struct worker_context *context)
{
    int status = fcgi_serve(context, shared);
    shared_destroy(&shared);
    return status;
}

static const struct role roles[] = {
    {.name = "web",
     .count = worker_count,
     .database_role = "caducee_webmail",
     .network = NETWORK_ANY, /* Pro Santé Connect */
     .listeners = {{.name = "web", .addresses = socket_address}},
     .prepare = worker_prepare,
     .run = worker_run},
    {.name = "parse",
     .program = "caducee-parse",
     .count = parse_count,
     .listeners = {{.name = "parse", .addresses = parse_address}},
     .network = NETWORK_NONE},
};
static const struct daemon webmail = {.program = "caducee-webmail",
                                      .summary = "La messagerie web : service FastCGI, et client CGI de ce service.",
                                      .roles = roles,
                                      .role_count = COUNT(roles)};

int main(int argc, char **argv)
{
    extern char **environ;
    if (getenv("GATEWAY_INTERFACE")) {
        const char *path = getenv("CADUCEE_WEBMAIL_SOCKET");
        return cgi_run(path ? path : "/run/caducee/webmail.sock", environ, STDIN_FILENO, STDOUT_FILENO);
    }
    return daemon_main(argc, argv, &webmail);
}
