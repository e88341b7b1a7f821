/* A mailbox against a simple model of one: folders, flags, copies, moves, expunges, appends, at random and by example. */
#include "lib/store/trace.h"
#include "tests/store/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct db *admin, *mx, *imap;
static struct delivery_keys *keys;

static struct mailbox *open_new(struct test_bal *bal, enum bal_kind kind, int64_t viewer)
{
    test_bal_new(admin, bal, kind);
    return mailbox_open(&bal->bal, &bal->keys, viewer, kind == BAL_ORG || kind == BAL_CAB);
}

static struct folder named(struct mailbox *m, const char *name)
{
    struct folder f;
    assert_int_equal(folder_by_name(imap, m, name, &f), STORE_OK);
    return f;
}

static void append_one(struct mailbox *m, const char *folder, uint64_t flags, unsigned n, uint32_t *uid)
{
    struct append a = {.bytes = test_message(n, 3000), .summary = test_summary(n), .folder = folder, .flags = flags};
    assert_int_equal(messages_append(imap, m, &a, 1, NULL), STORE_OK);
    *uid = a.uid;
}

struct many {
    unsigned count;
    uint64_t sizes[16];
};

static bool take_one(size_t index, enum store_status status, struct span bytes, void *arg)
{
    struct many *got = arg;
    assert_int_equal(status, STORE_OK);
    assert_int_equal(index, got->count == 4 ? 5 : got->count); /* the fifth is not there */
    got->sizes[index] = bytes.n;
    got->count += index == 5 ? 2 : 1;
    return true;
}

static void bytes_come_back(void **state UNUSED)
{
    static const size_t sizes[] = {0, 1, 200, 5000, 262144 - 31, 262144, 262145, 900000, 3 << 20};
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    struct folder inbox = named(m, "INBOX");
    int64_t blobs[16] = {0};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct span body = test_message((unsigned)i, sizes[i]);
        body.n = sizes[i] < body.n ? sizes[i] : body.n;
        struct append a = {.bytes = body, .summary = test_summary(1), .folder = "INBOX", .internal_date = 77};
        assert_int_equal(messages_append(imap, m, &a, 1, NULL), STORE_OK);
        blobs[i] = a.blob_id;
        struct str out;
        str_init(&out, 64 << 20);
        assert_int_equal(message_read(imap, m, a.blob_id, 0, UINT64_MAX, &out), STORE_OK);
        assert_int_equal(out.len, body.n);
        assert_memory_equal(out.data, body.p, body.n);
        for (unsigned t = 0; t < 20 && body.n; t++) { /* any range */
            uint64_t from = (uint64_t)rand() % body.n, length = (uint64_t)rand() % (body.n + 10);
            uint64_t want = length < body.n - from ? length : body.n - from;
            str_clear(&out);
            struct mailbox *first = mailbox_open(&bal.bal, &bal.keys, 0, false); /* met for the first time, or again */
            assert_int_equal(message_read(imap, t % 2 ? first : m, a.blob_id, from, length, &out), STORE_OK);
            mailbox_close(&first);
            assert_int_equal(out.len, want);
            assert_memory_equal(out.data, body.p + from, want);
        }
        str_free(&out);
    }
    struct many got = {0};
    blobs[4] = 12345;
    assert_int_equal(messages_read_many(imap, m, blobs, COUNT(sizes), take_one, &got), STORE_OK);
    for (size_t i = 0; i < COUNT(sizes); i++)
        if (i != 4)
            assert_int_equal(got.sizes[i], sizes[i]);
    assert_int_equal(named(m, "INBOX").messages, COUNT(sizes));
    assert_int_equal(inbox.messages, 0);
    mailbox_close(&m);
}

