/* What the client's side says, and what it keeps of answers. */
#include "smtpd/relay_client_private.h"

#include "lib/base/text.h"
#include "lib/proto/smtp_command.h"
#include "lib/proto/smtp_line.h"

#include <stdio.h>

void client_say(struct relay_client *c, const char *line)
{
    conn_write(c->conn, span_of(line));
    conn_write(c->conn, SPAN_LIT("\r\n"));
}

void client_say_ehlo(struct relay_client *c)
{
    char line[300];
    snprintf(line, sizeof(line), "EHLO %s", c->helo);
    client_say(c, line);
}

void client_say_mail(struct relay_client *c, const struct relay_mail *m)
{
    struct str line;
    str_init(&line, 2048);
    str_addf(&line, "MAIL FROM:<%s>", m->sender);
    if (c->size_max > 0)
        str_addf(&line, " SIZE=%zu", m->body.n);
    if (c->eight_bit)
        str_puts(&line, " BODY=8BITMIME");
    if (m->smtputf8)
        str_puts(&line, " SMTPUTF8");
    if (c->dsn && m->ret != SMTP_RET_NONE)
        str_addf(&line, " RET=%s", m->ret == SMTP_RET_FULL ? "FULL" : "HDRS");
    if (c->dsn && m->envid[0])
        str_addf(&line, " ENVID=%s", m->envid);
    client_say(c, line.data);
    str_free(&line);
}

void client_say_rcpt(struct relay_client *c, const struct relay_recipient *r)
{
    static const char *const words[] = {"NEVER", "SUCCESS", "FAILURE", "DELAY"};
    struct str line;
    str_init(&line, 2048);
    str_addf(&line, "RCPT TO:<%s>", r->address);
    if (c->dsn && r->notify) {
        const char *separator = " NOTIFY=";
        for (unsigned i = 0; i < COUNT(words); i++)
            if (r->notify & (1U << i)) {
                str_addf(&line, "%s%s", separator, words[i]);
                separator = ",";
            }
    }
    if (c->dsn && r->orcpt[0])
        str_addf(&line, " ORCPT=%s", r->orcpt);
    client_say(c, line.data);
    str_free(&line);
}

void client_say_chunk(struct relay_client *c, const struct relay_mail *m)
{
    char line[64];
    snprintf(line, sizeof(line), "BDAT %zu LAST", m->body.n);
    client_say(c, line);
    conn_write(c->conn, m->body);
}

void client_say_body(struct relay_client *c)
{
    struct str stuffed;
    struct span body = c->flying[0].mail->body;
    str_init(&stuffed, body.n * 2 + 8192);
    str_reserve(&stuffed, body.n + 4096);
    smtp_stuff(&stuffed, body);
    conn_write_take(c->conn, &stuffed);
    str_free(&stuffed);
    c->state = CLIENT_BODY;
}

/* The peer's words in one printable line, bounded. */
void client_keep_reply(char out[static 512], const struct smtp_reply *reply)
{
    struct str text;
    struct span rest = reply->lines, line;
    str_init(&text, 4096);
    str_addf(&text, "%u", reply->code);
    while (smtp_reply_line(&rest, &line) && text.len < 480) {
        str_putc(&text, ' ');
        text_sanitize(&text, line);
    }
    snprintf(out, 512, "%.*s", (int)(text.len < 500 ? text.len : 500), text.data);
    str_free(&text);
}

void client_set_result(struct relay_recipient *r, const struct smtp_reply *reply)
{
    r->code = reply->code;
    snprintf(r->enhanced, sizeof(r->enhanced), "%s", reply->enhanced);
    client_keep_reply(r->reply, reply);
}

/* Our own verdict on the whole message: what the peer lacks is bounced, never converted (issue 3). */
void client_refuse_all(struct relay_mail *mail, unsigned code, const char *enhanced, const char *words)
{
    for (size_t i = 0; i < mail->count; i++) {
        struct relay_recipient *r = &mail->recipients[i];
        r->code = code;
        snprintf(r->enhanced, sizeof(r->enhanced), "%s", enhanced);
        snprintf(r->reply, sizeof(r->reply), "%u %s %s", code, enhanced, words);
    }
}
