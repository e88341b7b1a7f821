/* The notifier: writers tell it of each commit by datagram; it forwards the newest notice of each folder to every worker that
 * listens in <run_folder>/wake. A burst of deliveries into one folder becomes one wake-up. */
#include "directory/duty.h"

#include "lib/base/log.h"
#include "lib/base/vec.h"
#include "lib/net/wake.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH_MAX = 512 };

static int listening = -1;

static char *path_in(const struct conf *conf, const char *name)
{
    return xasprintf("%s/%s", conf->general_run_folder, name);
}

int notifier_prepare(struct worker_context *context)
{
    struct str error;
    char *socket = path_in(context->conf, "notifier.sock"), *folder = path_in(context->conf, "wake");
    str_init(&error, 512);
    if (mkdir(folder, 0770) != 0 && errno != EEXIST)
        log_event(LOG_WARN, NULL, "notifier.folder", LS("path", folder));
    listening = wake_listen(socket, &error);
    if (listening < 0)
        log_event(LOG_ERROR, NULL, "notifier.socket", LP("why", str_span(&error)));
    str_free(&error);
    xfree(&socket);
    xfree(&folder);
    return listening < 0;
}

struct batch {
    struct wake_notice notices[BATCH_MAX];
    size_t count;
};

static void merge(struct batch *batch, const struct wake_notice *notice)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct wake_notice *held = &batch->notices[i];
        if (held->bal_id != notice->bal_id || held->folder_id != notice->folder_id)
            continue;
        if (held->modseq < notice->modseq)
            held->modseq = notice->modseq;
        return;
    }
    batch->notices[batch->count++] = *notice;
}

static void forward(const char *folder)
{
    struct batch batch = {.count = 0};
    struct wake_notice notice;
    while (batch.count < BATCH_MAX && wake_receive(listening, &notice))
        merge(&batch, &notice);
    for (size_t i = 0; i < batch.count; i++)
        (void)wake_send_all(folder, &batch.notices[i]);
}

int notifier_run(struct worker_context *context)
{
    char *folder = path_in(context->conf, "wake");
    for (;;) {
        struct pollfd p[] = {{.fd = context->stop_fd, .events = POLLIN}, {.fd = listening, .events = POLLIN}};
        if (poll(p, COUNT(p), -1) < 0 && errno != EINTR)
            break;
        if (p[0].revents)
            break;
        if (p[1].revents)
            forward(folder);
    }
    close(listening);
    xfree(&folder);
    return 0;
}
