#include "lib/proto/mime_address.h"

#include "lib/proto/mime_decode.h"
#include "lib/proto/mime_field.h"

#include <libetpan/libetpan.h>
#include <stdlib.h>
#include <string.h>

enum { ETPAN_MAX = 64 << 10, DATE_MAX = 200 };

static void add(mime_address_list *out, struct mime_address address)
{
    if (out->len < MIME_ADDRESSES_MAX)
        vec_push(out, address);
}

static struct span unquoted(struct arena *arena, struct span in)
{
    if (!in.n || !memchr(in.p, '"', in.n))
        return in;
    char *to = arena_alloc(arena, in.n);
    size_t n = 0;
    for (size_t i = 0; to && i < in.n; i++) {
        if (in.p[i] == '"')
            continue;
        if (in.p[i] == '\\' && i + 1 < in.n)
            i++;
        to[n++] = in.p[i];
    }
    return (struct span){to, n};
}

static void add_spec(struct arena *arena, mime_address_list *out, struct span name, struct span route, struct span spec)
{
    size_t at = spec.n;
    while (at && spec.p[at - 1] != '@')
        at--;
    struct mime_address address = {.name = name, .route = route, .local = spec};
    if (at) {
        address.local = (struct span){spec.p, at - 1};
        address.domain = span_trim((struct span){spec.p + at, spec.n - at});
    }
    address.local = unquoted(arena, span_trim(address.local));
    if (address.name.n || address.local.n || address.domain.n)
        add(out, address);
}

/* ---- libetpan ---- */

static struct span kept(struct arena *arena, const char *text)
{
    return arena_span(arena, span_of(text));
}

static void add_mailbox(struct arena *arena, mime_address_list *out, const struct mailimf_mailbox *mailbox)
{
    add_spec(arena, out, kept(arena, mailbox->mb_display_name), SPAN_NONE, kept(arena, mailbox->mb_addr_spec));
}

static void add_group(struct arena *arena, mime_address_list *out, const struct mailimf_group *group)
{
    add(out, (struct mime_address){.kind = MIME_GROUP_BEGIN, .name = kept(arena, group->grp_display_name)});
    if (group->grp_mb_list)
        for (clistiter *it = clist_begin(group->grp_mb_list->mb_list); it; it = clist_next(it))
            add_mailbox(arena, out, clist_content(it));
    add(out, (struct mime_address){.kind = MIME_GROUP_END});
}

/* What libetpan 1.9.4 gets wrong is not given to it: comments become names, routes become mailboxes, white space of a
 * quoted local part goes, an unclosed '<' or '"' is taken for a letter, and it stops without a word at the first thing it does not know. */
static bool etpan_is_right_for(struct span raw)
{
    int angles = 0, quotes = 0;
    if (raw.n > ETPAN_MAX)
        return false;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i], next = i + 1 < raw.n ? raw.p[i + 1] : '\0';
        if (c == '(' || c == '\\' || (next == '@' && (c == '<' || c == '"')))
            return false;
        angles += (c == '<') - (c == '>');
        quotes += c == '"';
    }
    return angles == 0 && quotes % 2 == 0;
}

static bool by_etpan(struct arena *arena, struct span raw, mime_address_list *out)
{
    size_t at = 0;
    struct mailimf_address_list *list = NULL;
    if (!etpan_is_right_for(raw) || mailimf_address_list_parse(raw.p, raw.n, &at, &list) != MAILIMF_NO_ERROR)
        return false;
    bool whole = at == raw.n;
    for (clistiter *it = clist_begin(list->ad_list); whole && it; it = clist_next(it)) {
        const struct mailimf_address *address = clist_content(it);
        if (address->ad_type == MAILIMF_ADDRESS_MAILBOX)
            add_mailbox(arena, out, address->ad_data.ad_mailbox);
        else
            add_group(arena, out, address->ad_data.ad_group);
    }
    mailimf_address_list_free(list);
    return whole;
}

