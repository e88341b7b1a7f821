#include "webmail-cgi/search.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"

#include <string.h>

void search_words(struct arena *arena, struct search_terms *terms, enum search_place place, struct span typed)
{
    struct str folded;
    struct span rest, word;
    str_init(&folded, 4096);
    charset_fold_bare(&folded, typed);
    rest = arena_span(arena, str_span(&folded));
    str_wipe(&folded);
    while (rest.n > 0 && terms->at[place].count < SEARCH_WORDS_MAX && span_cut(&rest, ' ', &word))
        if (word.n > 0)
            terms->at[place].words[terms->at[place].count++] = word;
}

bool search_is_empty(const struct search_terms *terms)
{
    for (size_t i = 0; i < SEARCH_PLACE_COUNT; i++)
        if (terms->at[i].count > 0)
            return false;
    return terms->from == 0 && terms->until == 0;
}

bool search_wants_text(const struct search_terms *terms)
{
    return terms->at[SEARCH_ANYWHERE].count > 0 || terms->at[SEARCH_BODY].count > 0;
}

/* The fields that servers wrote in front hold names that nobody looks for: ours would be found in every message. */
static struct span as_written(struct span text)
{
    static const char *const fields[] = {"Return-Path:", "Received:", "Authentication-Results:", "X-Caducee-"};
    struct span rest = text, line;
    while (span_cut(&rest, '\n', &line)) {
        bool skipped = false;
        for (size_t i = 0; i < COUNT(fields); i++)
            skipped = skipped || span_starts_nocase(line, fields[i]);
        if (!skipped)
            break;
        text = rest;
    }
    return text;
}

/* The text for SEARCH is header lines, a NUL, the decoded texts (lib/proto/summary.h). */
static struct span body_of(struct span text)
{
    const char *end = text.n ? memchr(text.p, '\0', text.n) : NULL;
    size_t head = end ? (size_t)(end - text.p) + 1 : 0;
    return end ? (struct span){text.p + head, text.n - head} : SPAN_NONE;
}

static void add(struct str *out, struct span text)
{
    charset_fold_bare(out, text);
    str_putc(out, '\n');
}

static void add_attachments(struct str *out, const struct summary_view *view)
{
    struct summary_parts parts;
    struct summary_part part;
    summary_parts_begin(view, &parts);
    while (summary_parts_next(&parts, &part))
        if (part.name.n > 0)
            add(out, part.name);
}

/* Messages of patients carry their name where others carry a person's. */
static void add_patient(struct str *out, const struct summary_view *view)
{
    static const enum summary_field people[] = {SUMMARY_FROM, SUMMARY_TO, SUMMARY_CC};
    add(out, view->field[SUMMARY_PATIENT]);
    for (size_t i = 0; i < COUNT(people); i++)
        if (names_patient(view->field[people[i]]))
            add(out, view->field[people[i]]);
}

static void add_fields(struct str *out, const struct summary_view *view, const enum summary_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(out, view->field[fields[i]]);
}

static void text_of(struct str *out, enum search_place place, const struct summary_view *view, struct span text)
{
    static const enum summary_field from[] = {SUMMARY_FROM, SUMMARY_SENDER},
                                    to[] = {SUMMARY_TO, SUMMARY_CC, SUMMARY_BCC}, subject[] = {SUMMARY_SUBJECT},
                                    documents[] = {SUMMARY_DOCUMENTS, SUMMARY_PATIENT};
    switch (place) {
    case SEARCH_ANYWHERE:
        add(out, as_written(text));
        add_fields(out, view, documents, COUNT(documents));
        add_attachments(out, view);
        return;
    case SEARCH_FROM:
        add_fields(out, view, from, COUNT(from));
        return;
    case SEARCH_TO:
        add_fields(out, view, to, COUNT(to));
        return;
    case SEARCH_SUBJECT:
        add_fields(out, view, subject, COUNT(subject));
        return;
    case SEARCH_BODY:
        add(out, body_of(text));
        return;
    case SEARCH_PATIENT:
        add_patient(out, view);
        return;
    case SEARCH_ATTACHMENT:
        add_attachments(out, view);
        return;
    case SEARCH_PLACE_COUNT:
        break;
    }
}

bool search_matches(const struct search_terms *terms, const struct summary_view *view, struct span text,
                    struct str *scratch)
{
    bool all = true;
    for (size_t place = 0; place < SEARCH_PLACE_COUNT && all; place++) {
        if (terms->at[place].count == 0)
            continue;
        str_clear(scratch);
        text_of(scratch, (enum search_place)place, view, text);
        for (size_t i = 0; i < terms->at[place].count && all; i++)
            all = span_find(str_span(scratch), terms->at[place].words[i]) >= 0;
    }
    return all;
}
