/* bench-load … imap LOGIN COMMAND…     one session; each command's microseconds and bytes, a line each
 * bench-load … idle LOGIN COUNT COMMAND…  COUNT sessions, each after the commands; then waits for end of input. With %u in
 * LOGIN it is the session's number.
 * LOGIN is a whole command without tag ("AUTHENTICATE EXTERNAL ZHVp…", "LOGIN user password"). */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads to the tagged answer; literals are skipped by their size. Dies on NO and BAD. */
static void finish(struct line_stream *s, const char *tag)
{
    char line[65536];
    for (;;) {
        size_t length = stream_line(s, line, sizeof line);
        if (!strncmp(line, "+ ", 2)) { /* EXTERNAL without an initial response: an empty one */
            stream_write(s, "\r\n", 2);
            continue;
        }
        if (!strncmp(line, tag, strlen(tag)) && line[strlen(tag)] == ' ') {
            if (strncmp(line + strlen(tag) + 1, "OK", 2))
                die("IMAP", line);
            return;
        }
        char *brace = length && line[length - 1] == '}' ? strrchr(line, '{') : NULL;
        if (brace)
            stream_skip(s, strtoul(brace + 1, NULL, 10));
    }
}

static void command(struct line_stream *s, const char *text)
{
    stream_write(s, "b ", 2);
    stream_write(s, text, strlen(text));
    stream_write(s, "\r\n", 2);
    finish(s, "b");
}

static void greet(struct line_stream *s, const struct target *target, SSL_CTX *context, const char *login)
{
    char line[4096];
    stream_open(s, target, context);
    if (!target->starttls)
        stream_line(s, line, sizeof line);
    command(s, login);
}

int imap_main(const struct target *target, int argc, char **argv)
{
    if (argc < 2)
        die("imap", "LOGIN COMMAND…");
    struct line_stream *s = malloc(sizeof *s);
    greet(s, target, client_context(target), argv[0]);
    for (int i = 1; i < argc; i++) {
        uint64_t bytes = s->bytes_read, begin = now_us();
        command(s, argv[i]);
        printf("%llu %llu\n", (unsigned long long)(now_us() - begin), (unsigned long long)(s->bytes_read - bytes));
    }
    stream_close(s);
    free(s);
    return 0;
}

int idle_main(const struct target *target, int argc, char **argv)
{
    if (argc < 2)
        die("idle", "LOGIN COUNT COMMAND…");
    unsigned count = (unsigned)strtoul(argv[1], NULL, 10);
    SSL_CTX *context = client_context(target);
    struct line_stream *s = malloc(sizeof *s);
    for (unsigned i = 0; i < count; i++) {
        greet(s, target, context, argv[0]);
        for (int j = 2; j < argc; j++) {
            stream_write(s, "b ", 2);
            stream_write(s, argv[j], strlen(argv[j]));
            stream_write(s, "\r\n", 2);
            if (strcmp(argv[j], "IDLE"))
                finish(s, "b");
        } /* the connection is left open: its buffers are reused, its socket and TLS stay */
    }
    puts("ready");
    fflush(stdout);
    getchar();
    return 0;
}