/* ---- ours ---- */

struct scan {
    struct arena *arena;
    struct span in;
    size_t at;
    mime_address_list *out;
    struct str words;   /* outside < >: a display name, or an address */
    struct str spec;    /* inside < > */
    struct str comment; /* the last one: an old-style name */
    bool angled, in_group, quoted;
    bool unclosed; /* a '"' has no end: from there on they are passed over */
};

static void finish(struct scan *scan)
{
    struct span words = arena_span(scan->arena, span_trim(str_span(&scan->words)));
    struct span comment = arena_span(scan->arena, span_trim(str_span(&scan->comment)));
    if (scan->angled) {
        struct span spec = arena_span(scan->arena, span_trim(str_span(&scan->spec))), route = SPAN_NONE;
        const char *colon = spec.n && spec.p[0] == '@' ? memchr(spec.p, ':', spec.n) : NULL;
        if (colon) {
            route = (struct span){spec.p, (size_t)(colon - spec.p)};
            spec = (struct span){colon + 1, spec.n - route.n - 1};
        }
        add_spec(scan->arena, scan->out, unquoted(scan->arena, words), route, spec);
    } else if (words.n && (memchr(words.p, '@', words.n) || !scan->quoted)) {
        add_spec(scan->arena, scan->out, comment, SPAN_NONE, words);
    } else if (words.n) {
        add(scan->out, (struct mime_address){.name = unquoted(scan->arena, words)});
    }
    str_clear(&scan->words);
    str_clear(&scan->spec);
    str_clear(&scan->comment);
    scan->angled = scan->quoted = false;
}

static void take_quoted(struct scan *scan, struct str *to)
{
    size_t from = scan->at++, end = scan->at;
    while (!scan->unclosed && end < scan->in.n && scan->in.p[end] != '"')
        end += scan->in.p[end] == '\\' ? 2 : 1;
    scan->unclosed |= end >= scan->in.n;
    if (scan->unclosed)
        return;
    scan->at = end + 1;
    str_add(to, scan->in.p + from, scan->at - from);
    scan->quoted = true;
}

static void take_comment(struct scan *scan)
{
    size_t end = mime_skip_comment(scan->in, scan->at), from = scan->at + 1;
    size_t n = end - from - (end > from && scan->in.p[end - 1] == ')');
    str_clear(&scan->comment);
    str_add(&scan->comment, scan->in.p + from, n);
    bool spaced = scan->words.len && scan->words.data[scan->words.len - 1] == ' ';
    while (spaced && end < scan->in.n && scan->in.p[end] == ' ')
        end++;
    scan->at = end;
}

static void take_angle(struct scan *scan)
{
    scan->angled = true;
    str_clear(&scan->spec);
    scan->at++;
    while (scan->at < scan->in.n && scan->in.p[scan->at] != '>') {
        char c = scan->in.p[scan->at];
        if (c == '"') {
            take_quoted(scan, &scan->spec);
        } else if (c == '(') {
            scan->at = mime_skip_comment(scan->in, scan->at);
        } else {
            if ((unsigned char)c > ' ')
                str_putc(&scan->spec, c);
            scan->at++;
        }
    }
    scan->at += scan->at < scan->in.n;
}

static void take_group(struct scan *scan)
{
    struct span name = arena_span(scan->arena, unquoted(scan->arena, span_trim(str_span(&scan->words))));
    add(scan->out, (struct mime_address){.kind = MIME_GROUP_BEGIN, .name = name});
    str_clear(&scan->words);
    scan->quoted = false;
    scan->in_group = true;
    scan->at++;
}

static void take_separator(struct scan *scan, char c)
{
    finish(scan);
    if (c == ';' && scan->in_group) {
        add(scan->out, (struct mime_address){.kind = MIME_GROUP_END});
        scan->in_group = false;
    }
    scan->at++;
}

