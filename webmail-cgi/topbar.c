/* The top bar: which mailbox, search, who is there. Menus are <details>: they open without scripts. */
#include "webmail-cgi/topbar.h"

#include "webmail-cgi/layout.h"

static void logo(struct request *rq, const char *size)
{
    struct str url;
    str_init(&url, 256);
    static_url(&url, "logo.svg");
    VOID(&rq->html, "img", URL("src", url.data), ATTR("alt", ""), ATTR("width", size), ATTR("height", size));
    str_free(&url);
}

void card_brand(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "div", CLASS("brand"));
    logo(rq, "48");
    LEAF(h, "span", "Caducée");
    CLOSE(h, "div");
}

static void switcher_item(struct request *rq, const struct web_bal *b)
{
    struct html *h = &rq->html;
    bool current = b->bal.id == rq->bal.id;
    OPEN(h, "li");
    OPEN(h, "a", URL("href", path_of(rq, "/b/%lld", (long long)b->bal.id)), ATTR_IF(current, "aria-current", "true"));
    LEAF(h, "span", bal_kind_name(b->bal.kind), CLASS("kind"));
    OPEN(h, "span", CLASS("who"));
    LEAF(h, "strong", b->bal.display_name[0] ? b->bal.display_name : b->bal.address);
    LEAF(h, "small", b->bal.address);
    CLOSE(h, "span");
    if (b->unseen > 0) {
        OPEN(h, "span", CLASS("count"));
        html_number(h, b->unseen);
        CLOSE(h, "span");
    }
    CLOSE(h, "a");
    CLOSE(h, "li");
}

static void switcher(struct request *rq)
{
    struct html *h = &rq->html;
    web_bal_list list = {0};
    if (web_bals_of(rq->thread->db, rq->session.row.person_id, &list) != STORE_OK)
        return;
    OPEN(h, "details", CLASS("menu switcher"));
    OPEN(h, "summary", ATTR("aria-label", tr(rq, "Changer de boîte aux lettres")));
    OPEN(h, "span", CLASS("who"));
    bool chosen = rq->bal.id != 0;
    const char *name = rq->bal.display_name[0] ? rq->bal.display_name : rq->bal.address;
    LEAF(h, "strong", chosen ? name : tr(rq, "Mes boîtes"));
    if (chosen)
        LEAF(h, "small", rq->bal.address);
    CLOSE(h, "span");
    icon(h, "down");
    CLOSE(h, "summary");
    OPEN(h, "ul", CLASS("sheet"));
    vec_each (&list, b)
        switcher_item(rq, b);
    CLOSE(h, "ul");
    CLOSE(h, "details");
    vec_free(&list);
}

static void search_line(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "form", CLASS("search"), ATTR("role", "search"), ATTR("method", "post"),
         URL("action", path_of(rq, "/b/%lld/recherche", (long long)rq->bal.id)));
    csrf_field(rq);
    icon(h, "search");
    VOID(h, "input", ATTR("type", "search"), ATTR("name", "mots"), ATTR("maxlength", "200"),
         ATTR("placeholder", tr(rq, "Rechercher dans toute la boîte")),
         ATTR("aria-label", tr(rq, "Rechercher dans toute la boîte")), ATTR("autocomplete", "off"));
    LEAF(h, "button", tr(rq, "Rechercher"), CLASS("visually-hidden"));
    OPEN(h, "a", CLASS("filter"), URL("href", path_of(rq, "/b/%lld/recherche", (long long)rq->bal.id)),
         ATTR("title", tr(rq, "Chercher dans un champ")), ATTR("aria-label", tr(rq, "Chercher dans un champ")));
    icon(h, "settings");
    CLOSE(h, "a");
    CLOSE(h, "form");
}

static void menu_link(struct request *rq, const char *path, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "li");
    OPEN(h, "a", URL("href", path));
    icon(h, symbol);
    html_text(h, words);
    CLOSE(h, "a");
    CLOSE(h, "li");
}

static void menu_button(struct request *rq, const char *path, const char *symbol, const char *words)
{
    struct html *h = &rq->html;
    OPEN(h, "li");
    OPEN(h, "form", ATTR("method", "post"), URL("action", path));
    csrf_field(rq);
    OPEN(h, "button", ATTR("type", "submit"));
    icon(h, symbol);
    html_text(h, words);
    CLOSE(h, "button");
    CLOSE(h, "form");
    CLOSE(h, "li");
}

static void person_menu(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "details", CLASS("menu person"));
    OPEN(h, "summary", ATTR("aria-label", tr(rq, "Mon compte")));
    icon(h, "person");
    LEAF(h, "span", rq->session.row.person_name, CLASS("name"));
    CLOSE(h, "summary");
    OPEN(h, "ul", CLASS("sheet right"));
    if (rq->bal.id != 0)
        menu_link(rq, path_of(rq, "/b/%lld/contacts", (long long)rq->bal.id), "building",
                  tr(rq, "Organiser cette boîte"));
    if (rq->bal.id != 0)
        menu_link(rq, path_of(rq, "/b/%lld/patients", (long long)rq->bal.id), "heart",
                  tr(rq, "Mes échanges avec des patients"));
    if (rq->session.row.has_roles)
        menu_link(rq, "/admin", "shield", tr(rq, "Administration"));
    menu_link(rq, "/reglages", "settings", tr(rq, "Réglages"));
    menu_link(rq, "/sessions", "devices", tr(rq, "Mes sessions"));
    menu_link(rq, "/aide", "help", tr(rq, "Aide et raccourcis"));
    menu_button(rq, "/verrou", "lock", tr(rq, "Verrouiller"));
    menu_button(rq, "/deconnexion", "exit", tr(rq, "Se déconnecter"));
    CLOSE(h, "ul");
    CLOSE(h, "details");
}

void topbar_write(struct request *rq)
{
    struct html *h = &rq->html;
    OPEN(h, "header", CLASS("topbar"));
    OPEN(h, "a", URL("href", "/"), CLASS("mark"), ATTR("aria-label", tr(rq, "Caducée, accueil")));
    logo(rq, "28");
    LEAF(h, "span", "Caducée");
    CLOSE(h, "a");
    if (rq->session.known && !rq->session.locked) {
        if (!rq->session.row.by_certificate) /* no mailbox opens for it */
            switcher(rq);
        if (rq->bal.id != 0)
            search_line(rq);
        person_menu(rq);
    }
    CLOSE(h, "header");
}
