/* bench-load … smtp CONNECTIONS MESSAGES SIZE open|new FROM RECIPIENT-PATTERN RECIPIENTS [IMAP-PORT CERT KEY @LOGINS]
 * Sends MESSAGES of SIZE bytes over CONNECTIONS at once; %u in the pattern is a number below RECIPIENTS. FROM is an address,
 * or @FILE: each connection takes a line of it, the address and then the AUTH command to begin with. A message that is not accepted ends the run: a bench that loses mail measures nothing.
 * With LOGINS each connection has an open IMAP session besides, and APPENDs what it has sent to Sent, as clients do where the server
 * does not: a message counts when both have answered. */
#include "load.h"

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
    const char *pattern;
    char **senders; /* "address" or "address AUTH …" */
    unsigned sender_count;
    char *body; /* ends with the dot */
    size_t body_size;
    const struct target *sent; /* where copies go; NULL: nowhere */
    SSL_CTX *sent_context;
    char **logins;
    unsigned login_count;
    atomic_uint next;
    uint32_t *latency;
};

void smtp_expect(struct line_stream *s, const char *code, const char *after)
{
    char line[1024];
    do
        stream_line(s, line, sizeof line);
    while (line[3] == '-');
    if (strncmp(line, code, 3))
        die(after, line);
}

static void greet(struct line_stream *s, const struct plan *plan, const char *auth)
{
    stream_open(s, plan->target, plan->context);
    stream_write(s, "EHLO bench.mssante.fr\r\n", 23);
    smtp_expect(s, "250", "EHLO");
    if (!*auth)
        return;
    stream_write(s, auth, strlen(auth));
    stream_write(s, "\r\n", 2);
    smtp_expect(s, "235", "AUTH");
}

static void keep(struct line_stream *imap, const struct plan *plan, const char *head, size_t head_size)
{
    char command[64];
    size_t body = plan->body_size - 3; /* without the dot */
    int length = snprintf(command, sizeof command, "b APPEND Sent (\\Seen) {%zu+}\r\n", head_size + body);
    stream_write(imap, command, (size_t)length);
    stream_write(imap, head, head_size);
    stream_write(imap, plan->body, body);
    stream_write(imap, "\r\n", 2);
    imap_finish(imap, "b");
}

static void send_one(struct line_stream *s, struct line_stream *imap, const struct plan *plan, const char *from,
                     unsigned number)
{
    char recipient[320], envelope[1024], head[512];
    /* The pattern is the bench's own argument, with one %u at most. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(recipient, sizeof recipient, plan->pattern, number % plan->recipients);
#pragma GCC diagnostic pop
    int length = snprintf(envelope, sizeof envelope, "MAIL FROM:<%s> SIZE=%zu\r\nRCPT TO:<%s>\r\nDATA\r\n", from,
                          plan->size, recipient);
    stream_write(s, envelope, (size_t)length);
    smtp_expect(s, "250", "MAIL");
    smtp_expect(s, "250", "RCPT");
    smtp_expect(s, "354", "DATA");
    length = snprintf(head, sizeof head,
                      "From: Laboratoire <%s>\r\nTo: <%s>\r\nSubject: Essai de charge %u\r\n"
                      "Date: Fri, 20 Nov 2026 12:00:00 +0100\r\nMessage-ID: <bench-%u-%llx@bench.mssante.fr>\r\n"
                      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
                      from, recipient, number, number, (unsigned long long)now_us());
    stream_write(s, head, (size_t)length);
    stream_write(s, plan->body, plan->body_size);
    smtp_expect(s, "250", "the message");
    if (imap)
        keep(imap, plan, head, (size_t)length);
}

static void *sender(void *arg)
{
    const struct job *job = arg;
    struct plan *plan = job->plan;
    struct line_stream *s = malloc(sizeof *s);
    char from[320];
    const char *line = plan->senders[job->number % plan->sender_count];
    size_t length = strcspn(line, " ");
    snprintf(from, sizeof from, "%.*s", (int)length, line);
    const char *auth = line[length] ? line + length + 1 : "";
    struct line_stream *imap = plan->sent ? malloc(sizeof *imap) : NULL;
    if (imap)
        imap_greet(imap, plan->sent, plan->sent_context, plan->logins[job->number % plan->login_count]);
    bool open = false;
    for (unsigned number; (number = atomic_fetch_add(&plan->next, 1)) < plan->messages;) {
        uint64_t begin = now_us();
        if (!open)
            greet(s, plan, auth);
        open = true;
        send_one(s, imap, plan, from, number);
        if (plan->new_connection) {
            stream_write(s, "QUIT\r\n", 6);
            smtp_expect(s, "221", "QUIT");
            stream_close(s);
            open = false;
        }
        plan->latency[number] = (uint32_t)(now_us() - begin);
    }
    if (open)
        stream_close(s);
    if (imap)
        stream_close(imap);
    free(imap);
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

int smtp_main(const struct target *target, int argc, char **argv)
{
    if (argc != 7 && argc != 11)
        die("smtp", "CONNECTIONS MESSAGES SIZE open|new FROM PATTERN RECIPIENTS [IMAP-PORT CERT KEY @LOGINS]");
    struct plan plan = {.target = target,
                        .context = client_context(target),
                        .pattern = argv[5],
                        .senders = &argv[4],
                        .sender_count = 1};
    unsigned connections = number_of(argv[0]);
    plan.messages = number_of(argv[1]);
    plan.size = number_of(argv[2]);
    plan.new_connection = !strcmp(argv[3], "new");
    plan.recipients = number_of(argv[6]);
    if (*argv[4] == '@')
        plan.senders = lines_of(argv[4] + 1, &plan.sender_count);
    struct target sent = {.host = target->host, .starttls = "imap"};
    if (argc == 11) {
        sent.port = argv[7];
        sent.certificate = argv[8];
        sent.key = argv[9];
        plan.sent = &sent;
        plan.sent_context = client_context(&sent);
        plan.logins = lines_of(argv[10] + 1, &plan.login_count);
    }
    plan.latency = calloc(plan.messages + 1, sizeof *plan.latency);
    make_body(&plan);
    uint64_t begin = now_us();
    run_threads(connections, sender, &plan);
    print_latencies(plan.latency, plan.messages, (double)(now_us() - begin) / 1e6);
    return 0;
}