static bool check_fact(const struct message_facts *f, void *arg)
{
    unsigned *count = arg;
    assert_false(f->damaged);
    assert_int_equal(f->size, 2079);
    assert_int_equal(f->head_size, 31);
    assert_int_equal(f->internal_date, 1763650000);
    struct summary_view view;
    assert_true(summary_open(&view, f->structure));
    char id[32];
    snprintf(id, sizeof(id), "<%u@b>", f->uid);
    assert_span(view.field[SUMMARY_MESSAGE_ID], id);
    struct span own = SPAN_LIT("Return-Path: <a@b.mssante.fr>\n"); /* SEARCH sees our own fields too */
    assert_int_equal(f->text.n, own.n + test_summary(1).text.n);
    assert_memory_equal(f->text.p, own.p, own.n);
    ++*count;
    return *count < 1500;
}

static void facts_stream(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    for (unsigned n = 1; n <= 1600; n++)
        assert_int_equal(test_deliver(mx, keys, &bal, n, 2048, NULL), STORE_OK);
    uint32_t *uids = xcalloc(3000, sizeof(*uids));
    for (uint32_t i = 0; i < 3000; i++)
        uids[i] = i + 1;
    struct folder inbox = named(m, "INBOX");
    unsigned count = 0;
    assert_int_equal(messages_each(imap, m, inbox.id, uids, 3000, WANT_SUMMARY | WANT_TEXT, check_fact, &count),
                     STORE_OK);
    assert_int_equal(count, 1500); /* it stopped by itself */
    count = 0;
    for (uint32_t i = 0; i < 400; i++)
        uids[i] = 4 * i + 1; /* with gaps: by an array */
    assert_int_equal(messages_each(imap, m, inbox.id, uids, 400, WANT_SUMMARY | WANT_TEXT, check_fact, &count),
                     STORE_OK);
    assert_int_equal(count, 400);
    xfree(&uids);
    mailbox_close(&m);
}

static void folders(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    struct folder f;
    folder_list all = {0};
    assert_int_equal(folder_create(imap, m, "a/b/c", NULL, &f), STORE_OK);
    assert_int_equal(folder_create(imap, m, "a/b/c", NULL, NULL), STORE_EXISTS);
    assert_int_equal(folder_create(imap, m, "a//c", NULL, NULL), STORE_INVALID);
    assert_int_equal(folder_create(imap, m, "/a", NULL, NULL), STORE_INVALID);
    assert_int_equal(folder_rename(imap, m, "a", "a/x"), STORE_INVALID);
    assert_int_equal(folder_rename(imap, m, "a", "z/y"), STORE_OK);
    uint32_t validity = named(m, "z/y/b/c").uidvalidity;
    assert_int_equal(validity, f.uidvalidity);
    assert_int_equal(folder_by_name(imap, m, "a/b", &f), STORE_NOT_FOUND);
    assert_int_equal(folder_rename(imap, m, "z", "INBOX"), STORE_EXISTS);
    assert_int_equal(folder_rename(imap, m, "nowhere", "q"), STORE_NOT_FOUND);
    assert_int_equal(folder_delete(imap, m, "z/y/b"), STORE_OK); /* has a child: stays as \NoSelect */
    assert_true(named(m, "z/y/b").no_select);
    assert_int_equal(folder_delete(imap, m, "z/y/b"), STORE_CONFLICT);
    assert_int_equal(folder_delete(imap, m, "z/y/b/c"), STORE_OK);
    assert_int_equal(folder_create(imap, m, "z/y/b/c", NULL, &f), STORE_OK);
    assert_true(f.uidvalidity > validity); /* never repeated */
    assert_int_equal(folder_delete(imap, m, "INBOX"), STORE_REFUSED);
    assert_int_equal(folder_subscribe(imap, m, "z/y", true), STORE_OK);
    assert_true(named(m, "z/y").subscribed);
    assert_int_equal(folders_list(imap, m, &all), STORE_OK);
    assert_int_equal(all.len, 10);
    vec_free(&all);
    uint32_t uid;
    append_one(m, "INBOX", FLAG_SEEN, 1, &uid);
    assert_int_equal(folder_rename(imap, m, "INBOX", "vieux"), STORE_OK);
    assert_int_equal(named(m, "INBOX").messages, 0);
    assert_int_equal(named(m, "vieux").messages, 1);
    mailbox_close(&m);
}

