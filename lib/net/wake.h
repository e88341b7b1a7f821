/* Wake-ups: "folder F of BAL B has reached MODSEQ M". Writers send a notice to <run_folder>/notifier.sock after COMMIT (never
 * NOTIFY in the delivering transaction); the notifier coalesces and forwards to every socket in <run_folder>/wake/. A
 * notice may be lost: each loop also asks the database once in 15 s, so that a lost one costs seconds, never mail.
 * Datagrams carry no secret and no right: whoever gets one asks the database as itself.
 */
#ifndef CADUCEE_NET_WAKE_H
#define CADUCEE_NET_WAKE_H

#include "lib/base/str.h"

enum { WAKE_NOTICE_BYTES = 32 };

struct wake_notice {
    int64_t bal_id, folder_id;
    uint64_t modseq;
};

/* A bound, non-blocking datagram socket (an old one of that path is replaced), mode 0660; -1 with words. Watch it with
 * watch_new() and read with wake_receive() until that is false. */
int wake_listen(const char *path, struct str *error) MUST_USE;
bool wake_receive(int fd, struct wake_notice *) MUST_USE;

/* From any thread; never blocks, and says false when nobody listens (which is no error of the sender's). */
bool wake_send(const char *path, const struct wake_notice *);
/* To each *.sock of a folder; sockets whose reader is gone are taken away. Gives how many were reached. */
size_t wake_send_all(const char *folder, const struct wake_notice *);

#endif
