#include "webmail-cgi/fates.h"

#include "webmail-cgi/layout.h"

#include "lib/base/clock.h"
#include "lib/trust/trust.h"

#include <string.h>
#include <strings.h>

/* Where a recipient stands; a later one of these wins over an earlier one. */
enum standing { WAITS, HELD, CANCELLED, ACCEPTED, ARRIVED, REFUSED, READ };

static const struct {
    const char *outcome, *class, *words;
    enum standing standing;
    const char *why; /* of a refusal, short: NULL: what the other server said tells it */
} known[] = {{"waiting", "tag warn", "En attente", WAITS, NULL},
             {"held", "tag warn", "Retenu", HELD, NULL},
             {"delivered", "tag good", "Accepté par l’autre opérateur", ACCEPTED, NULL},
             {"failed", "tag bad", "Refusé", REFUSED, NULL},
             {"dropped", "tag bad", "Retiré de la file", REFUSED, "retiré de la file par l’exploitant"},
             {"cancelled", "tag", "Annulé", CANCELLED, NULL},
             /* what came back for it (lib/proto/dsn_read.h) */
             {"read", "tag good", "Lu", READ, NULL},
             {"processed", "tag good", "Intégré par son logiciel", READ, NULL},
             {"not-integrated", "tag bad", "Non intégré par son logiciel", REFUSED, "non intégré par son logiciel"},
             {"deleted", "tag warn", "Supprimé sans être lu", ACCEPTED, NULL},
             {"arrived", "tag good", "Remis", ARRIVED, NULL},
             {"relayed", "tag", "Transmis plus loin, sans confirmation", ACCEPTED, NULL},
             {"delayed", "tag warn", "Retardé chez l’autre opérateur", ACCEPTED, NULL},
             {"closed", "tag bad", "Sa boîte aux lettres est fermée", REFUSED, "boîte fermée"},
             {"unknown", "tag bad", "Sa boîte aux lettres n’existe pas", REFUSED, "adresse inconnue"},
             {"invalid", "tag bad", "Son adresse n’est pas valide", REFUSED, "adresse non valide"},
             {"full", "tag bad", "Sa boîte aux lettres est pleine", REFUSED, "boîte pleine"},
             {"too-large", "tag bad", "Message trop gros pour son opérateur", REFUSED, "message trop gros"},
             {"refused", "tag bad", "Refusé par son opérateur", REFUSED, NULL}};

static size_t row_of(const struct sent_fate *fate)
{
    size_t i = 0;
    while (i < COUNT(known) && strcmp(known[i].outcome, fate->outcome) != 0)
        i++;
    return i;
}

/* The enhanced code of a reply (RFC 3463 3), where people would recognise what it says. */
static const char *why_by_code(struct span reply)
{
    static const struct {
        const char *code, *why;
    } codes[] = {{"5.1.", "adresse inconnue"},   {"5.2.1", "boîte fermée"},
                 {"5.2.2", "boîte pleine"},      {"5.2.3", "message trop gros"},
                 {"5.3.4", "message trop gros"}, {"5.7.", "interdit par son opérateur"}};
    for (size_t i = 0; i < COUNT(codes); i++)
        if (span_find(reply, span_of(codes[i].code)) >= 0)
            return codes[i].why;
    return "refusé par son opérateur";
}

/* Our own reasons for giving up (smtpd/relay_settle.c), or a rule of the trust space. */
static const char *why_by_rule(const struct request *rq, const char *rule)
{
    static const struct {
        const char *rule, *why;
    } rules[] = {{"expired", "délai dépassé"},
                 {"timeout", "délai dépassé"},
                 {"connect", "serveur injoignable"},
                 {"tls.failed", "connexion sûre impossible"},
                 {"departed", "hors de l’espace de confiance"},
                 {"withdrawn", "droit retiré, ou opposition du patient"}};
    for (size_t i = 0; i < COUNT(rules); i++)
        if (strcmp(rules[i].rule, rule) == 0)
            return rules[i].why;
    for (int i = TRUST_OK + 1; i < TRUST_RULE_COUNT; i++)
        if (strcmp(trust_rule_name((enum trust_rule)i), rule) == 0)
            return rq->language == LANG_FR ? trust_rule_sentence_fr((enum trust_rule)i)
                                           : trust_rule_sentence_en((enum trust_rule)i);
    return NULL;
}

static const char *why(struct request *rq, const struct sent_fate *fate, size_t row)
{
    const char *words = known[row].why;
    if (!words && strcmp(fate->outcome, "failed") == 0)
        words = why_by_rule(rq, fate->rule);
    if (!words)
        words = why_by_code(span_of(fate->reply));
    return tr(rq, words);
}

void fate_news(struct request *rq, const struct sent_fate *fate)
{
    struct html *h = &rq->html;
    size_t row = row_of(fate);
    if (row == COUNT(known))
        return;
    LEAF(h, "span", tr(rq, known[row].words), CLASS(known[row].class));
    if (known[row].standing == REFUSED && !known[row].why) {
        html_text(h, " ");
        LEAF(h, "span", why(rq, fate, row), CLASS("why"));
    }
}

/* One message of the list: its recipients that anything is known of. */
struct fate {
    int64_t blob_id;
    struct standing_of {
        char address[321];
        enum standing standing;
        const char *why;
        int64_t due; /* of one that waits */
        bool tried;
    } * recipients;
    size_t count, capacity;
};
struct loading {
    struct request *rq;
    struct fate *fates;
    size_t count;
};