static void keywords(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    int64_t id = named(m, "INBOX").id;
    unsigned bit;
    char name[16];
    for (unsigned i = 0; i < FLAG_KEYWORDS_MAX; i++) {
        snprintf(name, sizeof(name), "$k%u", i);
        assert_int_equal(folder_keyword_bit(imap, m, id, name, &bit), STORE_OK);
        assert_int_equal(bit, FLAG_KEYWORD_FIRST + i);
    }
    assert_int_equal(folder_keyword_bit(imap, m, id, "$K7", &bit), STORE_OK);
    assert_int_equal(bit, FLAG_KEYWORD_FIRST + 7);
    assert_int_equal(folder_keyword_bit(imap, m, id, "$more", &bit), STORE_OVER_QUOTA);
    /* A copy takes its keywords along, under the target's own bits. */
    uint32_t uid, validity;
    copied_list copied = {0};
    state_list states = {0};
    append_one(m, "INBOX", FLAG_FLAGGED | 1ULL << (FLAG_KEYWORD_FIRST + 57), 1, &uid);
    int64_t archive = named(m, "Archive").id;
    assert_int_equal(messages_copy(imap, m, id, archive, &uid, 1, false, &copied, &validity), STORE_OK);
    assert_int_equal(folder_states(imap, m, archive, 1, UINT32_MAX, 0, &states), STORE_OK);
    assert_int_equal(states.len, 1);
    assert_int_equal(states.items[0].flags, FLAG_FLAGGED | 1ULL << FLAG_KEYWORD_FIRST);
    keyword_list list = {0};
    assert_int_equal(folder_keywords(imap, m, archive, &list), STORE_OK);
    assert_string_equal(list.items[0], "$k57");
    struct folder selected;
    assert_int_equal(folder_select(imap, m, "INBOX", &selected, &list), STORE_OK);
    assert_int_equal(selected.id, id);
    assert_int_equal(list.len, FLAG_KEYWORDS_MAX);
    assert_string_equal(list.items[57], "$k57");
    keyword_list_free(&list);
    vec_free(&copied);
    vec_free(&states);
    mailbox_close(&m);
}

static void unchanged_since(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    int64_t id = named(m, "INBOX").id;
    uint32_t uids[3] = {1, 2, 3}, uid;
    struct flag_result r = {0};
    for (unsigned i = 1; i <= 3; i++)
        append_one(m, "INBOX", 0, i, &uid);
    assert_int_equal(messages_store_flags(imap, m, id, uids, 3, FLAGS_ADD, FLAG_FLAGGED, 3, &r), STORE_OK);
    assert_int_equal(r.changed.len, 2); /* the third arrived at modseq 4 */
    assert_int_equal(r.refused.len, 1);
    assert_int_equal(r.refused.items[0], 3);
    assert_int_equal(r.modseq, 5);
    assert_int_equal(messages_store_flags(imap, m, id, uids, 3, FLAGS_ADD, FLAG_FLAGGED, UINT64_MAX, &r), STORE_OK);
    assert_int_equal(r.modseq, 6); /* only the third changed */
    assert_int_equal(messages_store_flags(imap, m, id, uids, 3, FLAGS_ADD, FLAG_FLAGGED, UINT64_MAX, &r), STORE_OK);
    assert_int_equal(r.modseq, 6); /* nothing did */
    vec_free(&r.changed);
    vec_free(&r.refused);
    mailbox_close(&m);
}

