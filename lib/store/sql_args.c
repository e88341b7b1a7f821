/* Arguments of statements, in PostgreSQL's binary forms. */
#include "lib/store/sql.h"

#include "lib/base/num.h"

#include <string.h>

static void put(struct sql_args *a, const void *value, size_t length)
{
    must(a->count < SQL_ARGS_MAX && length <= INT32_MAX);
    a->values[a->count] = value;
    a->lengths[a->count++] = (int)length;
}

void arg_i64(struct sql_args *a, int64_t value)
{
    must(a->count < SQL_ARGS_MAX);
    uint8_t *at = a->numbers[a->count];
    put_u64(at, (uint64_t)value);
    put(a, at, 8);
}

void arg_id(struct sql_args *a, int64_t id)
{
    if (id)
        arg_i64(a, id);
    else
        arg_null(a);
}

void arg_bool(struct sql_args *a, bool value)
{
    must(a->count < SQL_ARGS_MAX);
    uint8_t *at = a->numbers[a->count];
    *at = value;
    put(a, at, 1);
}

void arg_span(struct sql_args *a, struct span s)
{
    put(a, s.p, s.n);
}

void arg_text(struct sql_args *a, const char *text)
{
    put(a, text, text ? strlen(text) : 0);
}

void arg_null(struct sql_args *a)
{
    put(a, NULL, 0);
}

/* array_recv(): dimensions, has-null flag, element OID, length and lower bound, then each element with its width. */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

static void array_begin(struct str *out, size_t count, uint32_t type, size_t bytes)
{
    must(count <= INT32_MAX / 16);
    uint8_t head[20];
    put_u32(head, count ? 1 : 0);
    put_u32(head + 4, 0);
    put_u32(head + 8, type);
    put_u32(head + 12, (uint32_t)count);
    put_u32(head + 16, 1);
    str_init(out, 20 + bytes);
    str_add(out, head, count ? 20 : 12);
}

static void array_item(struct str *out, int64_t value)
{
    uint8_t item[12];
    put_u32(item, 8);
    put_u64(item + 4, (uint64_t)value);
    str_add(out, item, sizeof(item));
}

void arg_array(struct sql_args *a, struct str *out, const int64_t *values, size_t count)
{
    array_begin(out, count, OID_INT8, count * 12);
    for (size_t i = 0; i < count; i++)
        array_item(out, values[i]);
    arg_span(a, str_span(out));
}

void arg_uids(struct sql_args *a, struct str *out, const uint32_t *uids, size_t count)
{
    array_begin(out, count, OID_INT8, count * 12);
    for (size_t i = 0; i < count; i++)
        array_item(out, uids[i]);
    arg_span(a, str_span(out));
}

static void array_span(struct str *out, struct span value)
{
    uint8_t length[4];
    put_u32(length, value.p ? (uint32_t)value.n : UINT32_MAX);
    str_add(out, length, sizeof(length));
    str_add(out, value.p, value.p ? value.n : 0);
}

void arg_texts(struct sql_args *a, struct str *out, const char *const *texts, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += 4 + (texts[i] ? strlen(texts[i]) : 0);
    array_begin(out, count, OID_TEXT, bytes);
    for (size_t i = 0; i < count; i++)
        array_span(out, texts[i] ? span_of(texts[i]) : SPAN_NONE);
    arg_span(a, str_span(out));
}

void arg_blobs(struct sql_args *a, struct str *out, const struct span *values, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += 4 + values[i].n;
    array_begin(out, count, OID_BYTEA, bytes);
    for (size_t i = 0; i < count; i++)
        array_span(out, values[i]);
    arg_span(a, str_span(out));
}
