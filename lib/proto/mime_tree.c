#include "lib/proto/mime_tree.h"

#include "lib/proto/mime_decode.h"

#include <string.h>

enum { BOUNDARY_MAX = 998 }; /* 70 by RFC 2046 5.1.1; a line's length is what we bear */

struct line {
    size_t begin, end, next; /* without its line end; where the next one begins */
};

/* What ended a part: a delimiter line, or the end of the bytes (level -1). */
struct stop {
    int level;
    bool closing;
    size_t line_begin, line_next;
};

struct walk {
    struct mime_tree *tree;
    struct span boundaries[SUMMARY_DEPTH_MAX];
    int depth; /* boundaries in force */
    size_t at; /* the next line begins here */
    uint32_t lines;
};

static bool next_line(struct walk *walk, struct line *line)
{
    struct span all = walk->tree->bytes;
    if (walk->at >= all.n)
        return false;
    const char *lf = memchr(all.p + walk->at, '\n', all.n - walk->at);
    line->begin = walk->at;
    line->next = lf ? (size_t)(lf - all.p) + 1 : all.n;
    line->end = lf ? line->next - 1 : all.n;
    if (line->end > line->begin && all.p[line->end - 1] == '\r')
        line->end--;
    walk->at = line->next;
    walk->lines += lf != NULL;
    return true;
}

/* A delimiter is "--" and the boundary at the start of a line; more may follow (RFC 2046 5.1.1). When one boundary is
 * the beginning of another, the longest is meant. */
static bool is_delimiter(const struct walk *walk, const struct line *line, struct stop *stop)
{
    struct span text = {walk->tree->bytes.p + line->begin, line->end - line->begin};
    size_t longest = 0;
    if (!walk->depth || text.n < 3 || text.p[0] != '-' || text.p[1] != '-')
        return false;
    text = (struct span){text.p + 2, text.n - 2};
    for (int level = walk->depth - 1; level >= 0; level--) {
        struct span boundary = walk->boundaries[level];
        if (boundary.n <= longest || boundary.n > text.n || memcmp(boundary.p, text.p, boundary.n) != 0)
            continue;
        longest = boundary.n;
        *stop = (struct stop){.level = level, .line_begin = line->begin, .line_next = line->next};
        stop->closing = text.n >= boundary.n + 2 && text.p[boundary.n] == '-' && text.p[boundary.n + 1] == '-';
    }
    return longest > 0;
}

static struct stop skip_to_delimiter(struct walk *walk)
{
    struct line line;
    struct stop stop;
    while (next_line(walk, &line))
        if (is_delimiter(walk, &line, &stop))
            return stop;
    return (struct stop){.level = -1, .line_begin = walk->tree->bytes.n, .line_next = walk->tree->bytes.n};
}

/* The header ends behind its empty line; true when a delimiter came first. */
static bool read_header(struct walk *walk, struct mime_part *part, struct stop *stop)
{
    struct line line;
    part->header_begin = walk->at;
    while (next_line(walk, &line)) {
        if (is_delimiter(walk, &line, stop)) {
            part->header_end = line.begin;
            return true;
        }
        if (line.end == line.begin)
            break;
    }
    part->header_end = walk->at;
    return false;
}

/* The line end before a delimiter belongs to the delimiter (RFC 2046 5.1.1). */
static size_t before_delimiter(const struct walk *walk, const struct stop *stop, size_t least)
{
    size_t end = stop->line_begin;
    const char *p = walk->tree->bytes.p;
    if (stop->level < 0)
        return end;
    if (end > least && p[end - 1] == '\n')
        end--;
    if (end > least && p[end - 1] == '\r')
        end--;
    return end < least ? least : end;
}

static void split_type(struct mime_part *part, struct span value, bool digest)
{
    struct span rest = value, type;
    if (span_cut(&rest, '/', &type) && type.n && rest.n) {
        part->type = type;
        part->subtype = rest;
    } else if (digest && !value.n) {
        part->type = SPAN_LIT("message");
        part->subtype = SPAN_LIT("rfc822");
    } else {
        part->type = SPAN_LIT("text");
        part->subtype = SPAN_LIT("plain");
    }
}

