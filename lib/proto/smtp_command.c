#include "lib/proto/smtp_command.h"

#include "lib/base/num.h"
#include "lib/base/text.h"

#include <string.h>

void smtp_command_split(struct span line, struct smtp_command *out)
{
    size_t n = 0;
    *out = (struct smtp_command){.verb = ""};
    while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
        n++;
    out->argument = span_trim((struct span){line.p + n, line.n - n});
    if (n == 0 || n >= sizeof(out->verb))
        return;
    for (size_t i = 0; i < n; i++) {
        char c = line.p[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if ((c < 'A' || c > 'Z') && c != '-') {
            out->verb[0] = '\0';
            return;
        }
        out->verb[i] = c;
    }
}

/* RFC 5321 4.1.2: "<" [ source-route ":" ] Mailbox ">"; the route is accepted and forgotten (appendix C). */
static const char *parse_path(struct span *rest, bool utf8, struct smtp_path *out)
{
    bool quoted = false;
    size_t n = 1;
    if (rest->n < 2 || rest->p[0] != '<')
        return "501 5.1.7 Address must stand between < and >";
    for (; n < rest->n && (quoted || rest->p[n] != '>'); n++) {
        if (rest->p[n] == '\\')
            n++;
        else if (rest->p[n] == '"')
            quoted = !quoted;
    }
    if (n >= rest->n)
        return "501 5.1.7 Address must stand between < and >";
    struct span text = {rest->p + 1, n - 1};
    *rest = (struct span){rest->p + n + 1, rest->n - n - 1};
    *out = (struct smtp_path){.null = text.n == 0};
    if (text.n > 0 && text.p[0] == '@') {
        ptrdiff_t colon = span_find(text, SPAN_LIT(":"));
        if (colon < 0)
            return "501 5.1.7 Source route without mailbox";
        text = (struct span){text.p + colon + 1, text.n - (size_t)colon - 1};
    }
    out->text = text;
    if (out->null || address_parse(text, utf8, &out->address))
        return NULL;
    if (!utf8 && utf8_valid(text) && address_parse(text, true, &out->address))
        return "553 5.6.7 Address is not ASCII and SMTPUTF8 was not asked for";
    return "501 5.1.3 Bad address syntax";
}

/* RFC 5321 4.1.2 esmtp-param; false at the end. *error is set when what stands there is none. */
static bool next_parameter(struct span *rest, struct span *key, struct span *value, const char **error)
{
    struct span word;
    *rest = span_trim(*rest);
    if (rest->n == 0 || !span_cut(rest, ' ', &word))
        return false;
    struct span name, after = word;
    span_cut(&after, '=', &name);
    *key = name;
    *value = name.n < word.n ? (struct span){word.p + name.n + 1, word.n - name.n - 1} : SPAN_NONE;
    bool ok = name.n > 0 && (name.n == word.n || value->n > 0);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        ok = ok && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0));
    }
    for (size_t i = 0; i < value->n; i++)
        ok = ok && (unsigned char)value->p[i] > 0x20 && value->p[i] != '=' && value->p[i] != 0x7f;
    if (!ok)
        *error = "501 5.5.4 Bad parameter syntax";
    return ok;
}

bool xtext_valid(struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x21 || c > 0x7e || c == '=')
            return false;
        if (c != '+')
            continue;
        for (int digit = 1; digit <= 2; digit++) {
            char h = i + (size_t)digit < text.n ? text.p[i + (size_t)digit] : 0;
            if (!((h >= '0' && h <= '9') || (h >= 'A' && h <= 'F')))
                return false;
        }
    }
    return true;
}

