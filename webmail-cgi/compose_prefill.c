/* What a new message starts with: nothing, the message it answers or forwards, or a draft. */
#include "webmail-cgi/compose_extras.h"
#include "webmail-cgi/documents.h"
#include "webmail-cgi/patients.h"

#include "lib/base/text.h"
#include "lib/proto/charset.h"

#include <string.h>

void compose_free(struct compose *c)
{
    vec_free(&c->kept);
}

struct quoting {
    struct request *rq;
    struct span text;
};

/* The stored text is "Name: value" lines, a NUL, then the decoded texts (store/summary.h). */
static bool take_text(const struct message_facts *facts, void *arg)
{
    struct quoting *q = arg;
    struct span text = facts->text;
    ptrdiff_t nul = span_find(text, (struct span){"", 1});
    if (nul >= 0)
        text = (struct span){text.p + nul + 1, text.n - (size_t)nul - 1};
    q->text = arena_span(q->rq->arena, utf8_prefix(text, COMPOSE_QUOTE_MAX));
    return true;
}

static struct span body_words(struct request *rq, const struct folder *folder, uint32_t uid)
{
    struct quoting q = {.rq = rq};
    (void)!messages_each(rq->thread->db, rq->mailbox, folder->id, &uid, 1, WANT_TEXT, take_text, &q);
    return span_trim(q.text);
}

static void quote(struct request *rq, const struct card *card, struct span words, struct str *out)
{
    struct span line;
    str_puts(out, "\n\n");
    str_puts(out, tr(rq, "Le "));
    str_puts(out, long_date(rq, card->summary.has_date ? card->summary.sent : card->date));
    str_puts(out, ", ");
    str_add_span(out, card_correspondent(rq, card, false));
    str_puts(out, tr(rq, " a écrit :"));
    str_putc(out, '\n');
    while (words.n > 0 && span_cut(&words, '\n', &line)) {
        str_puts(out, line.n > 0 && line.p[0] == '>' ? ">" : "> ");
        str_add_span(out, line);
        str_putc(out, '\n');
    }
}

static void forward_text(struct request *rq, const struct card *card, struct span words, struct str *out)
{
    str_puts(out, tr(rq, "\n\n---------- Message transféré ----------\nDe : "));
    str_add_span(out, card_correspondent(rq, card, false));
    str_puts(out, tr(rq, "\nDate : "));
    str_puts(out, long_date(rq, card->summary.has_date ? card->summary.sent : card->date));
    str_puts(out, tr(rq, "\nObjet : "));
    str_add_span(out, card_subject(card));
    str_puts(out, "\n\n");
    str_add_span(out, words);
}

static void signature(struct request *rq, struct str *out)
{
    struct str text;
    str_init(&text, 16384);
    if (web_setting_get(rq->thread->db, rq->session.row.person_id, rq->bal.id, "signature", &text) == STORE_OK &&
        text.len > 0) {
        str_puts(out, "\n\n-- \n");
        str_add_span(out, str_span(&text));
    }
    str_free(&text);
}

static struct span keep(struct request *rq, struct str *text)
{
    struct span kept = arena_span(rq->arena, str_span(text));
    str_free(text);
    return kept;
}

/* Everybody but this mailbox itself. */
static void add_others(struct request *rq, struct str *out, struct span list)
{
    outgoing_addresses addresses = {0};
    struct span bad;
    (void)!outgoing_read_addresses(list, &addresses, &bad);
    vec_each (&addresses, a) {
        if (span_eq_nocase(a->address, span_of(rq->bal.address)))
            continue;
        if (out->len > 0)
            str_puts(out, ", ");
        if (a->name.n > 0)
            str_addf(out, "\"%.*s\" <%.*s>", (int)a->name.n, a->name.p, (int)a->address.n, a->address.p);
        else
            str_add_span(out, a->address);
    }
    vec_free(&addresses);
}

static void answer_recipients(struct request *rq, const struct card *card, struct compose *c)
{
    struct str to, cc;
    const struct span *field = card->summary.field;
    str_init(&to, 64 << 10);
    str_init(&cc, 64 << 10);
    add_others(rq, &to, field[SUMMARY_REPLY_TO].n ? field[SUMMARY_REPLY_TO] : field[SUMMARY_FROM]);
    if (c->mode == COMPOSE_ANSWER_ALL) {
        add_others(rq, &to, field[SUMMARY_TO]);
        add_others(rq, &cc, field[SUMMARY_CC]);
    }
    if (to.len == 0) /* an answer to one's own message goes where that went */
        str_add_span(&to, field[SUMMARY_TO]);
    c->to = keep(rq, &to);
    c->cc = keep(rq, &cc);
}