static struct span unfolded(const struct mime_tree *tree, struct span header, const char *name)
{
    struct span raw;
    return mime_find(header, name, &raw) ? mime_unfold(tree->arena, raw) : SPAN_NONE;
}

/* Language tags stand between comments (RFC 3282 2). */
static struct span without_comments(struct arena *arena, struct span in)
{
    char *to = in.n ? arena_alloc(arena, in.n) : NULL;
    size_t n = 0;
    for (size_t i = 0; to && i < in.n;) {
        if (in.p[i] == '(')
            i = mime_skip_comment(in, i);
        else
            to[n++] = in.p[i++];
    }
    return span_trim((struct span){to, n});
}

static struct span capped(struct span value)
{
    return (struct span){value.p, value.n < MIME_VALUE_MAX ? value.n : MIME_VALUE_MAX};
}

static void read_fields(struct mime_tree *tree, struct mime_part *part, bool digest)
{
    struct span header = mime_header_of(tree, part), raw, value = SPAN_NONE;
    if (part->header_end - part->header_begin > MIME_HEADER_MAX)
        tree->cut = true;
    if (mime_find(header, "Content-Type", &raw))
        mime_structured(tree->arena, raw, &value, &part->params);
    split_type(part, value, digest);
    if (mime_find(header, "Content-Disposition", &raw))
        mime_structured(tree->arena, raw, &part->disposition, &part->disposition_params);
    struct mime_params none;
    if (mime_find(header, "Content-Transfer-Encoding", &raw))
        mime_structured(tree->arena, raw, &part->cte, &none);
    part->encoding = mime_encoding_of(part->cte);
    part->id = capped(unfolded(tree, header, "Content-ID"));
    part->description = capped(unfolded(tree, header, "Content-Description"));
    part->md5 = capped(unfolded(tree, header, "Content-MD5"));
    part->language = without_comments(tree->arena, capped(unfolded(tree, header, "Content-Language")));
    part->location = capped(unfolded(tree, header, "Content-Location"));
}

static uint32_t add_part(struct walk *walk, uint32_t parent, uint32_t number)
{
    struct mime_part part = {.parent = parent, .number = number};
    vec_push(&walk->tree->parts, part);
    return (uint32_t)walk->tree->parts.len - 1;
}

static struct stop walk_entity(struct walk *, uint32_t index, bool digest, unsigned nesting);

static bool may_go_deeper(struct walk *walk, unsigned nesting)
{
    bool may =
        nesting < SUMMARY_DEPTH_MAX && walk->depth < SUMMARY_DEPTH_MAX && walk->tree->parts.len < SUMMARY_PARTS_MAX;
    if (!may)
        walk->tree->cut = true;
    return may;
}

/* The children of a multipart; what follows its last one is epilogue, up to an outer delimiter. */
static struct stop walk_children(struct walk *walk, uint32_t index, bool digest, unsigned nesting)
{
    int level = walk->depth - 1;
    struct stop stop = skip_to_delimiter(walk);
    for (uint32_t number = 1; stop.level == level && !stop.closing; number++) {
        if (walk->tree->parts.len >= SUMMARY_PARTS_MAX) {
            walk->tree->cut = true;
            break;
        }
        stop = walk_entity(walk, add_part(walk, index, number), digest, nesting + 1);
    }
    walk->depth = level;
    return stop.level == level ? skip_to_delimiter(walk) : stop;
}

static void as_text(struct mime_part *part)
{
    part->type = SPAN_LIT("text");
    part->subtype = SPAN_LIT("plain");
    part->params.count = 0;
}

