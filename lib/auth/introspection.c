#include "lib/auth/introspection.h"

#include "lib/net/ipc.h"

char *introspection_socket(const char *run_folder)
{
    return xasprintf("%s/introspector.sock", run_folder);
}

enum introspection introspection_ask(const char *run_folder, struct span token, uint64_t timeout_ms)
{
    char *path = introspection_socket(run_folder);
    struct ipc_client *client = ipc_client_new(path, timeout_ms, INTROSPECTION_FRAME_MAX);
    struct str request, answer;
    struct ipc_message said;
    uint64_t value = INTROSPECTION_UNKNOWN;
    str_init_secret(&request, INTROSPECTION_FRAME_MAX);
    str_init(&answer, 128 << 10); /* ipc_call() reserves a step of reading */
    ipc_begin(&request, INTROSPECTION_ASK);
    ipc_put(&request, INTROSPECTION_T_TOKEN, token);
    ipc_end(&request);
    if (request.overflow || ipc_call(client, str_span(&request), &answer, &said, NULL, 0) != 0 ||
        said.type != INTROSPECTION_SAID || !ipc_get_u64(&said, INTROSPECTION_T_ANSWER, &value) ||
        value > INTROSPECTION_UNKNOWN)
        value = INTROSPECTION_UNKNOWN;
    ipc_client_destroy(&client);
    str_wipe(&request);
    str_free(&answer);
    xfree(&path);
    return (enum introspection)value;
}
