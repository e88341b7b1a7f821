/* An application's certificate that a manager binds to their BAL, or detaches. Whether the certificate is good, who asks has
 * judged, and imapd judges again each time it is shown; whether this person may decide for that BAL is judged here.
 */
#include "helpers/keyd/keyd.h"

#include "lib/store/people.h"
#include "lib/store/trace.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 8192, MANDATE_MAX = 200 };

/* A field as C text in the arena; NULL: absent, or longer than it may be. */
static const char *text(struct arena *arena, struct asking *asking, enum keyd_tag tag, size_t most)
{
    struct span s = asked(asking, tag);
    return s.n > 0 && s.n <= most ? arena_strndup(arena, s.p, s.n) : NULL;
}

static bool read_binding(struct arena *arena, struct asking *asking, const struct bal *bal, struct binding *b)
{
    struct span key = asked(asking, KEYD_T_KEY_SHA256);
    uint64_t until = asked_number(asking, KEYD_T_UNTIL);
    *b = (struct binding){.bal_id = bal->id,
                          .issuer = text(arena, asking, KEYD_T_ISSUER, NAME_MAX_BYTES),
                          .subject = text(arena, asking, KEYD_T_SUBJECT, NAME_MAX_BYTES),
                          .subject_shown = text(arena, asking, KEYD_T_SHOWN, NAME_MAX_BYTES),
                          .not_after = (int64_t)asked_number(asking, KEYD_T_NOT_AFTER),
                          .may_send = bal->kind == BAL_APP, /* on a shared BAL it reads and flags (API LPS) */
                          .mandate = text(arena, asking, KEYD_T_MANDATE, MANDATE_MAX),
                          .until = (int64_t)until};
    if (!b->issuer || !b->subject || !b->subject_shown || key.n != sizeof(b->key_sha256) || b->not_after <= 0)
        return false;
    memcpy(b->key_sha256, key.p, key.n);
    return until_is_sound(until) && (!b->mandate || until) && bal->kind != BAL_PER;
}

static void bind(struct arena *arena, struct asking *asking, const struct right *right)
{
    struct binding b;
    struct manager_words words;
    struct trace trace = manager_trace(asking, right, &words);
    if (!read_binding(arena, asking, &right->bal, &b)) {
        answer_begin(asking, KEYD_REFUSED, "request");
        return;
    }
    trace.action = "bal.bind-cert";
    trace.detail = b.subject_shown;
    manager_answer(asking, binding_put(asking->db, &b, &trace), "bind.none");
}

static void unbind(struct asking *asking, const struct right *right, uint64_t binding_id)
{
    char which[24];
    struct manager_words words;
    struct trace trace = manager_trace(asking, right, &words);
    snprintf(which, sizeof(which), "%llu", (unsigned long long)binding_id);
    trace.action = "bal.unbind-cert";
    trace.detail = which;
    manager_answer(asking, binding_end(asking->db, right->bal.id, which, &trace), "bind.none");
}

void handle_bind(struct asking *asking)
{
    right_list rights = {0};
    uint64_t binding_id = asked_number(asking, KEYD_T_BINDING_ID);
    struct arena *arena = arena_new(4 * NAME_MAX_BYTES);
    if (manager_asks(asking, "keyd.bind", (int64_t)asked_number(asking, KEYD_T_BAL_ID), &rights)) {
        if (binding_id)
            unbind(asking, &rights.items[0], binding_id);
        else
            bind(arena, asking, &rights.items[0]);
    }
    vec_free(&rights);
    arena_destroy(&arena);
}