/* Days since 1970 of a date of the proleptic Gregorian calendar. */
static int64_t days_from_date(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400, yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* RFC 4865 4: a date-time of RFC 3339 in UTC, "2026-11-20T17:00:00Z". */
static bool parse_hold_until(struct span text, int64_t *out)
{
    static const struct {
        size_t at, digits;
        uint32_t low, high;
    } part[] = {{0, 4, 2000, 9999}, {5, 2, 1, 12}, {8, 2, 1, 31}, {11, 2, 0, 23}, {14, 2, 0, 59}, {17, 2, 0, 60}};
    uint32_t v[COUNT(part)];
    if (text.n != 20 || text.p[4] != '-' || text.p[7] != '-' || (text.p[10] | 0x20) != 't' || text.p[13] != ':' ||
        text.p[16] != ':' || (text.p[19] | 0x20) != 'z')
        return false;
    for (size_t i = 0; i < COUNT(part); i++)
        if (!num_u32((struct span){text.p + part[i].at, part[i].digits}, part[i].high, &v[i]) || v[i] < part[i].low)
            return false;
    *out = days_from_date(v[0], v[1], v[2]) * 86400 + (int64_t)v[3] * 3600 + (int64_t)v[4] * 60 + (int64_t)v[5];
    return true;
}

static const char given_twice[] = "501 5.5.4 Parameter given twice";

static const char *mail_size(struct smtp_mail *mail, struct span value)
{
    return num_u64(value, UINT64_MAX, &mail->size) ? NULL : "501 5.5.4 Bad SIZE parameter";
}

static const char *mail_body(struct smtp_mail *mail, struct span value)
{
    if (!span_is_nocase(value, "7BIT") && !span_is_nocase(value, "8BITMIME"))
        return "501 5.5.4 BODY is 7BIT or 8BITMIME";
    mail->body = span_is_nocase(value, "8BITMIME") ? SMTP_BODY_8BITMIME : SMTP_BODY_7BIT;
    return NULL;
}

static const char *mail_utf8(struct smtp_mail *mail, struct span value)
{
    mail->smtputf8 = true;
    return value.p ? "501 5.5.4 SMTPUTF8 takes no value" : NULL;
}

static const char *mail_ret(struct smtp_mail *mail, struct span value)
{
    if (!span_is_nocase(value, "FULL") && !span_is_nocase(value, "HDRS"))
        return "501 5.5.4 RET is FULL or HDRS";
    mail->ret = span_is_nocase(value, "FULL") ? SMTP_RET_FULL : SMTP_RET_HDRS;
    return NULL;
}

static const char *mail_envid(struct smtp_mail *mail, struct span value)
{
    mail->envid = value;
    return value.n > 0 && value.n <= 100 && xtext_valid(value) ? NULL : "501 5.5.4 Bad ENVID parameter";
}

static const char *mail_holdfor(struct smtp_mail *mail, struct span value)
{
    return num_u64(value, 999999999, &mail->hold_seconds) ? NULL : "501 5.5.4 Bad HOLDFOR parameter";
}

static const char *mail_holduntil(struct smtp_mail *mail, struct span value)
{
    return parse_hold_until(value, &mail->hold_until) ? NULL : "501 5.5.4 Bad HOLDUNTIL parameter";
}

/* RFC 4954 5: what another server vouches for is read and never believed. */
static const char *mail_auth(struct smtp_mail *mail UNUSED, struct span value)
{
    return value.n > 0 && xtext_valid(value) ? NULL : "501 5.5.4 Bad AUTH parameter";
}

static const struct {
    const char *key;
    const char *(*take)(struct smtp_mail *, struct span value);
} mail_parameters[] = {
    {"SIZE", mail_size},   {"BODY", mail_body}, {"SMTPUTF8", mail_utf8},   {"RET", mail_ret},
    {"ENVID", mail_envid}, {"AUTH", mail_auth}, {"HOLDFOR", mail_holdfor}, {"HOLDUNTIL", mail_holduntil},
};

static const char *take_mail_parameter(struct smtp_mail *out, struct span key, struct span value, unsigned *seen)
{
    for (size_t i = 0; i < COUNT(mail_parameters); i++) {
        if (!span_is_nocase(key, mail_parameters[i].key))
            continue;
        if (*seen & (1U << i))
            return given_twice;
        *seen |= 1U << i;
        return mail_parameters[i].take(out, value);
    }
    return "555 5.5.4 Unknown MAIL parameter";
}

/* SMTPUTF8 rules how the address itself is read, so it is looked for first. */
static bool asks_utf8(struct span rest)
{
    struct span word;
    while (span_cut(&rest, ' ', &word))
        if (span_is_nocase(word, "SMTPUTF8"))
            return true;
    return false;
}

const char *smtp_parse_mail(struct span argument, struct smtp_mail *out)
{
    *out = (struct smtp_mail){.size = 0};
    if (!span_starts_nocase(argument, "FROM:"))
        return "501 5.5.4 Syntax: MAIL FROM:<address> [parameters]";
    struct span rest = span_trim((struct span){argument.p + 5, argument.n - 5});
    const char *error = parse_path(&rest, asks_utf8(rest), &out->from);
    struct span key, value;
    unsigned seen = 0;
    if (!error && rest.n > 0 && rest.p[0] != ' ')
        error = "501 5.5.4 Space expected behind the address";
    while (!error && next_parameter(&rest, &key, &value, &error))
        error = take_mail_parameter(out, key, value, &seen);
    if (!error && out->hold_seconds > 0 && out->hold_until > 0)
        error = "501 5.5.4 HOLDFOR and HOLDUNTIL together";
    return error;
}

static const char *rcpt_notify(struct smtp_rcpt *rcpt, struct span value)
{
    static const char *const word[] = {"NEVER", "SUCCESS", "FAILURE", "DELAY"};
    struct span one;
    while (span_cut(&value, ',', &one)) {
        unsigned bit = 0;
        for (unsigned i = 0; i < COUNT(word); i++)
            if (span_is_nocase(one, word[i]))
                bit = 1U << i;
        if (bit == 0 || (rcpt->notify & bit))
            return "501 5.5.4 Bad NOTIFY parameter";
        rcpt->notify |= bit;
    }
    bool alone = !(rcpt->notify & SMTP_NOTIFY_NEVER) || rcpt->notify == SMTP_NOTIFY_NEVER;
    return rcpt->notify != 0 && alone ? NULL : "501 5.5.4 Bad NOTIFY parameter";
}

/* RFC 3461 4.2: addr-type ";" xtext, at most 500 octets; RFC 6533 adds utf-8 with its own escapes. */
static const char *rcpt_orcpt(struct smtp_rcpt *rcpt, struct span value)
{
    struct span type, rest = value;
    bool two = span_cut(&rest, ';', &type) && type.n > 0 && type.n < value.n && rest.n > 0;
    if (!two || value.n > 500 || (!span_is_nocase(type, "utf-8") && !xtext_valid(rest)))
        return "501 5.5.4 Bad ORCPT parameter";
    rcpt->orcpt = value;
    return NULL;
}

/* RFC 5321 4.5.1: <postmaster> stands without a domain, alone of all names. */
static const char *parse_recipient(struct span *rest, bool smtputf8, struct smtp_path *out)
{
    static const char postmaster[] = "<postmaster>";
    if (!span_starts_nocase(*rest, postmaster))
        return parse_path(rest, smtputf8, out);
    struct span name = {rest->p + 1, sizeof(postmaster) - 3};
    *out = (struct smtp_path){.address.local = name, .text = name};
    *rest = (struct span){rest->p + sizeof(postmaster) - 1, rest->n - (sizeof(postmaster) - 1)};
    return NULL;
}

const char *smtp_parse_rcpt(struct span argument, bool smtputf8, struct smtp_rcpt *out)
{
    *out = (struct smtp_rcpt){.notify = 0};
    if (!span_starts_nocase(argument, "TO:"))
        return "501 5.5.4 Syntax: RCPT TO:<address> [parameters]";
    struct span key, value, rest = span_trim((struct span){argument.p + 3, argument.n - 3});
    const char *error = parse_recipient(&rest, smtputf8, &out->to);
    if (!error && out->to.null)
        error = "501 5.1.3 Empty recipient";
    if (!error && rest.n > 0 && rest.p[0] != ' ')
        error = "501 5.5.4 Space expected behind the address";
    while (!error && next_parameter(&rest, &key, &value, &error)) {
        if (span_is_nocase(key, "NOTIFY"))
            error = out->notify ? given_twice : rcpt_notify(out, value);
        else if (span_is_nocase(key, "ORCPT"))
            error = out->orcpt.p ? given_twice : rcpt_orcpt(out, value);
        else
            error = "555 5.5.4 Unknown RCPT parameter";
    }
    return error;
}

const char *smtp_parse_bdat(struct span argument, uint64_t *size, bool *last)
{
    struct span number, rest = argument;
    *last = false;
    if (!span_cut(&rest, ' ', &number) || !num_u64(number, UINT64_MAX, size))
        return "501 5.5.4 Syntax: BDAT size [LAST]";
    rest = span_trim(rest);
    *last = span_is_nocase(rest, "LAST");
    return *last || rest.n == 0 ? NULL : "501 5.5.4 Syntax: BDAT size [LAST]";
}

const char *smtp_parse_helo(struct span argument)
{
    bool ok = argument.n > 0 && argument.n <= 255 && utf8_valid(argument);
    for (size_t i = 0; i < argument.n; i++) {
        unsigned char c = (unsigned char)argument.p[i];
        ok = ok && c > 0x20 && c != 0x7f && !strchr("()<>\\\",;@", c);
    }
    return ok ? NULL : "501 5.5.4 A domain or an address literal is expected";
}

const char *smtp_parse_auth(struct span argument, struct span *mechanism, struct span *initial)
{
    struct span rest = argument;
    *initial = SPAN_NONE;
    if (!span_cut(&rest, ' ', mechanism) || mechanism->n == 0 || mechanism->n > 20)
        return "501 5.5.4 Syntax: AUTH mechanism [initial-response]";
    rest = span_trim(rest);
    if (rest.n > 0)
        *initial = span_is(rest, "=") ? SPAN_LIT("") : rest;
    return NULL;
}
