/* Wake-ups, outward. See notify.h. */
#include "imapd/notify.h"

#include "imapd/worker.h"
#include "lib/net/wake.h"

#include <stdio.h>

void notify(struct session *s, const struct access *access, int64_t folder_id)
{
    char path[512];
    struct wake_notice notice = {.bal_id = access->bal.id, .folder_id = folder_id};
    int n = snprintf(path, sizeof(path), "%s/notifier.sock", s->worker->conf->general_run_folder);
    if (n > 0 && (size_t)n < sizeof(path))
        (void)wake_send(path, &notice); /* nobody there: the 15-second look finds it */
}
