#include "lib/net/parse.h"

#include "lib/base/spool.h"
#include "lib/net/ipc.h"
#include "lib/net/parse_protocol.h"

#include <unistd.h>

struct parse_client {
    char *path;
};

struct parse_client *parse_client_new(const char *socket_path)
{
    struct parse_client *client = xcalloc(1, sizeof(*client));
    client->path = xstrdup(socket_path);
    return client;
}

void parse_client_destroy(struct parse_client **client)
{
    if (!*client)
        return;
    xfree(&(*client)->path);
    xfree(client);
}

/* Sealed: what parse maps cannot shrink or change under it. A spool is that already. */
static int share(struct span bytes)
{
    struct spool copy;
    int fd = spool_share(bytes);
    if (fd >= 0)
        return fd;
    spool_init(&copy, PARSE_INPUT_MAX);
    if (spool_add(&copy, bytes))
        fd = spool_take(&copy);
    spool_free(&copy);
    return fd;
}

static enum parse_outcome read_answer(const struct ipc_message *message, struct parse_answer *answer)
{
    uint64_t outcome = 1, flags = 0;
    if (message->type != PARSE_ANSWER || !ipc_get_u64(message, PARSE_T_OUTCOME, &outcome))
        return PARSE_DIED;
    if (outcome != 0)
        return PARSE_FAILED;
    if (ipc_get_u64(message, PARSE_T_FLAGS, &flags))
        answer->flags = (uint32_t)flags;
    ipc_get(message, PARSE_T_STRUCTURE, &answer->structure);
    ipc_get(message, PARSE_T_TEXT, &answer->text);
    ipc_get(message, PARSE_T_HTML, &answer->html);
    ipc_get(message, PARSE_T_FACTS, &answer->facts);
    return PARSE_OK;
}

static void write_request(struct str *request, enum parse_task task, struct span input, struct span argument)
{
    ipc_begin(request, (uint16_t)(PARSE_REQUEST + (int)task));
    ipc_put(request, PARSE_T_ARGUMENT, argument);
    if (input.n <= PARSE_INLINE_MAX)
        ipc_put(request, PARSE_T_INPUT, input);
    ipc_end(request);
}

enum parse_outcome parse_call(struct parse_client *client, enum parse_task task, struct span input,
                              struct span argument, struct parse_answer *answer)
{
    struct str request;
    struct ipc_message message;
    enum parse_outcome outcome = PARSE_DIED;
    size_t fds = input.n > PARSE_INLINE_MAX;
    *answer = (struct parse_answer){.flags = 0};
    str_init(&answer->bytes, PARSE_ANSWER_MAX + (1 << 20));
    if (input.n > PARSE_INPUT_MAX || argument.n > PARSE_ARGUMENT_MAX)
        return PARSE_FAILED;
    int fd = fds ? share(input) : -1;
    if (fds && fd < 0)
        return PARSE_DIED;
    str_init(&request, PARSE_REQUEST_MAX);
    write_request(&request, task, input, argument);
    struct ipc_client *ipc = ipc_client_new(client->path, PARSE_TIMEOUT_MS, PARSE_ANSWER_MAX);
    if (ipc_call(ipc, str_span(&request), &answer->bytes, &message, &fd, fds) == 0)
        outcome = read_answer(&message, answer);
    ipc_client_destroy(&ipc);
    str_free(&request);
    if (fd >= 0)
        close(fd);
    return outcome;
}

void parse_answer_free(struct parse_answer *answer)
{
    str_free(&answer->bytes);
    *answer = (struct parse_answer){.flags = 0};
}