static void scan_one(struct scan *scan)
{
    char c = scan->in.p[scan->at];
    if (c == '"')
        take_quoted(scan, &scan->words);
    else if (c == '(')
        take_comment(scan);
    else if (c == '<')
        take_angle(scan);
    else if (c == ',' || c == ';')
        take_separator(scan, c);
    else if (c == ':' && !scan->in_group && !scan->angled &&
             !memchr(scan->words.data ? scan->words.data : "", '@', scan->words.len))
        take_group(scan);
    else {
        str_putc(&scan->words, c);
        scan->at++;
    }
}

static void by_scanner(struct arena *arena, struct span raw, mime_address_list *out)
{
    struct scan scan = {.arena = arena, .in = raw, .out = out};
    str_init(&scan.words, raw.n + 1);
    str_init(&scan.spec, raw.n + 1);
    str_init(&scan.comment, raw.n + 1);
    while (scan.at < raw.n && out->len < MIME_ADDRESSES_MAX)
        scan_one(&scan);
    finish(&scan);
    if (scan.in_group)
        add(out, (struct mime_address){.kind = MIME_GROUP_END});
    str_free(&scan.words);
    str_free(&scan.spec);
    str_free(&scan.comment);
}

void mime_addresses(struct arena *arena, struct span raw, mime_address_list *out)
{
    struct span value = mime_unfold(arena, raw);
    size_t before = out->len;
    if (!value.n || by_etpan(arena, value, out))
        return;
    out->len = before;
    by_scanner(arena, value, out);
}

static void one_text(struct str *out, const struct mime_address *address)
{
    if (address->name.n) {
        mime_words_decode(out, address->name);
        str_puts(out, address->local.n ? " <" : "");
    }
    mime_words_decode(out, address->local);
    if (address->domain.n) {
        str_putc(out, '@');
        mime_words_decode(out, address->domain);
    }
    if (address->name.n && address->local.n)
        str_putc(out, '>');
}

void mime_addresses_text(struct str *out, const mime_address_list *list)
{
    bool first = true;
    vec_each (list, address) {
        if (address->kind != MIME_MAILBOX)
            continue;
        str_puts(out, first ? "" : ", ");
        one_text(out, address);
        first = false;
    }
}

/* Days since 1970 of a Gregorian date. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* libetpan bounds no number: each is looked at before it is counted with. */
static bool is_sound(const struct mailimf_date_time *date, int64_t year)
{
    return year < 10000 && date->dt_month >= 1 && date->dt_month <= 12 && date->dt_day >= 1 && date->dt_day <= 31 &&
           date->dt_hour >= 0 && date->dt_hour < 24 && date->dt_min >= 0 && date->dt_min < 60 && date->dt_sec >= 0 &&
           date->dt_sec <= 60 && date->dt_zone > -2400 && date->dt_zone < 2400 && abs(date->dt_zone % 100) < 60;
}

bool mime_date(struct span raw, int64_t *utc, int *zone_minutes)
{
    size_t at = 0;
    struct mailimf_date_time *date = NULL;
    raw = span_trim(raw);
    if (!raw.n || raw.n > DATE_MAX || mime_comment_depth(raw) > MIME_COMMENT_DEPTH ||
        mailimf_date_time_parse(raw.p, raw.n, &at, &date) != MAILIMF_NO_ERROR)
        return false;
    int64_t year = date->dt_year;
    if (year < 1000) /* RFC 5322 4.3 */
        year += year < 50 ? 2000 : 1900;
    bool sound = is_sound(date, year);
    if (sound) {
        int zone = date->dt_zone / 100 * 60 + date->dt_zone % 100;
        *zone_minutes = zone;
        *utc = days(year, date->dt_month, date->dt_day) * 86400 + date->dt_hour * 3600 + date->dt_min * 60 +
               date->dt_sec - zone * 60;
    }
    mailimf_date_time_free(date);
    return sound;
}