static struct stop walk_multipart(struct walk *walk, uint32_t index, struct span boundary, unsigned nesting)
{
    struct mime_part *part = &walk->tree->parts.items[index];
    bool digest = span_is_nocase(part->subtype, "digest");
    part->kind = PART_MULTIPART;
    walk->boundaries[walk->depth++] = boundary;
    struct stop stop = walk_children(walk, index, digest, nesting);
    part = &walk->tree->parts.items[index];
    if (walk->tree->parts.len == index + 1) { /* no delimiter at all: people read it as text (RFC 2046 5.1) */
        part->kind = PART_LEAF;
        as_text(part);
    }
    return stop;
}

static struct stop walk_body(struct walk *walk, uint32_t index, unsigned nesting)
{
    struct mime_part *part = &walk->tree->parts.items[index];
    struct span boundary;
    bool whole = part->encoding != ENCODING_BASE64 && part->encoding != ENCODING_QP; /* RFC 2045 6.4 */
    if (mime_type_is(part, "multipart", NULL) && mime_param(&part->params, "boundary", &boundary) && boundary.n &&
        boundary.n <= BOUNDARY_MAX && may_go_deeper(walk, nesting))
        return walk_multipart(walk, index, boundary, nesting);
    if (whole && (mime_type_is(part, "message", "rfc822") || mime_type_is(part, "message", "global")) &&
        may_go_deeper(walk, nesting)) {
        part->kind = PART_MESSAGE;
        return walk_entity(walk, add_part(walk, index, 1), false, nesting + 1);
    }
    if (mime_type_is(part, "multipart", NULL))
        as_text(part);
    return skip_to_delimiter(walk);
}

static uint32_t line_feeds(struct span bytes, size_t from, size_t to)
{
    uint32_t count = 0;
    for (size_t i = from; i < to; i++)
        count += bytes.p[i] == '\n' ? 1U : 0U;
    return count;
}

/* A header and its body. Pointers into the vector do not outlive a call that may add parts. */
static struct stop walk_entity(struct walk *walk, uint32_t index, bool digest, unsigned nesting)
{
    struct stop stop;
    struct mime_part part = walk->tree->parts.items[index];
    bool stopped = read_header(walk, &part, &stop);
    part.body_begin = part.header_end;
    read_fields(walk->tree, &part, digest);
    walk->tree->parts.items[index] = part;
    uint32_t lines = walk->lines;
    if (!stopped)
        stop = walk_body(walk, index, nesting);
    struct mime_part *kept = &walk->tree->parts.items[index];
    kept->body_end = before_delimiter(walk, &stop, kept->header_begin);
    if (kept->body_end < kept->body_begin) /* no body: the delimiter's line end is not the header's */
        kept->header_end = kept->body_begin = kept->body_end;
    bool empty = kept->body_end == kept->body_begin;
    kept->lines = empty ? 0 : walk->lines - lines - line_feeds(walk->tree->bytes, kept->body_end, stop.line_next);
    return stop;
}

void mime_tree_parse(struct mime_tree *tree, struct arena *arena, struct span message)
{
    *tree = (struct mime_tree){.arena = arena, .bytes = message};
    struct walk walk = {.tree = tree};
    walk_entity(&walk, add_part(&walk, 0, 1), false, 0);
}

void mime_tree_free(struct mime_tree *tree)
{
    vec_free(&tree->parts);
}

struct span mime_header_of(const struct mime_tree *tree, const struct mime_part *part)
{
    size_t n = part->header_end - part->header_begin;
    return (struct span){tree->bytes.p + part->header_begin, n < MIME_HEADER_MAX ? n : MIME_HEADER_MAX};
}

struct span mime_body_of(const struct mime_tree *tree, const struct mime_part *part)
{
    return (struct span){tree->bytes.p + part->body_begin, part->body_end - part->body_begin};
}

struct span mime_part_name(const struct mime_tree *tree, const struct mime_part *part)
{
    struct span name = mime_param_text(tree->arena, &part->disposition_params, "filename");
    return name.n ? name : mime_param_text(tree->arena, &part->params, "name");
}

bool mime_type_is(const struct mime_part *part, const char *type, const char *subtype)
{
    return span_is_nocase(part->type, type) && (!subtype || span_is_nocase(part->subtype, subtype));
}
