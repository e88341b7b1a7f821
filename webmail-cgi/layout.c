#include "webmail-cgi/layout.h"

#include "webmail-cgi/embedded.h"
#include "webmail-cgi/pages.h"
#include "webmail-cgi/topbar.h"

#include <stdarg.h>

const char *path_of(struct request *rq, const char *format, ...)
{
    struct str path;
    va_list args;
    str_init(&path, WEB_PATH_MAX);
    va_start(args, format);
    str_vaddf(&path, format, args);
    va_end(args);
    const char *kept = arena_strdup(rq->arena, path.data ? path.data : "");
    str_free(&path);
    return kept;
}

void static_url(struct str *out, const char *file)
{
    str_addf(out, "/s/%s/%s", embedded_version(), file);
}

void icon(struct html *h, const char *name)
{
    struct str url;
    str_init(&url, 256);
    static_url(&url, "icons.svg");
    str_addf(&url, "#%s", name);
    OPEN(h, "svg", CLASS("icon"), ATTR("aria-hidden", "true"), ATTR("focusable", "false"));
    OPEN(h, "use", URL("href", url.data));
    CLOSE(h, "use");
    CLOSE(h, "svg");
    str_free(&url);
}

void csrf_field(struct request *rq)
{
    VOID(&rq->html, "input", ATTR("type", "hidden"), ATTR("name", "csrf"), ATTR("value", rq->session.csrf));
}

static void link_static(struct request *rq, const char *relation, const char *file)
{
    struct str url;
    str_init(&url, 256);
    static_url(&url, file);
    VOID(&rq->html, "link", ATTR("rel", relation), URL("href", url.data), ATTR("nonce", rq->out.csp_nonce));
    str_free(&url);
}

static void write_head(struct request *rq, const char *title)
{
    struct html *h = &rq->html;
    struct str url;
    OPEN(h, "head");
    VOID(h, "meta", ATTR("charset", "utf-8"));
    VOID(h, "meta", ATTR("name", "viewport"), ATTR("content", "width=device-width, initial-scale=1"));
    VOID(h, "meta", ATTR("name", "color-scheme"), ATTR("content", "light dark"));
    VOID(h, "meta", ATTR("name", "robots"), ATTR("content", "noindex"));
    OPEN(h, "title");
    html_text(h, title);
    html_text(h, " · Caducée");
    CLOSE(h, "title");
    link_static(rq, "stylesheet", "app.css");
    link_static(rq, "icon", "logo.svg");
    str_init(&url, 256);
    static_url(&url, "app.js");
    OPEN(h, "script", ATTR("type", "module"), URL("src", url.data), ATTR("nonce", rq->out.csp_nonce));
    CLOSE(h, "script");
    str_free(&url);
    CLOSE(h, "head");
}

void frame_begin(struct request *rq, enum frame frame, const char *title, const char *body_class)
{
    struct html *h = &rq->html;
    bool at_work = rq->session.known && !rq->session.locked && frame != FRAME_CARD;
    html_init(h, &rq->out.body);
    html_doctype(h);
    OPEN(h, "html", ATTR("lang", rq->language == LANG_FR ? "fr" : "en"));
    write_head(rq, title);
    OPEN(h, "body", CLASS(body_class), ATTR_IF(at_work, "data-csrf", rq->session.csrf),
         (struct html_attr){.name = at_work ? "data-lock" : NULL,
                            .kind = HTML_NUMBER,
                            .number = rq->thread->conf->webmail_lock_after});
    LEAF(h, "a", tr(rq, "Aller au contenu"), URL("href", "#contenu"), CLASS("skip"));
    if (frame != FRAME_CARD)
        topbar_write(rq);
    if (frame == FRAME_PANES)
        OPEN(h, "div", CLASS("panes"), ATTR("id", "panes"));
    else
        OPEN(h, "main", CLASS(frame == FRAME_CARD ? "card-page" : "column"), ATTR("id", "contenu"),
             ATTR("tabindex", "-1"));
}

void frame_end(struct request *rq, enum frame frame)
{
    struct html *h = &rq->html;
    CLOSE(h, frame == FRAME_PANES ? "div" : "main");
    OPEN(h, "div", ATTR("id", "annonce"), CLASS("live"), ATTR("role", "status"), ATTR("aria-live", "polite"));
    CLOSE(h, "div");
    CLOSE(h, "body");
    CLOSE(h, "html");
    must(h->depth == 0);
}

void page_error(struct request *rq, const char *title, const char *words)
{
    struct html *h = &rq->html;
    frame_begin(rq, FRAME_CARD, title, "card-body");
    OPEN(h, "section", CLASS("card"));
    card_brand(rq);
    LEAF(h, "h1", title);
    LEAF(h, "p", words, CLASS("lead"));
    LEAF(h, "a", tr(rq, "Revenir à l’accueil"), URL("href", "/"), CLASS("button"));
    OPEN(h, "p", CLASS("fine"));
    html_text(h, tr(rq, "Référence à donner au support : "));
    LEAF(h, "code", rq->log.id);
    CLOSE(h, "p");
    CLOSE(h, "section");
    frame_end(rq, FRAME_CARD);
}