static void seen_is_each_ones_own(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *anne = open_new(&bal, BAL_ORG, 11), *benoit = mailbox_open(&bal.bal, &bal.keys, 12, true);
    int64_t id = named(anne, "INBOX").id, archive = named(anne, "Archive").id;
    uint32_t uids[] = {2, 70, 99}, validity;
    struct flag_result r = {0};
    state_list states = {0};
    uid_list gone = {0};
    copied_list copied = {0};
    uint64_t modseq;
    for (unsigned n = 1; n <= 100; n++)
        assert_int_equal(test_deliver(mx, keys, &bal, n, 500, NULL), STORE_OK);
    assert_int_equal(messages_store_flags(imap, anne, id, uids, 3, FLAGS_ADD, FLAG_SEEN | FLAG_FLAGGED, UINT64_MAX, &r),
                     STORE_OK);
    assert_int_equal(named(anne, "INBOX").unseen, 97);
    assert_int_equal(named(benoit, "INBOX").unseen, 100);
    assert_int_equal(folder_states(imap, benoit, id, 2, 2, 0, &states), STORE_OK);
    assert_int_equal(states.items[0].flags, FLAG_FLAGGED);
    assert_int_equal(folder_states(imap, anne, id, 1, UINT32_MAX, 101, &states), STORE_OK);
    assert_int_equal(states.len, 3);
    assert_int_equal(states.items[1].uid, 70);
    assert_int_equal(states.items[1].flags, FLAG_FLAGGED | FLAG_SEEN);
    /* moved by the other: still read by the one who read it */
    assert_int_equal(messages_copy(imap, benoit, id, archive, uids, 2, true, &copied, &validity), STORE_OK);
    assert_int_equal(named(anne, "Archive").unseen, 0);
    assert_int_equal(named(benoit, "Archive").unseen, 2);
    assert_int_equal(named(anne, "INBOX").unseen, 97);
    assert_int_equal(named(benoit, "INBOX").unseen, 98);
    assert_int_equal(messages_store_flags(imap, benoit, id, uids + 2, 1, FLAGS_ADD, FLAG_DELETED, UINT64_MAX, &r),
                     STORE_OK);
    assert_int_equal(messages_expunge(imap, benoit, id, NULL, 0, &gone, &modseq), STORE_OK);
    assert_int_equal(gone.len, 1);
    assert_int_equal(named(anne, "INBOX").unseen, 97);
    assert_int_equal(named(benoit, "INBOX").unseen, 97);
    struct append a = {
        .bytes = test_message(1, 900), .summary = test_summary(1), .folder = "INBOX", .flags = FLAG_SEEN};
    assert_int_equal(messages_append(imap, anne, &a, 1, NULL), STORE_OK);
    assert_int_equal(named(anne, "INBOX").unseen, 97);
    assert_int_equal(named(benoit, "INBOX").unseen, 98);
    vec_free(&r.changed);
    vec_free(&r.refused);
    vec_free(&states);
    vec_free(&gone);
    vec_free(&copied);
    mailbox_close(&anne);
    mailbox_close(&benoit);
}

/* What a client has submitted and then appends itself to Sent: one copy, the client's. */
static uint32_t recent_of(struct mailbox *m, uint32_t from)
{
    uint32_t count;
    struct folder f = named(m, "INBOX");
    f.recent_from = from;
    assert_int_equal(folder_count_recent(imap, m, &f, &count), STORE_OK);
    return count;
}

/* Whichever side of recent_from is counted, those that are gone do not count. */
static void recent_is_counted(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    struct flag_result result = {0};
    uid_list gone = {0};
    static const uint32_t lost[] = {2, 9};
    uint64_t modseq;
    assert_int_equal(recent_of(m, 1), 0);
    for (unsigned n = 1; n <= 10; n++) {
        uint32_t uid;
        append_one(m, "INBOX", 0, n, &uid);
    }
    int64_t id = named(m, "INBOX").id;
    assert_int_equal(messages_store_flags(imap, m, id, lost, 2, FLAGS_ADD, FLAG_DELETED, UINT64_MAX, &result),
                     STORE_OK);
    assert_int_equal(messages_expunge(imap, m, id, NULL, 0, &gone, &modseq), STORE_OK);
    assert_int_equal(gone.len, 2);
    assert_int_equal(recent_of(m, 1), 8);
    assert_int_equal(recent_of(m, 3), 7); /* 3-8 and 10, by the one below */
    assert_int_equal(recent_of(m, 8), 2); /* 8 and 10 */
    assert_int_equal(recent_of(m, 11), 0);
    vec_free(&gone);
    vec_free(&result.changed);
    vec_free(&result.refused);
    mailbox_close(&m);
}

