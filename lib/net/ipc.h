/* Between our own processes: typed, length-prefixed, fails closed. A frame is u32 length of what follows, u16 type, then
 * fields: u16 tag, u32 length, bytes. Unknown type, unknown tag, a tag twice, a length past the limit: the connection
 * ends. Unix stream sockets, SO_PEERCRED checked by the server; blocking on the client's side, with a deadline (jobs
 * call it, never the loop).
 */
#ifndef CADUCEE_NET_IPC_H
#define CADUCEE_NET_IPC_H

#include "lib/base/str.h"
#include "lib/net/loop.h"

enum { IPC_FIELDS_MAX = 64 };

struct ipc_field {
    uint16_t tag;
    struct span value;
};
struct ipc_message {
    uint16_t type;
    size_t count;
    struct ipc_field fields[IPC_FIELDS_MAX];
};

/* Writing */
void ipc_begin(struct str *out, uint16_t type);
void ipc_put(struct str *out, uint16_t tag, struct span value);
void ipc_put_u64(struct str *out, uint16_t tag, uint64_t value);
void ipc_end(struct str *out);
/* Reading: 0 = need more bytes, > 0 = bytes of the frame, < 0 = not ours, close. Pure, hence fuzzed. */
ptrdiff_t ipc_parse(struct span in, size_t max_frame, struct ipc_message *out);
bool ipc_get(const struct ipc_message *, uint16_t tag, struct span *value);
bool ipc_get_u64(const struct ipc_message *, uint16_t tag, uint64_t *value);

/* Client, blocking. One request, one answer; -1 on refusal, time-out or a peer that is gone (the socket is closed then). */
struct ipc_client;
struct ipc_client *ipc_client_new(const char *socket_path, uint64_t timeout_ms,
                                  size_t max_frame); /* connects lazily, again after a failure */
int ipc_call(struct ipc_client *, struct span request, struct str *answer, struct ipc_message *parsed, const int *fds,
             size_t fd_count) MUST_USE;
void ipc_client_destroy(struct ipc_client **);

/* Server, in a loop: each frame is handed to `on_request` (with descriptors that came along), which answers through
 * ipc_reply() now or from a job later. */
struct ipc_server;
struct ipc_peer;
struct ipc_request {
    struct ipc_peer *peer;
    uint32_t uid, pid;
    struct ipc_message message; /* fields point into `bytes` */
    struct str bytes;
    int fds[4];
    size_t fd_count;
};
struct ipc_server *ipc_server_new(struct loop *, int listening_fd, size_t max_frame,
                                  bool (*may_connect)(uint32_t uid, void *),
                                  void (*on_request)(struct ipc_request *, void *), void *arg);
void ipc_reply(struct ipc_request *, struct str *answer); /* frees the request; NULL answer closes the peer */
void ipc_server_destroy(struct ipc_server **);
int ipc_listen(const char *path, unsigned mode, struct str *error); /* a bound, listening Unix socket; -1 */

#endif
