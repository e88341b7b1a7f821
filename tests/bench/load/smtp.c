/* bench-load … smtp CONNECTIONS MESSAGES SIZE open|new FROM RECIPIENT-PATTERN RECIPIENTS
 * Sends MESSAGES of SIZE bytes over CONNECTIONS at once; %u in the pattern is a number below RECIPIENTS. Prints
 * "seconds accepted p50_us p99_us". A message that is not accepted ends the run: a bench that loses mail measures nothing. */
#include "load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plan {
    const struct target *target;
    SSL_CTX *context;
    unsigned messages, recipients;
    size_t size;
    bool new_connection;
    const char *from, *pattern;
    char *body; /* ends with the dot */
    size_t body_size;
    atomic_uint next;
    uint32_t *latency;
};

static void expect(struct line_stream *s, const char *code, const char *after)
{
    char line[1024];
    do
        stream_line(s, line, sizeof line);
    while (line[3] == '-');
    if (strncmp(line, code, 3))
        die(after, line);
}

static void greet(struct line_stream *s, const struct plan *plan)
{
    stream_open(s, plan->target, plan->context);
    stream_write(s, "EHLO bench.mssante.fr\r\n", 23);
    expect(s, "250", "EHLO");
}

static void send_one(struct line_stream *s, const struct plan *plan, unsigned number)
{
    char recipient[320], envelope[1024], head[512];
    /* The pattern is the bench's own argument, with one %u at most. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(recipient, sizeof recipient, plan->pattern, number % plan->recipients);
#pragma GCC diagnostic pop
    int length = snprintf(envelope, sizeof envelope, "MAIL FROM:<%s> SIZE=%zu\r\nRCPT TO:<%s>\r\nDATA\r\n", plan->from,
                          plan->size, recipient);
    stream_write(s, envelope, (size_t)length);
    expect(s, "250", "MAIL");
    expect(s, "250", "RCPT");
    expect(s, "354", "DATA");
    length = snprintf(head, sizeof head,
                      "From: Laboratoire <%s>\r\nTo: <%s>\r\nSubject: Essai de charge %u\r\n"
                      "Date: Fri, 20 Nov 2026 12:00:00 +0100\r\nMessage-ID: <bench-%u-%llx@bench.mssante.fr>\r\n"
                      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
                      plan->from, recipient, number, number, (unsigned long long)now_us());
    stream_write(s, head, (size_t)length);
    stream_write(s, plan->body, plan->body_size);
    expect(s, "250", "the message");
}

static void *sender(void *arg)
{
    struct plan *plan = arg;
    struct line_stream *s = malloc(sizeof *s);
    bool open = false;
    for (unsigned number; (number = atomic_fetch_add(&plan->next, 1)) < plan->messages;) {
        uint64_t begin = now_us();
        if (!open)
            greet(s, plan);
        open = true;
        send_one(s, plan, number);
        if (plan->new_connection) {
            stream_write(s, "QUIT\r\n", 6);
            expect(s, "221", "QUIT");
            stream_close(s);
            open = false;
        }
        plan->latency[number] = (uint32_t)(now_us() - begin);
    }
    if (open)
        stream_close(s);
    free(s);
    return NULL;
}

/* Text that compresses about as mail does: words, not one letter repeated. */
static void make_body(struct plan *plan)
{
    static const char *const words[] = {"résultat", "analyse", "patient",    "glycémie", "normale",
                                        "contrôle", "dosage",  "0,92",       "mmol/L",   "prélèvement",
                                        "compte",   "rendu",   "biologiste", "validé"};
    size_t head = 330, want = plan->size > head + 64 ? plan->size - head : 64, column = 0;
    plan->body = malloc(want + 128);
    uint32_t random = 12345;
    while (plan->body_size < want) {
        random = random * 1664525 + 1013904223;
        const char *word = words[(random >> 16) % (sizeof words / sizeof words[0])];
        int added = column > 60 ? snprintf(plan->body + plan->body_size, 64, "\r\n")
                                : snprintf(plan->body + plan->body_size, 64, "%s%x ", word, random >> 24);
        column = column > 60 ? 0 : column + (size_t)added;
        plan->body_size += (size_t)added;
    }
    memcpy(plan->body + plan->body_size, "\r\n.\r\n", 5);
    plan->body_size += 5;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int smtp_main(const struct target *target, int argc, char **argv)
{
    if (argc != 7)
        die("smtp", "CONNECTIONS MESSAGES SIZE open|new FROM PATTERN RECIPIENTS");
    struct plan plan = {.target = target, .context = client_context(target), .from = argv[4], .pattern = argv[5]};
    unsigned connections = (unsigned)strtoul(argv[0], NULL, 10);
    plan.messages = (unsigned)strtoul(argv[1], NULL, 10);
    plan.size = strtoul(argv[2], NULL, 10);
    plan.new_connection = !strcmp(argv[3], "new");
    plan.recipients = (unsigned)strtoul(argv[6], NULL, 10);
    plan.latency = calloc(plan.messages + 1, sizeof *plan.latency);
    make_body(&plan);
    pthread_t *threads = calloc(connections, sizeof *threads);
    uint64_t begin = now_us();
    for (unsigned i = 0; i < connections; i++)
        pthread_create(&threads[i], NULL, sender, &plan);
    for (unsigned i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    double seconds = (double)(now_us() - begin) / 1e6;
    qsort(plan.latency, plan.messages, sizeof *plan.latency, by_value);
    printf("%.6f %u %u %u\n", seconds, plan.messages, plan.latency[plan.messages / 2],
           plan.latency[plan.messages * 99 / 100]);
    return 0;
}