/* The trace of an APPEND names the messages, and stands or falls with them. */
static void append_is_traced(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    struct append several[3] = {{.bytes = SPAN_NONE}};
    char want[64];
    const struct trace trace = {
        .action = "imap.append", .answer = "OK", .actor_kind = TRACE_SYSTEM, .actor = "test", .bal_id = bal.bal.id};
    for (unsigned i = 0; i < COUNT(several); i++)
        several[i] =
            (struct append){.bytes = test_message(i, 300), .summary = test_summary(i), .folder = i ? "INBOX" : "nulle"};
    assert_int_equal(messages_append(imap, m, several, 1, &trace), STORE_NOT_FOUND);
    several[0].folder = "INBOX";
    assert_int_equal(messages_append(imap, m, several, 1, &trace), STORE_OK);
    assert_int_equal(messages_append(imap, m, several, 3, &trace), STORE_OK);
    snprintf(want, sizeof(want), "%lld/1 %lld/2:4", (long long)several[0].folder_id, (long long)several[0].folder_id);
    assert_string_equal(test_sql("SELECT string_agg(messages, ' ' ORDER BY trace_id) FROM trace WHERE bal_id = %lld",
                                 (long long)bal.bal.id),
                        want);
    assert_string_equal(test_sql("SELECT messages FROM bal_quota WHERE bal_id = %lld", (long long)bal.bal.id), "4");
    mailbox_close(&m);
}

static void own_sent_copy_is_replaced(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    struct delivery_target sent = {.bal = &bal.bal, .folder = "Sent", .flags = "\\Seen"};
    struct delivery d = {.body = test_message(5, 900), .summary = test_summary(5), .targets = &sent, .target_count = 1};
    assert_int_equal(deliver(mx, keys, &d), STORE_OK);
    uint32_t uid;
    append_one(m, "Sent", FLAG_SEEN, 6, &uid); /* another message */
    assert_int_equal(named(m, "Sent").messages, 2);
    append_one(m, "Archive", FLAG_SEEN, 5, &uid); /* elsewhere */
    assert_int_equal(named(m, "Sent").messages, 2);
    append_one(m, "Sent", FLAG_SEEN, 5, &uid);
    assert_int_equal(uid, 3);
    assert_int_equal(named(m, "Sent").messages, 2);
    append_one(m, "Sent", FLAG_SEEN, 5, &uid); /* the client's own is never replaced */
    assert_int_equal(named(m, "Sent").messages, 3);
    assert_string_equal(
        test_sql(
            "SELECT (SELECT sum(size) FROM message WHERE bal_id = %lld) = used_bytes FROM bal_quota WHERE bal_id = "
            "%lld",
            (long long)bal.bal.id, (long long)bal.bal.id),
        "t");
    mailbox_close(&m);
}

/* The model: two folders of at most 4096 UIDs. */
struct model {
    int64_t id;
    const char *name;
    uint32_t uidnext;
    uint64_t modseq;
    uint64_t flags[4096], changed[4096];
    bool exists[4096];
};

