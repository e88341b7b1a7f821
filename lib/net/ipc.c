/* The wire form, pure: writing and reading frames. */
#include "lib/net/ipc.h"

#include "lib/base/num.h"

enum { LENGTH_BYTES = 4, TYPE_BYTES = 2, FIELD_HEAD_BYTES = 6 };

static void put_bytes_u16(struct str *out, uint16_t v)
{
    uint8_t b[2];
    put_u16(b, v);
    str_add(out, b, sizeof b);
}

static void put_bytes_u32(struct str *out, uint32_t v)
{
    uint8_t b[4];
    put_u32(b, v);
    str_add(out, b, sizeof b);
}

void ipc_begin(struct str *out, uint16_t type)
{
    str_clear(out);
    put_bytes_u32(out, 0);
    put_bytes_u16(out, type);
}

void ipc_put(struct str *out, uint16_t tag, struct span value)
{
    must(value.n <= UINT32_MAX);
    put_bytes_u16(out, tag);
    put_bytes_u32(out, (uint32_t)value.n);
    str_add_span(out, value);
}

void ipc_put_u64(struct str *out, uint16_t tag, uint64_t value)
{
    uint8_t b[8];
    put_u64(b, value);
    ipc_put(out, tag, (struct span){(const char *)b, sizeof b});
}

void ipc_end(struct str *out)
{
    must(!out->overflow && out->len >= LENGTH_BYTES + TYPE_BYTES && out->len - LENGTH_BYTES <= UINT32_MAX);
    put_u32((uint8_t *)out->data, (uint32_t)(out->len - LENGTH_BYTES));
}

static bool is_known(const struct ipc_message *message, uint16_t tag)
{
    struct span ignored;
    return ipc_get(message, tag, &ignored);
}

/* Each field once, its length inside the frame, nothing behind the last: else -1. */
static bool parse_fields(const uint8_t *p, size_t left, struct ipc_message *out)
{
    while (left) {
        if (left < FIELD_HEAD_BYTES || out->count == IPC_FIELDS_MAX)
            return false;
        uint16_t tag = get_u16(p);
        uint32_t length = get_u32(p + 2);
        if (length > left - FIELD_HEAD_BYTES || is_known(out, tag))
            return false;
        out->fields[out->count++] = (struct ipc_field){tag, {(const char *)p + FIELD_HEAD_BYTES, length}};
        p += FIELD_HEAD_BYTES + length;
        left -= FIELD_HEAD_BYTES + length;
    }
    return true;
}

ptrdiff_t ipc_parse(struct span in, size_t max_frame, struct ipc_message *out)
{
    const uint8_t *p = (const uint8_t *)in.p;
    if (in.n < LENGTH_BYTES)
        return 0;
    size_t length = get_u32(p);
    if (length < TYPE_BYTES || length > max_frame || max_frame > PTRDIFF_MAX - LENGTH_BYTES)
        return -1;
    if (in.n - LENGTH_BYTES < length)
        return 0;
    out->type = get_u16(p + LENGTH_BYTES);
    out->count = 0;
    if (!parse_fields(p + LENGTH_BYTES + TYPE_BYTES, length - TYPE_BYTES, out))
        return -1;
    return (ptrdiff_t)(LENGTH_BYTES + length);
}

bool ipc_get(const struct ipc_message *message, uint16_t tag, struct span *value)
{
    for (size_t i = 0; i < message->count; i++)
        if (message->fields[i].tag == tag) {
            *value = message->fields[i].value;
            return true;
        }
    return false;
}

bool ipc_get_u64(const struct ipc_message *message, uint16_t tag, uint64_t *value)
{
    struct span bytes;
    if (!ipc_get(message, tag, &bytes) || bytes.n != 8)
        return false;
    *value = get_u64((const uint8_t *)bytes.p);
    return true;
}
