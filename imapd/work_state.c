/* Work states. See work_state.h. */
#include "imapd/work_state.h"

#include "lib/store/web.h"

static const struct {
    const char *keyword;
    enum work_state state;
} states[] = {{"$MSS-ATraiter", WORK_TODO}, {"$MSS-EnCours", WORK_TAKEN}, {"$MSS-Traite", WORK_DONE}};

/* The last one named counts; COUNT(states): none is named. */
static size_t named_state(const imap_flag_names *names)
{
    size_t found = COUNT(states);
    vec_each (names, name) {
        for (size_t i = 0; i < COUNT(states); i++)
            found = span_is_nocase(*name, states[i].keyword) ? i : found;
    }
    return found;
}

/* The bits of the other two in this folder; those it has not yet are nobody's. */
static uint64_t other_bits(const struct view *view, size_t kept)
{
    uint64_t bits = 0;
    for (size_t k = 0; k < view->keywords.len; k++) {
        for (size_t i = 0; i < COUNT(states); i++) {
            if (i != kept && span_is_nocase(span_of(view->keywords.items[k]), states[i].keyword))
                bits |= (uint64_t)1 << (FLAG_KEYWORD_FIRST + k);
        }
    }
    return bits;
}

static enum store_status take_off(struct session *s, uint64_t bits, const uid_list *uids, state_list *changed)
{
    struct flag_result result = {0};
    struct view *view = s->view;
    enum store_status status = messages_store_flags(s->thread->db, view->access->mailbox, view->folder_id, uids->items,
                                                    uids->len, FLAGS_REMOVE, bits, UINT64_MAX, &result);
    size_t j = 0;
    vec_each (changed, state) {
        while (j < result.changed.len && result.changed.items[j].uid < state->uid)
            j++;
        if (j < result.changed.len && result.changed.items[j].uid == state->uid)
            *state = result.changed.items[j];
    }
    vec_push(&view->own_changes, result.modseq);
    vec_free(&result.changed);
    vec_free(&result.refused);
    return status;
}

enum store_status work_state_apply(struct session *s, const imap_flag_names *names, state_list *changed)
{
    struct view *view = s->view;
    size_t kept = named_state(names);
    uid_list conflicting = {0};
    if (kept == COUNT(states) || !access_seen_per_person(view->access) || !(view->access->rights & RIGHT_WRITE))
        return STORE_OK; /* no keyword of theirs to set, no row beside it (RFC 4314 4) */
    uint64_t others = other_bits(view, kept);
    vec_each (changed, state) {
        if (state->flags & others)
            vec_push(&conflicting, state->uid);
    }
    enum store_status status = STORE_OK;
    if (conflicting.len > 0)
        status = take_off(s, others, &conflicting, changed);
    vec_each (changed, state) {
        if (status == STORE_OK)
            status = work_set(s->thread->db, view->access->bal.id, view->folder_id, state->uid, states[kept].state,
                              s->grant.person_id);
    }
    vec_free(&conflicting);
    return status;
}