/* An answer's subject never carries the mark of a document message: it is none. */
static struct span prefixed(struct request *rq, const struct card *card, const char *prefix)
{
    struct span subject = card_subject(card);
    if (span_starts_nocase(subject, prefix))
        return subject;
    return span_of(arena_printf(rq->arena, "%s%.*s", prefix, (int)subject.n, subject.n ? subject.p : ""));
}

static void keep_files(const struct card *card, struct compose *c)
{
    struct summary_parts parts;
    struct summary_part part;
    uint32_t inside = 0;
    summary_parts_begin(&card->summary, &parts);
    while (summary_parts_next(&parts, &part)) {
        if (part.body_begin < inside || part.kind == PART_MULTIPART)
            continue;
        if (part.kind == PART_MESSAGE)
            inside = part.body_end;
        if ((part.attachment || part.kind == PART_MESSAGE) && c->kept.len < COMPOSE_FILES_MAX)
            vec_push(&c->kept, (struct kept_part){part.index, part.size, part.name, part.type});
    }
}

static void thread_headers(struct request *rq, const struct card *card, struct compose *c)
{
    const struct span *field = card->summary.field;
    struct span id = field[SUMMARY_MESSAGE_ID], before = field[SUMMARY_REFERENCES];
    if (id.n == 0)
        return;
    if (before.n == 0)
        before = field[SUMMARY_IN_REPLY_TO];
    c->in_reply_to = id;
    c->references = span_of(arena_printf(rq->arena, "%.*s%s%.*s", (int)before.n, before.n ? before.p : "",
                                         before.n ? " " : "", (int)id.n, id.p));
}

static void prefill_answer(struct request *rq, const struct folder *folder, const struct card *card, struct compose *c)
{
    struct str text;
    struct span words = body_words(rq, folder, card->uid);
    str_init(&text, COMPOSE_TEXT_MAX);
    signature(rq, &text);
    if (c->mode == COMPOSE_FORWARD) {
        forward_text(rq, card, words, &text);
        c->subject = prefixed(rq, card, "Tr: ");
        keep_files(card, c);
    } else {
        quote(rq, card, words, &text);
        c->subject = prefixed(rq, card, "Re: ");
        answer_recipients(rq, card, c);
    }
    thread_headers(rq, card, c);
    c->text = keep(rq, &text);
}

static void to_patient(struct request *rq, struct compose *c, struct span name, struct span address)
{
    c->to = span_of(
        arena_printf(rq->arena, "\"%.*s\" <%.*s>", (int)name.n, name.n ? name.p : "", (int)address.n, address.p));
}

/* The patient of a document whose INS is complete (ECO.2.2.6). */
static void prefill_patient(struct request *rq, const struct card *card, struct compose *c)
{
    struct documents all;
    struct str text;
    str_init(&text, 16400);
    signature(rq, &text);
    c->text = keep(rq, &text);
    if (documents_open(rq, card, &all) == STORE_OK && documents_patient_writable(rq, &all.view)) {
        const struct xdm_patient *p = &all.view.patient;
        const char *name = arena_printf(rq->arena, "%.*s %.*s", (int)p->first_names.n, p->first_names.p,
                                        (int)p->birth_name.n, p->birth_name.p);
        const char *address = arena_printf(rq->arena, "%.*s@patient.mssante.fr", (int)p->matricule.n, p->matricule.p);
        to_patient(rq, c, span_of(name), span_of(address));
    }
    documents_close(&all);
}

/* A patient of the register. */
static void prefill_from_register(struct request *rq, struct compose *c)
{
    uint8_t hash[16];
    struct web_patient patient;
    struct span name, address;
    if (!in_declared(&rq->in, "patient") || !patient_hash_read(in_text(&rq->in, "patient"), hash))
        return;
    if (web_patient_get(rq->thread->db, rq->bal.structure_id, hash, &patient) == STORE_OK &&
        patient_open(rq, &patient, &name, &address)) {
        to_patient(rq, c, name, address);
        c->ends_exchange = in_has(&rq->in, "fin");
    }
}