static struct standing_of *recipient_of(struct request *rq, struct fate *fate, const char *address)
{
    for (size_t i = 0; i < fate->count; i++)
        if (strcasecmp(fate->recipients[i].address, address) == 0)
            return &fate->recipients[i];
    if (fate->count == fate->capacity) {
        size_t capacity = fate->capacity ? fate->capacity * 2 : 4;
        struct standing_of *wider = arena_alloc(rq->arena, capacity * sizeof(*wider));
        if (fate->count)
            memcpy(wider, fate->recipients, fate->count * sizeof(*wider));
        fate->recipients = wider;
        fate->capacity = capacity;
    }
    struct standing_of *fresh = &fate->recipients[fate->count++];
    *fresh = (struct standing_of){.standing = WAITS};
    memcpy(fresh->address, address, strlen(address) + 1);
    return fresh;
}

static bool take(const struct sent_fate *news, void *arg)
{
    struct loading *loading = arg;
    size_t row = row_of(news);
    for (size_t i = 0; i < loading->count && row < COUNT(known); i++) {
        if (loading->fates[i].blob_id != news->blob_id)
            continue;
        struct standing_of *r = recipient_of(loading->rq, &loading->fates[i], news->address);
        if (known[row].standing < r->standing)
            continue;
        r->standing = known[row].standing;
        r->due = news->at;
        r->tried = news->reply[0] != '\0';
        r->why = r->standing == REFUSED ? why(loading->rq, news, row) : NULL;
    }
    return true;
}

enum store_status fates_load(struct request *rq, card_list *cards)
{
    struct loading loading = {.rq = rq, .count = cards->len};
    int64_t *ids = arena_alloc(rq->arena, (cards->len + 1) * sizeof(*ids));
    loading.fates = arena_alloc(rq->arena, (cards->len + 1) * sizeof(*loading.fates));
    for (size_t i = 0; i < cards->len; i++) {
        ids[i] = cards->items[i].blob_id;
        loading.fates[i] = (struct fate){.blob_id = ids[i]};
        cards->items[i].fate = &loading.fates[i];
    }
    return cards->len ? sent_fates(rq->thread->db, rq->bal.id, ids, cards->len, take, &loading) : STORE_OK;
}

static void tag(struct request *rq, const char *class, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "span", CLASS(class));
    icon(h, symbol);
    html_text(h, words);
    CLOSE(h, "span");
}

static size_t standing_at(const struct fate *fate, enum standing standing, const struct standing_of **first)
{
    size_t n = 0;
    for (size_t i = 0; i < fate->count; i++)
        if (fate->recipients[i].standing == standing && n++ == 0)
            *first = &fate->recipients[i];
    return n;
}

/* "Lu", or "Lu par 1 sur 3". */
static const char *counted(struct request *rq, const char *all, const char *some, size_t n, size_t of)
{
    if (n == of)
        return all;
    return arena_printf(rq->arena, "%s %zu %s %zu", some, n, tr(rq, "sur"), of);
}

static void refused_tag(struct request *rq, const struct fate *fate, size_t n, const char *reason)
{
    const char *who = counted(rq, tr(rq, "Refusé"), tr(rq, "Refusé par"), n, fate->count);
    tag(rq, "tag bad", "alert", arena_printf(rq->arena, "%s%s%s", who, tr(rq, " : "), reason));
}

static void waiting_tag(struct request *rq, const struct standing_of *r)
{
    enum { A_WHILE_S = 60 };
    const char *words = tr(rq, "En attente d’envoi");
    if (r->due > wall_s() + A_WHILE_S)
        words = arena_printf(rq->arena, "%s%s", r->tried ? tr(rq, "En attente · nouvel essai ") : tr(rq, "Partira · "),
                             short_date(rq, r->due));
    tag(rq, "tag warn", "clock", words);
}

/* Nothing is known of a message for mailboxes of ours alone: they had it at once. Of an old one, whose envelopes are
 * forgotten, nothing is said. */
static bool is_remembered(const struct request *rq, const struct card *card)
{
    uint64_t kept = rq->thread->conf->retention_queue_history;
    return kept == 0 || card->date + (int64_t)kept > wall_s();
}

void fate_tag(struct request *rq, const struct card *card)
{
    const struct fate *fate = card->fate;
    const struct standing_of *first = NULL;
    size_t n;
    if (!fate || !is_remembered(rq, card))
        return;
    if (fate->count == 0)
        tag(rq, "tag good", "check", tr(rq, "Remis"));
    else if ((n = standing_at(fate, REFUSED, &first)) > 0)
        refused_tag(rq, fate, n, first->why);
    else if (standing_at(fate, HELD, &first) > 0)
        tag(rq, "tag warn", "clock", tr(rq, "Retenu par l’exploitant"));
    else if (standing_at(fate, WAITS, &first) > 0)
        waiting_tag(rq, first);
    else if ((n = standing_at(fate, READ, &first)) > 0)
        tag(rq, "tag good", "eye", counted(rq, tr(rq, "Lu"), tr(rq, "Lu par"), n, fate->count));
    else if (standing_at(fate, CANCELLED, &first) > 0)
        tag(rq, "tag", "close", tr(rq, "Annulé"));
    else if (standing_at(fate, ARRIVED, &first) == fate->count)
        tag(rq, "tag good", "check", tr(rq, "Remis"));
    else
        tag(rq, "tag good", "check", tr(rq, "Accepté par l’autre opérateur"));
}
