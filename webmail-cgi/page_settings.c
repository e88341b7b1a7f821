/* A person's choices: language, density, and a signature for each mailbox they may write as. */
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"

static void read_setting(struct request *rq, int64_t bal_id, const char *name, struct str *out)
{
    str_init(out, 16384);
    (void)!web_setting_get(rq->thread->db, rq->session.row.person_id, bal_id, name, out);
}

static void choice(struct request *rq, const char *value, const char *words, bool chosen)
{
    LEAF(&rq->html, "option", words, ATTR("value", value), FLAG_IF(chosen, "selected"));
}

static void language_panel(struct request *rq)
{
    struct html *h = &rq->html;
    struct str now;
    read_setting(rq, 0, "langue", &now);
    OPEN(h, "form", CLASS("panel"), ATTR("method", "post"), URL("action", "/reglages"));
    csrf_field(rq);
    LEAF(h, "h2", tr(rq, "Affichage"));
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Langue"), ATTR("for", "langue"));
    OPEN(h, "select", ATTR("name", "langue"), ATTR("id", "langue"));
    choice(rq, "auto", tr(rq, "Celle du navigateur"), now.len == 0);
    choice(rq, "fr", "Français", span_is(str_span(&now), "fr"));
    choice(rq, "en", "English", span_is(str_span(&now), "en"));
    CLOSE(h, "select");
    CLOSE(h, "div");
    OPEN(h, "div");
    LEAF(h, "button", tr(rq, "Enregistrer"), CLASS("button primary"));
    CLOSE(h, "div");
    CLOSE(h, "form");
    str_free(&now);
}

static void signature_panel(struct request *rq, const struct web_bal *b)
{
    struct html *h = &rq->html;
    struct str now;
    const char *id = arena_printf(rq->arena, "signature-%lld", (long long)b->bal.id);
    read_setting(rq, b->bal.id, "signature", &now);
    OPEN(h, "form", CLASS("panel"), ATTR("method", "post"), URL("action", "/reglages"));
    csrf_field(rq);
    VOID(h, "input", ATTR("type", "hidden"), ATTR("name", "boite"), ATTR_N("value", b->bal.id));
    OPEN(h, "h2");
    html_text(h, tr(rq, "Signature de "));
    html_text(h, b->bal.display_name[0] ? b->bal.display_name : b->bal.address);
    CLOSE(h, "h2");
    OPEN(h, "div", CLASS("field"));
    LEAF(h, "label", tr(rq, "Ajoutée au bas de chaque nouveau message"), ATTR("for", id));
    OPEN(h, "textarea", ATTR("name", "signature"), ATTR("id", id), ATTR("rows", "5"), ATTR("maxlength", "4000"));
    str_putc(h->out, '\n');
    html_span(h, str_span(&now));
    CLOSE(h, "textarea");
    CLOSE(h, "div");
    OPEN(h, "div");
    LEAF(h, "button", tr(rq, "Enregistrer"), CLASS("button primary"));
    CLOSE(h, "div");
    CLOSE(h, "form");
    str_free(&now);
}

static void saved_band(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("band good"), ATTR("role", "status"));
    icon(h, "check");
    OPEN(h, "div");
    LEAF(h, "p", tr(rq, "C’est enregistré."));
    CLOSE(h, "div");
    CLOSE(h, "div");
}

void page_settings(struct request *rq)
{
    web_bal_list list = {0};
    enum store_status status = web_bals_of(rq->thread->db, rq->session.row.person_id, &list);
    if (status != STORE_OK) {
        answer_store_error(rq, status);
        return;
    }
    frame_begin(rq, FRAME_PAGE, tr(rq, "Réglages"), "page");
    LEAF(&rq->html, "h1", tr(rq, "Réglages"));
    if (in_has(&rq->in, "fait"))
        saved_band(rq);
    language_panel(rq);
    vec_each (&list, b)
        if (b->may_send)
            signature_panel(rq, b);
    frame_end(rq, FRAME_PAGE);
    vec_free(&list);
}

static bool is_mine(struct request *rq, int64_t bal_id)
{
    web_bal_list list = {0};
    bool found = false;
    if (web_bals_of(rq->thread->db, rq->session.row.person_id, &list) == STORE_OK)
        vec_each (&list, b)
            found = found || (b->bal.id == bal_id && b->may_send);
    vec_free(&list);
    return found;
}

void page_settings_save(struct request *rq)
{
    int64_t person = rq->session.row.person_id, bal = (int64_t)in_number(&rq->in, "boite", 0);
    enum store_status status = STORE_OK;
    if (in_has(&rq->in, "langue")) {
        bool automatic = in_is(&rq->in, "langue", "auto");
        status =
            web_setting_set(rq->thread->db, person, 0, "langue", automatic ? SPAN_LIT("") : in_text(&rq->in, "langue"));
    }
    if (status == STORE_OK && in_has(&rq->in, "signature"))
        status = is_mine(rq, bal)
                     ? web_setting_set(rq->thread->db, person, bal, "signature", in_text(&rq->in, "signature"))
                     : STORE_REFUSED;
    if (status == STORE_OK)
        answer_redirect(rq, "/reglages?fait=1");
    else
        answer_store_error(rq, status);
}
