#include "webmail-cgi/thread_join.h"

#include "lib/base/crypto.h"

#include <string.h>

void thread_join_free(struct thread_join *j)
{
    vec_free(&j->parent);
    xfree(&j->slots);
    *j = (struct thread_join){0};
}

uint32_t thread_join_root(struct thread_join *j, uint32_t node)
{
    while (j->parent.items[node] != node) {
        j->parent.items[node] = j->parent.items[j->parent.items[node]];
        node = j->parent.items[node];
    }
    return node;
}

static uint64_t digest_of(struct span name)
{
    uint8_t sum[SHA256_BYTES];
    uint64_t digest;
    sha256(sum, name);
    memcpy(&digest, sum, sizeof(digest));
    return digest ? digest : 1;
}

static struct thread_slot *slot_of(struct thread_slot *slots, size_t count, uint64_t digest)
{
    size_t at = digest & (count - 1);
    while (slots[at].digest && slots[at].digest != digest)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static void grow(struct thread_join *j)
{
    size_t count = j->slot_count ? j->slot_count * 2 : 256;
    struct thread_slot *slots = xcalloc(count, sizeof(*slots));
    for (size_t i = 0; i < j->slot_count; i++)
        if (j->slots[i].digest)
            *slot_of(slots, count, j->slots[i].digest) = j->slots[i];
    xfree(&j->slots);
    j->slots = slots;
    j->slot_count = count;
}

static void join_by(struct thread_join *j, uint32_t node, struct span name)
{
    if (j->slot_used * 2 >= j->slot_count)
        grow(j);
    uint64_t digest = digest_of(name);
    struct thread_slot *slot = slot_of(j->slots, j->slot_count, digest);
    if (slot->digest) {
        uint32_t a = thread_join_root(j, slot->node), b = thread_join_root(j, node);
        j->parent.items[b > a ? b : a] = b > a ? a : b;
        return;
    }
    *slot = (struct thread_slot){digest, node};
    j->slot_used++;
}

/* Each "<…>" of a field, the last ones when there are too many: the nearest ancestors stand last. */
static void join_all(struct thread_join *j, uint32_t node, struct span field, size_t max)
{
    size_t end = field.n, count = 0;
    while (end > 0 && count < max) {
        while (end > 0 && field.p[end - 1] != '>')
            end--;
        size_t begin = end;
        while (begin > 0 && field.p[begin - 1] != '<')
            begin--;
        if (begin == 0)
            return;
        join_by(j, node, (struct span){field.p + begin, end - 1 - begin});
        end = begin - 1;
        count++;
    }
}

uint32_t thread_join_add(struct thread_join *j, struct span message_id, struct span in_reply_to, struct span references)
{
    uint32_t node = (uint32_t)j->parent.len;
    vec_push(&j->parent, node);
    join_all(j, node, message_id, 1);
    join_all(j, node, in_reply_to, 1);
    join_all(j, node, references, THREAD_NAMES_MAX - 2);
    return node;
}
