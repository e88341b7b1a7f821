/* Bytes of messages for FETCH: small messages come several in one round trip, ahead of their turn; of a large one each
 * range is read when it is due. */
#include "imapd/fetch.h"

enum { AHEAD_BYTES = 1 << 20, AHEAD_MESSAGE_BYTES = 256 << 10, AHEAD_MESSAGES = 64 };

struct reading_ahead {
    struct fetch *f;
    size_t first; /* of the batch */
    enum store_status status;
};

static bool keep(size_t index, enum store_status status, struct span bytes, void *arg)
{
    struct reading_ahead *r = arg;
    struct fetched *message = &r->f->batch.items[r->first + index];
    if (status == STORE_OK && bytes.n == message->size) {
        message->ahead = true;
        message->ahead_at = r->f->ahead.len;
        str_add_span(&r->f->ahead, bytes);
    }
    return true;
}

/* From the message at `first` on, as many as are small. What does not come is read, and judged, in its turn. */
static void read_ahead(struct session *s, struct fetch *f, size_t first)
{
    int64_t blobs[AHEAD_MESSAGES];
    size_t count = 0;
    uint64_t sum = 0;
    while (count < AHEAD_MESSAGES && first + count < f->batch.len) {
        const struct fetched *next = &f->batch.items[first + count];
        if (next->size > AHEAD_MESSAGE_BYTES || sum + next->size > AHEAD_BYTES)
            break;
        sum += next->size;
        blobs[count++] = next->blob_id;
    }
    str_clear(&f->ahead);
    f->ahead_end = first + count;
    if (count > 1)
        (void)messages_read_many(s->thread->db, s->view->access->mailbox, blobs, count, keep,
                                 &(struct reading_ahead){.f = f, .first = first});
}

enum store_status fetch_read(struct session *s, struct fetch *f, const struct fetched *m, uint64_t offset,
                             uint64_t length, struct str *out)
{
    size_t index = (size_t)(m - f->batch.items);
    if (index >= f->ahead_end)
        read_ahead(s, f, index);
    if (!m->ahead)
        return message_read(s->thread->db, s->view->access->mailbox, m->blob_id, offset, length, out);
    uint64_t begin = offset < m->size ? offset : m->size;
    uint64_t n = length < m->size - begin ? length : m->size - begin;
    return str_add(out, f->ahead.data + m->ahead_at + begin, (size_t)n) ? STORE_OK : STORE_INVALID;
}