static void compare(struct mailbox *m, const struct model *x)
{
    state_list states = {0};
    struct folder f = named(m, x->name);
    uint32_t messages = 0, unseen = 0, deleted = 0;
    size_t at = 0;
    assert_int_equal(f.uidnext, x->uidnext);
    assert_int_equal(f.highestmodseq, x->modseq);
    assert_int_equal(folder_states(imap, m, x->id, 1, UINT32_MAX, 0, &states), STORE_OK);
    for (uint32_t uid = 1; uid < x->uidnext; uid++) {
        if (!x->exists[uid])
            continue;
        messages++;
        unseen += !(x->flags[uid] & FLAG_SEEN);
        deleted += !!(x->flags[uid] & FLAG_DELETED);
        assert_true(at < states.len);
        assert_int_equal(states.items[at].uid, uid);
        assert_int_equal(states.items[at].flags, x->flags[uid]);
        assert_int_equal(states.items[at].modseq, x->changed[uid]);
        at++;
    }
    assert_int_equal(at, states.len);
    assert_int_equal(f.messages, messages);
    assert_int_equal(f.unseen, unseen);
    assert_int_equal(f.deleted, deleted);
    vec_free(&states);
}

static size_t choose(const struct model *x, uint32_t *uids, size_t most)
{
    size_t n = 0;
    unsigned one_in = 1 + (unsigned)rand() % 40;
    for (uint32_t uid = 1; uid < x->uidnext + 2 && n < most; uid++) /* some that are not there, too */
        if ((unsigned)rand() % one_in == 0)
            uids[n++] = uid;
    return n;
}

static void model_store(struct mailbox *m, struct model *x, uint32_t *uids)
{
    enum flag_change change = (enum flag_change)(rand() % 3);
    uint64_t flags = (uint64_t)rand() & 31;
    size_t n = choose(x, uids, 300);
    struct flag_result r = {0};
    bool any = false;
    assert_int_equal(messages_store_flags(imap, m, x->id, uids, n, change, flags, UINT64_MAX, &r), STORE_OK);
    for (size_t i = 0; i < n; i++) {
        uint64_t *now = &x->flags[uids[i]];
        uint64_t after = change == FLAGS_SET ? flags : change == FLAGS_ADD ? *now | flags : *now & ~flags;
        if (!x->exists[uids[i]] || after == *now)
            continue;
        *now = after;
        x->changed[uids[i]] = x->modseq + 1;
        any = true;
    }
    x->modseq += any;
    vec_free(&r.changed);
    vec_free(&r.refused);
}

static void model_expunge(struct mailbox *m, struct model *x, uint32_t *uids)
{
    bool all = rand() % 2;
    size_t n = all ? 0 : choose(x, uids, 300), left = 0;
    uid_list gone = {0}, since = {0};
    uint64_t modseq;
    assert_int_equal(messages_expunge(imap, m, x->id, all ? NULL : uids, n, &gone, &modseq), STORE_OK);
    for (uint32_t uid = 1; uid < x->uidnext; uid++) {
        bool asked = all;
        for (size_t i = 0; i < n && !asked; i++)
            asked = uids[i] == uid;
        if (!asked || !x->exists[uid] || !(x->flags[uid] & FLAG_DELETED))
            continue;
        assert_int_equal(gone.items[left++], uid);
        x->exists[uid] = false;
    }
    assert_int_equal(left, gone.len);
    assert_int_equal(folder_expunged_since(imap, m, x->id, x->modseq, &since), STORE_OK);
    assert_int_equal(since.len, gone.len);
    for (size_t i = 0; i < gone.len; i++)
        assert_int_equal(since.items[i], gone.items[i]);
    x->modseq += gone.len > 0;
    vec_free(&gone);
    vec_free(&since);
}

static void model_copy(struct mailbox *m, struct model *from, struct model *to, uint32_t *uids)
{
    bool move = rand() % 2;
    size_t n = choose(from, uids, 100), made = 0;
    copied_list copied = {0};
    uint32_t validity, end = from->uidnext;
    assert_int_equal(messages_copy(imap, m, from->id, to->id, uids, n, move, &copied, &validity), STORE_OK);
    for (size_t i = 0; i < n; i++) {
        if (uids[i] >= end || !from->exists[uids[i]])
            continue;
        assert_int_equal(copied.items[made].from, uids[i]);
        assert_int_equal(copied.items[made].to, to->uidnext);
        made++;
        to->exists[to->uidnext] = true;
        to->flags[to->uidnext] = from->flags[uids[i]];
        to->changed[to->uidnext++] = to->modseq + 1;
        from->exists[uids[i]] = !move;
    }
    assert_int_equal(made, copied.len);
    to->modseq += made > 0;
    if (from != to)
        from->modseq += move && made > 0;
    vec_free(&copied);
}

