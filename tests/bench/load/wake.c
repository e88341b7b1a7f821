/* bench-load … wake LOGIN SMTP-PORT SMTP-CERT SMTP-KEY FROM TO COUNT
 * One IMAP session idles; COUNT messages are delivered one by one. Latency: from the 250 of the message to `* EXISTS`. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAUSE_US = 30000 }; /* between messages: each wakes a session that sleeps */

static void deliver(struct line_stream *s, const char *from, const char *to, unsigned number)
{
    char text[2048];
    int length = snprintf(text, sizeof text, "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", from, to);
    stream_write(s, text, (size_t)length);
    smtp_expect(s, "250", "MAIL");
    smtp_expect(s, "250", "RCPT");
    smtp_expect(s, "354", "DATA");
    length = snprintf(text, sizeof text,
                      "From: <%s>\r\nTo: <%s>\r\nSubject: Essai %u\r\nDate: Fri, 20 Nov 2026 12:00:00 +0100\r\n"
                      "Message-ID: <wake-%u-%llx@bench.mssante.fr>\r\n\r\nBonjour.\r\n.\r\n",
                      from, to, number, number, (unsigned long long)now_us());
    stream_write(s, text, (size_t)length);
    smtp_expect(s, "250", "the message");
}

static void wait_exists(struct line_stream *s)
{
    char line[4096];
    do
        stream_line(s, line, sizeof line);
    while (!strstr(line, " EXISTS"));
}

int wake_main(const struct target *target, int argc, char **argv)
{
    if (argc != 7)
        die("wake", "LOGIN SMTP-PORT SMTP-CERT SMTP-KEY FROM TO COUNT");
    struct target smtp = {
        .host = target->host, .port = argv[1], .certificate = argv[2], .key = argv[3], .starttls = "smtp"};
    unsigned count = number_of(argv[6]);
    uint32_t *latency = calloc(count + 1, sizeof *latency);
    struct line_stream *imap = malloc(sizeof *imap), *mx = malloc(sizeof *mx);
    imap_greet(imap, target, client_context(target), argv[0]);
    imap_command(imap, "SELECT INBOX");
    stream_write(imap, "i IDLE\r\n", 8);
    char line[4096];
    stream_line(imap, line, sizeof line);
    stream_open(mx, &smtp, client_context(&smtp));
    stream_write(mx, "EHLO bench.mssante.fr\r\n", 23);
    smtp_expect(mx, "250", "EHLO");
    uint64_t all = now_us();
    for (unsigned i = 0; i < count; i++) {
        sleep_until_us(now_us() + PAUSE_US);
        deliver(mx, argv[4], argv[5], i);
        uint64_t begin = now_us();
        wait_exists(imap);
        latency[i] = (uint32_t)(now_us() - begin);
    }
    print_latencies(latency, count, (double)(now_us() - all) / 1e6);
    return 0;
}
