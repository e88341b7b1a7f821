/* Kept searches. See context.h. */
#include "imapd/context.h"

#include "imapd/reply.h"

struct kept_search {
    char *tag;
    bool uid;
    struct str bytes; /* of the command: the program views it */
    struct searching search;
    imap_set members;
};

static void kept_free(struct kept_search **kept)
{
    struct arena *arena = (*kept)->search.arena;
    searching_free(&(*kept)->search);
    arena_destroy(&arena);
    str_free(&(*kept)->bytes);
    vec_free(&(*kept)->members);
    xfree(&(*kept)->tag);
    xfree(kept);
}

void contexts_free(struct session *s)
{
    vec_each (&s->contexts, kept)
        kept_free(kept);
    vec_free(&s->contexts);
}

void context_refuse(struct session *s, struct span tag, const char *why)
{
    str_puts(&s->out, "* NO [NOUPDATE ");
    imap_write_string(&s->out, tag, false);
    str_puts(&s->out, "] ");
    str_puts(&s->out, why);
    str_puts(&s->out, "\r\n");
}

/* A program whose answer moves without any message changing cannot be kept. */
static bool moves_by_itself(const struct imap_key *key)
{
    for (; key; key = key->next) {
        if (key->key == KEY_SEQUENCE || key->key == KEY_SAVED || key->key == KEY_OLDER || key->key == KEY_YOUNGER ||
            moves_by_itself(key->child))
            return true;
    }
    return false;
}

void context_keep(struct session *s, struct command *c, struct searching *g)
{
    if (moves_by_itself(g->program.root)) {
        context_refuse(s, c->tag, "Numbers and ages move by themselves.");
        return;
    }
    if (s->contexts.len >= CONTEXTS_MAX) {
        context_refuse(s, c->tag, "Too many searches are kept.");
        return;
    }
    struct kept_search *kept = xcalloc(1, sizeof(*kept));
    kept->tag = xstrndup(c->tag.p, c->tag.n);
    kept->uid = c->uid;
    vec_each (&g->found, one)
        imap_set_add(&kept->members, one->uid);
    kept->search = *g; /* found and undecided too: they are emptied at each use */
    kept->search.command = NULL;
    kept->bytes = c->bytes;
    str_init(&c->bytes, 1); /* c->tag stays a view of what is kept */
    c->arena = NULL;
    *g = (struct searching){.view = s->view};
    vec_push(&s->contexts, kept);
}

bool context_known(const struct session *s, struct span tag)
{
    vec_each (&s->contexts, kept) {
        if (span_eq(tag, span_of((*kept)->tag)))
            return true;
    }
    return false;
}

bool context_cancel(struct session *s, struct span tag)
{
    for (size_t i = 0; i < s->contexts.len; i++) {
        struct kept_search **at = &s->contexts.items[i];
        if (!span_eq(tag, span_of((*at)->tag)))
            continue;
        kept_free(at);
        *at = s->contexts.items[--s->contexts.len];
        return true;
    }
    return false;
}

/* "* ESEARCH (TAG "x") UID ADDTO (0 2,4:7)": place 0, as results stand in the mailbox's order (RFC 5267 4.3). */
static void say(struct session *s, const struct kept_search *kept, const char *what, const imap_set *uids)
{
    imap_set numbers = {0};
    vec_each (uids, range) {
        for (uint32_t uid = range->from; uid <= range->to && uid >= range->from; uid++) {
            uint32_t number = kept->uid ? uid : view_seq(s->view, uid);
            if (number)
                imap_set_add(&numbers, number);
        }
    }
    if (numbers.len > 0) {
        search_reply_head(s, span_of(kept->tag), &kept->search, kept->uid);
        str_puts(&s->out, what);
        imap_set_write(&s->out, &numbers);
        str_puts(&s->out, ")\r\n");
    }
    vec_free(&numbers);
}

/* members - away + come; both are resolved sets of single numbers. */
static void update_members(struct kept_search *kept, const imap_set *away, const imap_set *come)
{
    imap_set left = {0};
    vec_each (&kept->members, range) {
        for (uint32_t uid = range->from; uid <= range->to && uid >= range->from; uid++) {
            if (!imap_set_contains(away, uid))
                imap_set_add(&left, uid);
        }
    }
    vec_each (come, range)
        vec_push(&left, *range);
    imap_set_resolve(&left, 0);
    vec_free(&kept->members);
    kept->members.items = left.items;
    kept->members.len = left.len;
    kept->members.capacity = left.capacity;
}

void contexts_expunged(struct session *s, const uint32_t *uids, size_t count)
{
    static const imap_set none = {0};
    vec_each (&s->contexts, at) {
        imap_set away = {0};
        for (size_t i = 0; i < count; i++) {
            if (imap_set_contains(&(*at)->members, uids[i]))
                imap_set_add(&away, uids[i]);
        }
        if (away.len > 0) {
            say(s, *at, " REMOVEFROM (0 ", &away);
            update_members(*at, &away, &none);
        }
        vec_free(&away);
    }
}

static enum store_status changed(struct session *s, struct kept_search *kept, const state_list *states)
{
    imap_set away = {0}, come = {0};
    enum store_status status = searching_again(s, &kept->search, states);
    size_t j = 0;
    const state_list *found = &kept->search.found;
    for (size_t i = 0; status == STORE_OK && i < states->len; i++) {
        uint32_t uid = states->items[i].uid;
        while (j < found->len && found->items[j].uid < uid)
            j++;
        bool is = j < found->len && found->items[j].uid == uid, was = imap_set_contains(&kept->members, uid);
        if (is && !was && view_seq(s->view, uid))
            imap_set_add(&come, uid);
        else if (was && !is)
            imap_set_add(&away, uid);
    }
    if (away.len > 0)
        say(s, kept, " REMOVEFROM (0 ", &away);
    if (come.len > 0)
        say(s, kept, " ADDTO (0 ", &come);
    if (away.len > 0 || come.len > 0)
        update_members(kept, &away, &come);
    vec_free(&away);
    vec_free(&come);
    return status;
}

enum store_status contexts_changed(struct session *s, const state_list *states)
{
    enum store_status status = STORE_OK;
    vec_each (&s->contexts, kept) {
        if (status == STORE_OK && states->len > 0)
            status = changed(s, *kept, states);
    }
    return status;
}