static void model_add(struct mailbox *m, const struct test_bal *bal, struct model *x)
{
    unsigned many = 1 + (unsigned)rand() % 60;
    for (unsigned i = 0; i < many; i++) {
        uint64_t flags = 0;
        uint32_t uid;
        if (rand() % 2 && span_is(span_of(x->name), "INBOX")) {
            assert_int_equal(test_deliver(mx, keys, bal, 1, 300, NULL), STORE_OK);
        } else {
            flags = (uint64_t)rand() & 31;
            append_one(m, x->name, flags, 1, &uid);
            assert_int_equal(uid, x->uidnext);
        }
        x->exists[x->uidnext] = true;
        x->flags[x->uidnext] = flags;
        x->changed[x->uidnext++] = ++x->modseq;
    }
}

static void at_random(void **state UNUSED)
{
    struct test_bal bal;
    struct mailbox *m = open_new(&bal, BAL_PER, 0);
    static struct model inbox, archive;
    static uint32_t uids[4096];
    inbox = (struct model){.id = named(m, "INBOX").id, .name = "INBOX", .uidnext = 1, .modseq = 1};
    archive = (struct model){.id = named(m, "Archive").id, .name = "Archive", .uidnext = 1, .modseq = 1};
    srand(20261120);
    for (unsigned step = 0; step < 150; step++) {
        struct model *x = rand() % 2 ? &inbox : &archive, *y = rand() % 4 ? x == &inbox ? &archive : &inbox : x;
        switch (rand() % 5) {
        case 0:
            if (x->uidnext < 3000)
                model_add(m, &bal, x);
            break;
        case 1:
            model_expunge(m, x, uids);
            break;
        case 2:
            if (y->uidnext < 3500)
                model_copy(m, x, y, uids);
            break;
        case 3:
            if (rand() % 8 == 0)
                assert_int_equal(folder_tidy(imap, m, x->id), STORE_OK);
            break;
        default:
            model_store(m, x, uids);
        }
        compare(m, &inbox);
        compare(m, &archive);
    }
    assert_string_equal(
        test_sql("SELECT (SELECT used_bytes FROM bal_quota WHERE bal_id = %lld) = (SELECT sum(size) FROM message "
                 "WHERE bal_id = %lld) AND (SELECT sum(bytes) FROM folder WHERE bal_id = %lld) = (SELECT sum(size) "
                 "FROM message WHERE bal_id = %lld)",
                 (long long)bal.bal.id, (long long)bal.bal.id, (long long)bal.bal.id, (long long)bal.bal.id),
        "t");
    mailbox_close(&m);
}

static int start(void **state UNUSED)
{
    admin = db_new(test_conf(), "caducee_admin", "test");
    mx = db_new(test_conf(), "caducee_mx", "test");
    imap = db_new(test_conf(), "caducee_imapd", "test");
    keys = delivery_keys_new();
    return 0;
}

static int stop(void **state UNUSED)
{
    db_destroy(&admin);
    db_destroy(&mx);
    db_destroy(&imap);
    delivery_keys_destroy(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_back),
        cmocka_unit_test(facts_stream),
        cmocka_unit_test(folders),
        cmocka_unit_test(keywords),
        cmocka_unit_test(unchanged_since),
        cmocka_unit_test(seen_is_each_ones_own),
        cmocka_unit_test(own_sent_copy_is_replaced),
        cmocka_unit_test(recent_is_counted),
        cmocka_unit_test(append_is_traced),
        cmocka_unit_test(at_random),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
