#include "lib/proto/received.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

/* For comments: nothing that ends one or begins another. */
static void add_comment_text(struct str *out, struct span text)
{
    struct str clean;
    str_init(&clean, 4096);
    text_sanitize(&clean, text);
    for (size_t i = 0; i < clean.len; i++) {
        char c = clean.data[i];
        if (c != '(' && c != ')' && c != '\\' && c != '\r' && c != '\n')
            str_putc(out, c);
    }
    str_free(&clean);
}

/* For quoted strings (RFC 5322 3.2.4). */
static void add_quoted(struct str *out, const char *text)
{
    struct str clean;
    str_init(&clean, 4096);
    text_sanitize(&clean, span_of(text));
    str_putc(out, '"');
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] == '"' || clean.data[i] == '\\')
            str_putc(out, '\\');
        if (clean.data[i] != '\r' && clean.data[i] != '\n')
            str_putc(out, clean.data[i]);
    }
    str_putc(out, '"');
    str_free(&clean);
}

/* RFC 3848 and RFC 6531 4.3. */
static const char *protocol_name(const struct received *r)
{
    static const char *const names[2][2][2] = {
        {{"ESMTP", "ESMTPA"}, {"ESMTPS", "ESMTPSA"}},
        {{"UTF8SMTP", "UTF8SMTPA"}, {"UTF8SMTPS", "UTF8SMTPSA"}},
    };
    return r->esmtp ? names[r->utf8][r->tls][r->authenticated] : "SMTP";
}

bool received_build(struct str *out, const struct received *r)
{
    str_puts(out, "Received: from ");
    add_comment_text(out, r->helo.n > 0 ? r->helo : SPAN_LIT("unknown"));
    str_addf(out, " ([%s])\r\n\tby %s with %s id %s", r->address, r->by, protocol_name(r), r->id);
    if (r->tls_protocol && r->tls_cipher)
        str_addf(out, "\r\n\t(%s %s)", r->tls_protocol, r->tls_cipher);
    if (r->only_recipient.n > 0) {
        str_puts(out, "\r\n\tfor <");
        str_add_span(out, r->only_recipient);
        str_putc(out, '>');
    }
    str_puts(out, ";\r\n\t");
    clock_rfc5322(out, r->now);
    return str_puts(out, "\r\n");
}

bool return_path_build(struct str *out, struct span sender)
{
    str_puts(out, "Return-Path: <");
    str_add_span(out, sender);
    return str_puts(out, ">\r\n");
}

bool authentication_results_build(struct str *out, const struct authentication *a)
{
    str_addf(out, "Authentication-Results: %s;\r\n\tx-mssante=pass smtp.mailfrom=%s\r\n\tpolicy.dn=", a->authserv,
             a->sender_domain[0] ? a->sender_domain : "\"<>\"");
    add_quoted(out, a->dn);
    str_puts(out, "\r\n\tpolicy.operator=");
    add_quoted(out, a->operator_name);
    return str_puts(out, "\r\n");
}
