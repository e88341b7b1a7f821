#include "webmail-cgi/mail.h"

#include "webmail-cgi/layout.h"

#include <string.h>

bool mail_open(struct request *rq, struct mail *mail)
{
    *mail = (struct mail){.shared = rq->bal.kind == BAL_ORG || rq->bal.kind == BAL_CAB};
    enum store_status status = folders_list(rq->thread->db, rq->mailbox, &mail->folders);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        mail_close(mail);
        return false;
    }
    bool named = false;
    for (size_t i = 0; i < rq->param_count; i++)
        named = named || strncmp(rq->params[i].name, "folder", 6) == 0;
    if (!named)
        return true;
    int64_t id = param_number(rq, "folder");
    vec_each (&mail->folders, folder)
        if (folder->id == id)
            mail->folder = folder;
    if (mail->folder)
        return true;
    answer_store_error(rq, STORE_NOT_FOUND);
    mail_close(mail);
    return false;
}

void mail_close(struct mail *mail)
{
    vec_free(&mail->folders);
}

const struct folder *mail_numbered(const struct mail *mail, int64_t folder_id)
{
    vec_each (&mail->folders, folder)
        if (folder->id == folder_id)
            return folder;
    return NULL;
}

const struct folder *mail_special(const struct mail *mail, const char *special_use)
{
    vec_each (&mail->folders, folder)
        if (strcmp(folder->special_use, special_use) == 0 ||
            (strcmp(special_use, "INBOX") == 0 && strcmp(folder->name, "INBOX") == 0))
            return folder;
    return NULL;
}

static const struct {
    const char *use, *title, *symbol;
} specials[] = {
    {"INBOX", "Boîte de réception", "inbox"}, {"\\Sent", "Envoyés", "sent"},     {"\\Drafts", "Brouillons", "draft"},
    {"\\Archive", "Archives", "archive"},     {"\\Trash", "Corbeille", "trash"}, {"\\Junk", "Indésirables", "junk"},
};

static size_t special_of(const struct folder *folder)
{
    size_t i = 0;
    while (i < COUNT(specials) && strcmp(specials[i].use, folder->special_use) != 0 &&
           !(i == 0 && strcmp(folder->name, "INBOX") == 0))
        i++;
    return i;
}

const char *folder_title(const struct request *rq, const struct folder *folder)
{
    size_t i = special_of(folder);
    if (i < COUNT(specials))
        return tr(rq, specials[i].title);
    const char *slash = strrchr(folder->name, '/');
    return slash ? slash + 1 : folder->name;
}

const char *folder_icon(const struct folder *folder)
{
    size_t i = special_of(folder);
    return i < COUNT(specials) ? specials[i].symbol : "folder";
}

bool names_patient(struct span addresses)
{
    return span_find(addresses, SPAN_LIT("@patient.mssante.fr")) >= 0;
}

bool card_of_patient(const struct card *card)
{
    return card->readable &&
           (names_patient(card->summary.field[SUMMARY_FROM]) || names_patient(card->summary.field[SUMMARY_TO]));
}

struct span card_subject(const struct card *card)
{
    struct span subject = card->summary.field[SUMMARY_SUBJECT];
    static const char mark[] = "XDM/1.0/DDM+";
    ptrdiff_t at = span_find(subject, SPAN_LIT(mark));
    if (at >= 0 && at < 8) { /* "Re: XDM/…" keeps its "Re: " out of the way too: what matters comes first */
        size_t skip = (size_t)at + sizeof(mark) - 1;
        subject = (struct span){subject.p + skip, subject.n - skip};
    }
    return span_trim(subject);
}

/* A patient is named, never numbered (SC.MSS/UX.31): the address holds the NIR. */
struct span card_correspondent(const struct request *rq, const struct card *card, bool outgoing)
{
    struct span who = card->summary.field[outgoing ? SUMMARY_DISPLAY_TO : SUMMARY_DISPLAY_FROM];
    if (names_patient(who)) {
        struct span name = card->summary.field[SUMMARY_PATIENT];
        return name.n ? name : span_of(tr(rq, "Patient"));
    }
    return who.n ? who : span_of(outgoing ? tr(rq, "(sans destinataire)") : tr(rq, "(expéditeur inconnu)"));
}

void trace_act(struct request *rq, const char *action, const char *answer, const char *messages)
{
    struct trace trace = {.action = action,
                          .answer = answer,
                          .session = rq->log.id,
                          .peer = rq->peer,
                          .actor_kind = TRACE_PERSON,
                          .person_id = rq->session.row.person_id,
                          .bal_id = rq->bal.id,
                          .structure_id = rq->bal.structure_id,
                          .messages = messages};
    if (trace_write(rq->thread->db, &trace) != STORE_OK)
        log_event(LOG_ERROR, &rq->log, "web.trace_lost", LS("action", action));
}
