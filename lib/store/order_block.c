#include "lib/store/order_block.h"

#include "lib/base/num.h"
#include "lib/store/blob.h"

enum { VERSION = 1, HEAD_BYTES = 6, TEXTS_MAX = 5 };

void order_key(struct key *out, const struct key *private_half, int64_t bal_id)
{
    uint8_t salt[8];
    put_u64(salt, (uint64_t)bal_id);
    hkdf_sha256(out, (struct span){(const char *)private_half->b, KEY_BYTES}, (struct span){(const char *)salt, 8},
                SPAN_LIT("caducee folder_order"));
}

static struct span place_of(char out[AAD_BYTES], const struct order_place *p, enum order_kind kind)
{
    const char *what = kind == ORDER_FACTS ? "order.facts" : kind == ORDER_PEOPLE ? "order.people" : "order.thread";
    return aad(out, what, p->bal_id, p->folder_id, (uint32_t)p->block, true);
}

/* The texts of a kind, in the order in which they are written. */
static size_t texts_of(struct imap_sort_item *item, enum order_kind kind, struct span *texts[TEXTS_MAX])
{
    size_t n = 0;
    if (kind == ORDER_FACTS)
        texts[n++] = &item->subject;
    if (kind == ORDER_PEOPLE) {
        texts[n++] = &item->from;
        texts[n++] = &item->to;
        texts[n++] = &item->cc;
        texts[n++] = &item->display_from;
        texts[n++] = &item->display_to;
    }
    if (kind == ORDER_THREAD) {
        texts[n++] = &item->id;
        texts[n++] = &item->references;
    }
    return n;
}

static void write_u32(struct str *out, uint32_t value)
{
    uint8_t bytes[4];
    put_u32(bytes, value);
    str_add(out, bytes, sizeof(bytes));
}

static void write_difference(struct str *out, uint64_t value, uint64_t *before)
{
    uint8_t bytes[8];
    put_u64(bytes, value - *before);
    str_add(out, bytes, sizeof(bytes));
    *before = value;
}

static void write_facts(struct str *out, const struct imap_sort_item *items, size_t count)
{
    uint64_t arrival = 0, sent = 0, size = 0;
    for (size_t i = 0; i < count; i++)
        write_difference(out, (uint64_t)items[i].arrival, &arrival);
    for (size_t i = 0; i < count; i++)
        write_difference(out, (uint64_t)items[i].sent, &sent);
    for (size_t i = 0; i < count; i++)
        write_difference(out, items[i].size, &size);
    for (size_t i = 0; i < count; i++)
        str_putc(out, items[i].reply ? 1 : 0);
}

static void write_texts(struct str *out, enum order_kind kind, const struct imap_sort_item *items, size_t count)
{
    struct imap_sort_item item = {.reply = false};
    struct span *texts[TEXTS_MAX];
    size_t n = texts_of(&item, kind, texts);
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < count; i++) {
            item = items[i];
            write_u32(out, (uint32_t)texts[t]->n);
        }
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < count; i++) {
            item = items[i];
            str_add_span(out, *texts[t]);
        }
}

bool order_block_seal(struct str *out, const struct order_place *p, enum order_kind kind,
                      const struct imap_sort_item *items, size_t count)
{
    char place[AAD_BYTES];
    struct str clear, packed;
    uint32_t before = 0;
    str_init(&clear, ORDER_CLEAR_MAX);
    str_init(&packed, ORDER_CLEAR_MAX + ORDER_CLEAR_MAX / 128);
    str_putc(&clear, VERSION);
    str_putc(&clear, (char)kind);
    write_u32(&clear, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        write_u32(&clear, items[i].uid - before);
        before = items[i].uid;
    }
    if (kind == ORDER_FACTS)
        write_facts(&clear, items, count);
    write_texts(&clear, kind, items, count);
    bool good = !clear.overflow && pack(&packed, str_span(&clear)) &&
                gcm_seal(out, p->key, place_of(place, p, kind), str_span(&packed));
    str_free(&clear);
    str_free(&packed);
    return good;
}

/* The next `count` fields of `width` bytes; NULL: there are not so many. */
static const uint8_t *take(struct span *rest, size_t count, size_t width)
{
    size_t n = count * width;
    const char *at = rest->p;
    if (rest->n < n)
        return NULL;
    *rest = (struct span){rest->p + n, rest->n - n};
    return (const uint8_t *)at;
}

static bool read_uids(order_list *items, struct span *rest, size_t count, int64_t block)
{
    const uint8_t *field = take(rest, count, 4);
    bool fresh = items->len == 0;
    uint32_t uid = 0;
    if (!field || (!fresh && items->len != count))
        return false;
    for (size_t i = 0; i < count; i++) {
        uid += get_u32(field + 4 * i);
        if (uid / ORDER_BLOCK != block || (!fresh && items->items[i].uid != uid))
            return false;
        if (fresh)
            vec_push(items, (struct imap_sort_item){.uid = uid});
    }
    return true;
}

static bool read_facts(order_list *items, struct span *rest)
{
    size_t count = items->len;
    const uint8_t *arrivals = take(rest, count, 8), *sents = take(rest, count, 8), *sizes = take(rest, count, 8),
                  *replies = take(rest, count, 1);
    uint64_t arrival = 0, sent = 0, size = 0;
    if (!arrivals || !sents || !sizes || !replies)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct imap_sort_item *item = &items->items[i];
        item->arrival = (int64_t)(arrival += get_u64(arrivals + 8 * i));
        item->sent = (int64_t)(sent += get_u64(sents + 8 * i));
        item->size = size += get_u64(sizes + 8 * i);
        item->reply = replies[i] != 0;
    }
    return true;
}

static bool read_texts(order_list *items, enum order_kind kind, struct span *rest)
{
    struct span *texts[TEXTS_MAX];
    struct imap_sort_item none;
    size_t count = items->len, n = texts_of(&none, kind, texts);
    const uint8_t *lengths = take(rest, count * n, 4);
    for (size_t t = 0; lengths && t < n; t++)
        for (size_t i = 0; i < count; i++) {
            uint32_t length = get_u32(lengths + 4 * (t * count + i));
            const uint8_t *text = take(rest, length, 1);
            if (!text)
                return false;
            (void)texts_of(&items->items[i], kind, texts);
            *texts[t] = length ? (struct span){(const char *)text, length} : SPAN_NONE;
        }
    return lengths && rest->n == 0;
}

static bool read_clear(order_list *items, struct span rest, enum order_kind kind, int64_t block)
{
    const uint8_t *head = take(&rest, HEAD_BYTES, 1);
    if (!head || head[0] != VERSION || head[1] != kind)
        return false;
    size_t count = get_u32(head + 2);
    if (count > ORDER_BLOCK || !read_uids(items, &rest, count, block))
        return false;
    return (kind != ORDER_FACTS || read_facts(items, &rest)) && read_texts(items, kind, &rest);
}

bool order_block_open(order_list *items, struct str *clear, const struct order_place *p, enum order_kind kind,
                      struct span sealed)
{
    char place[AAD_BYTES];
    struct str packed;
    str_init(&packed, sealed.n + 1);
    bool good = gcm_open(&packed, p->key, place_of(place, p, kind), sealed) &&
                unpack(clear, str_span(&packed), ORDER_CLEAR_MAX) && read_clear(items, str_span(clear), kind, p->block);
    str_free(&packed);
    return good;
}
