/* bench-load HOST PORT CERT|- KEY|- smtp|imap|none MODE WORDS…: the modes are told in the files that hold them. */
#include "load.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc < 7)
        die("usage", "HOST PORT CERT|- KEY|- smtp|imap|none MODE WORDS…");
    signal(SIGPIPE, SIG_IGN);
    bool certificate = strcmp(argv[3], "-") != 0;
    struct target target = {.host = argv[1],
                            .port = argv[2],
                            .certificate = certificate ? argv[3] : NULL,
                            .key = certificate ? argv[4] : NULL,
                            .starttls = strcmp(argv[5], "none") ? argv[5] : NULL};
    static const struct {
        const char *name;
        mode_main *run;
    } modes[] = {{"smtp", smtp_main}, {"sink", sink_main},   {"imap", imap_main},
                 {"idle", idle_main}, {"login", login_main}, {"append", append_main},
                 {"poll", poll_main}, {"wake", wake_main},   {"http", http_main}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (!strcmp(argv[6], modes[i].name))
            return modes[i].run(&target, argc - 7, argv + 7);
    die("mode", argv[6]);
}