static void prefill_draft(struct request *rq, const struct folder *folder, const struct card *card, struct compose *c)
{
    const struct span *field = card->summary.field;
    c->to = field[SUMMARY_TO];
    c->cc = field[SUMMARY_CC];
    c->bcc = field[SUMMARY_BCC];
    c->subject = field[SUMMARY_SUBJECT];
    c->in_reply_to = field[SUMMARY_IN_REPLY_TO];
    c->references = field[SUMMARY_REFERENCES];
    c->read_receipt = field[SUMMARY_MDN_TO].n > 0;
    if (field[SUMMARY_MSS_CODECDA].n > 0)
        c->cda_codes = arena_strndup(rq->arena, field[SUMMARY_MSS_CODECDA].p, field[SUMMARY_MSS_CODECDA].n);
    c->ins_qualified = span_is(span_trim(field[SUMMARY_MSS_INS]), "O");
    c->text = body_words(rq, folder, card->uid);
    keep_files(card, c);
}

static enum compose_mode mode_of(const struct request *rq)
{
    if (in_is(&rq->in, "mode", "repondre"))
        return COMPOSE_ANSWER;
    if (in_is(&rq->in, "mode", "tous"))
        return COMPOSE_ANSWER_ALL;
    if (in_is(&rq->in, "mode", "patient"))
        return COMPOSE_PATIENT;
    return in_is(&rq->in, "mode", "transferer") ? COMPOSE_FORWARD : COMPOSE_NEW;
}

enum store_status compose_prefill(struct request *rq, const struct mail *mail, struct compose *c)
{
    struct card card;
    struct str text;
    *c = (struct compose){.mode = mode_of(rq),
                          .draft_uid = (uint32_t)in_number(&rq->in, "brouillon", 0),
                          .source_folder = (int64_t)in_number(&rq->in, "dossier", 0),
                          .source_uid = (uint32_t)in_number(&rq->in, "uid", 0)};
    const struct folder *folder = c->draft_uid ? mail_special(mail, "\\Drafts") : mail_numbered(mail, c->source_folder);
    uint32_t uid = c->draft_uid ? c->draft_uid : c->source_uid;
    if (!folder || uid == 0) {
        str_init(&text, 16400);
        signature(rq, &text);
        c->text = keep(rq, &text);
        prefill_from_register(rq, c);
        compose_from_contact(rq, c);
        return STORE_OK;
    }
    enum store_status status = card_load(rq, folder, uid, &card);
    if (status != STORE_OK)
        return status;
    if (c->draft_uid)
        prefill_draft(rq, folder, &card, c);
    else if (c->mode == COMPOSE_PATIENT)
        prefill_patient(rq, &card, c);
    else
        prefill_answer(rq, folder, &card, c);
    return STORE_OK;
}

void compose_kept_again(struct request *rq, const struct mail *mail, struct compose *c)
{
    struct card card;
    const struct folder *drafts = mail_special(mail, "\\Drafts");
    if (!drafts || card_load(rq, drafts, c->draft_uid, &card) != STORE_OK)
        return; /* it was there a moment ago: what was typed is shown, and saved again */
    vec_free(&c->kept);
    keep_files(&card, c);
}

static bool still_kept(const struct request *rq, uint32_t index)
{
    const struct field *field;
    struct str shown;
    str_init(&shown, 16);
    str_addf(&shown, "%lu", (unsigned long)index);
    bool found = false;
    for (size_t i = 0; !found && (field = in_nth(&rq->in, "garder", i)) != NULL; i++)
        found = span_eq(field->value, str_span(&shown));
    str_free(&shown);
    return found;
}

enum store_status compose_from_form(struct request *rq, const struct mail *mail, struct compose *c)
{
    enum store_status status = compose_prefill(rq, mail, c);
    size_t kept = 0;
    if (status == STORE_NOT_FOUND && c->draft_uid) { /* sent or thrown away elsewhere: what was typed is what counts */
        c->draft_uid = 0;
        status = STORE_OK;
    }
    c->to = in_text(&rq->in, "a");
    c->cc = in_text(&rq->in, "cc");
    c->bcc = in_text(&rq->in, "cci");
    c->subject = in_text(&rq->in, "objet");
    c->text = in_text(&rq->in, "texte");
    c->delivery_receipt = in_has(&rq->in, "remise");
    c->read_receipt = in_has(&rq->in, "lecture");
    c->ends_exchange = in_has(&rq->in, "fin");
    for (size_t i = 0; i < c->kept.len; i++)
        if (still_kept(rq, c->kept.items[i].index))
            c->kept.items[kept++] = c->kept.items[i];
    c->kept.len = kept;
    return status;
}
