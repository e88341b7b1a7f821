#include "lib/store/page.h"

#include "lib/base/num.h"

bool page_read(struct page *p, int64_t block, struct span bytes)
{
    if (bytes.n != PAGE_BYTES)
        return false;
    const uint8_t *at = (const uint8_t *)bytes.p;
    *p = (struct page){.block = block, .known = get_u64(at), .exists = get_u64(at + 8), .stored = true};
    at += 16;
    for (unsigned i = 0; i < PAGE_UIDS; i++, at += 16)
        p->entries[i] = (struct page_entry){get_u64(at), get_u64(at + 8)};
    return true;
}

void page_write(const struct page *p, uint8_t out[PAGE_BYTES])
{
    put_u64(out, p->known);
    put_u64(out + 8, p->exists);
    out += 16;
    for (unsigned i = 0; i < PAGE_UIDS; i++, out += 16) {
        put_u64(out, p->entries[i].flags);
        put_u64(out + 8, p->entries[i].modseq);
    }
}

uint64_t page_max_modseq(const struct page *p)
{
    uint64_t most = 0;
    for (unsigned i = 0; i < PAGE_UIDS; i++)
        if (p->entries[i].modseq > most)
            most = p->entries[i].modseq;
    return most;
}

bool seen_read(struct seen *s, int64_t viewer, int64_t block, struct span bytes)
{
    if (bytes.n != SEEN_BYTES)
        return false;
    const uint8_t *at = (const uint8_t *)bytes.p;
    *s = (struct seen){.viewer = viewer, .block = block, .bits = get_u64(at), .stored = true};
    for (unsigned i = 0; i < PAGE_UIDS; i++)
        s->modseq[i] = get_u64(at + 8 + i * 8);
    return true;
}

void seen_write(const struct seen *s, uint8_t out[SEEN_BYTES])
{
    put_u64(out, s->bits);
    for (unsigned i = 0; i < PAGE_UIDS; i++)
        put_u64(out + 8 + i * 8, s->modseq[i]);
}

uint64_t seen_max_modseq(const struct seen *s)
{
    uint64_t most = 0;
    for (unsigned i = 0; i < PAGE_UIDS; i++)
        if (s->modseq[i] > most)
            most = s->modseq[i];
    return most;
}

size_t uid_runs(const uint32_t *uids, size_t count, uint8_t *out)
{
    size_t runs = 0;
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && uids[end] == uids[end - 1] + 1)
            end++;
        put_u32(out + runs * 8, uids[i]);
        put_u32(out + runs * 8 + 4, uids[end - 1]);
        runs++;
        i = end;
    }
    return runs;
}
