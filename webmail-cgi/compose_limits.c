#include "webmail-cgi/compose_extras.h"

#include "webmail-cgi/layout.h"

enum { ANY_OPERATOR_TAKES = 10 << 20 }; /* MSS/va1.13: decoded, what each operator takes at least */

/* Base64 with its line ends: 78 bytes for 57 (RFC 2045 6.8). */
static uint64_t encoded(uint64_t bytes)
{
    return (bytes + 56) / 57 * 78;
}

static bool to_patient(const struct compose *c)
{
    return names_patient(c->to) || names_patient(c->cc) || names_patient(c->bcc);
}

uint64_t compose_limit(const struct request *rq, const struct compose *c)
{
    const struct conf *conf = rq->thread->conf;
    uint64_t ours = (uint64_t)conf->smtpd_message_size, patients = (uint64_t)conf->submission_patient_message_size;
    return to_patient(c) && patients < ours ? patients : ours;
}

/* An attachment's `size` is that of its encoded bytes when it comes from a message (summary.h). */
void compose_size_line(struct request *rq, const struct compose *c)
{
    struct html *h = &rq->html;
    uint64_t wire = 0, limit = compose_limit(rq, c);
    vec_each (&c->kept, part)
        wire += part->size;
    uint64_t decoded = wire / 78 * 57;
    bool over = wire + c->text.n > limit, much = decoded > ANY_OPERATOR_TAKES;
    OPEN(h, "p", ATTR("id", "taille"),
         CLASS(over   ? "fine bad"
               : much ? "fine warn"
                      : "fine"),
         ATTR_N("data-limit", limit / 78 * 57), ATTR_N("data-used", decoded));
    if (wire > 0) {
        html_text(h, size_words(rq, decoded));
        html_text(h, tr(rq, " joints, soit "));
        html_text(h, size_words(rq, encoded(decoded)));
        html_text(h, tr(rq, " une fois encodés. "));
    }
    html_text(h, to_patient(c) ? tr(rq, "Limite vers un patient : ") : tr(rq, "Limite de cette messagerie : "));
    html_text(h, size_words(rq, limit));
    html_text(h, tr(rq, " encodés. "));
    if (over)
        LEAF(h, "strong", tr(rq, "C’est trop pour ces destinataires : retirez des pièces."));
    else if (much && !to_patient(c))
        html_text(h, tr(rq, "Au-delà de 10 Mo, un autre opérateur peut refuser."));
    CLOSE(h, "p");
}
