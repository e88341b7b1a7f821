/* What goes back: status, header, and the security headers of every answer, which stand here and nowhere else. */
#include "webmail-cgi/pages.h"
#include "webmail-cgi/web.h"

#include "lib/base/text.h"

#include <string.h>

void answer_new_nonce(struct request *rq)
{
    uint8_t bytes[15];
    struct str text;
    crypto_random(bytes, sizeof(bytes));
    str_init(&text, sizeof(rq->out.csp_nonce) - 1);
    base64url_encode(&text, (struct span){(const char *)bytes, sizeof(bytes)});
    memcpy(rq->out.csp_nonce, text.data, text.len + 1);
    str_free(&text);
}

void answer_header(struct request *rq, const char *name, const char *value)
{
    must(!strpbrk(name, "\r\n:") && !strpbrk(value, "\r\n"));
    str_addf(&rq->out.headers, "%s: %s\r\n", name, value);
}

void answer_redirect(struct request *rq, const char *path)
{
    must(!strpbrk(path, "\r\n"));
    rq->out.status = 303;
    rq->out.location = arena_strdup(rq->arena, path);
    str_clear(&rq->out.body);
}

void answer_cookie(struct request *rq, const char *name, struct span value, uint64_t max_age_s)
{
    str_addf(&rq->out.headers, "Set-Cookie: %s=%.*s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=%llu\r\n", name,
             (int)value.n, value.p ? value.p : "", (unsigned long long)max_age_s);
}

void answer_error(struct request *rq, int status, const char *title, const char *words)
{
    str_clear(&rq->out.body);
    rq->out.status = status;
    rq->out.stream = NULL;
    page_error(rq, title, words);
}

void answer_store_error(struct request *rq, enum store_status status)
{
    if (status == STORE_NOT_FOUND)
        answer_error(rq, 404, tr(rq, "Introuvable"),
                     tr(rq, "Cet élément n’existe pas, ou n’existe plus : il a pu être déplacé ou supprimé."));
    else if (status == STORE_REFUSED)
        answer_error(rq, 403, tr(rq, "Action refusée"), tr(rq, "Vos droits sur cette boîte ne le permettent pas."));
    else if (status == STORE_INVALID)
        answer_error(rq, 400, tr(rq, "Valeur refusée"), tr(rq, "Une des valeurs envoyées n’est pas acceptée ici."));
    else if (status == STORE_OVER_QUOTA)
        answer_error(rq, 507, tr(rq, "Boîte pleine"),
                     tr(rq, "La boîte a atteint sa taille maximale : videz la corbeille."));
    else if (status == STORE_DAMAGED)
        answer_error(rq, 500, tr(rq, "Message illisible"),
                     tr(rq, "Ce contenu n’a pas pu être déchiffré ; l’exploitant en est averti."));
    else
        answer_error(rq, 503, tr(rq, "Service momentanément indisponible"),
                     tr(rq, "Rien n’est perdu. Réessayez dans quelques instants."));
}

static const char *reason_phrase(int status)
{
    static const struct {
        int status;
        const char *words;
    } reasons[] = {{200, "OK"},
                   {303, "See Other"},
                   {304, "Not Modified"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {409, "Conflict"},
                   {413, "Content Too Large"},
                   {429, "Too Many Requests"},
                   {503, "Service Unavailable"},
                   {507, "Insufficient Storage"}};
    for (size_t i = 0; i < COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].words;
    return status < 500 ? "Error" : "Internal Server Error";
}

/* Pages of ours: scripts and styles by nonce, nothing from elsewhere, framed by nobody. */
static void write_page_policy(struct request *rq, struct str *out)
{
    str_addf(
        out,
        "Content-Security-Policy: default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; img-src 'self'; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; frame-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types caducee\r\n",
        rq->out.csp_nonce, rq->out.csp_nonce);
    str_puts(out, "Cross-Origin-Opener-Policy: same-origin\r\nX-Frame-Options: DENY\r\n");
}

/* What strangers wrote: an opaque origin without scripts, forms or network, shown only inside our own pages. */
static void write_cage_policy(struct request *rq, struct str *out)
{
    str_addf(out,
             "Content-Security-Policy: sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
             "style-src 'nonce-%s'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'\r\n",
             rq->out.csp_nonce);
}

/* Files: an image, a PDF or a text opened in place by the browser itself, or anything that is only saved. */
static void write_file_policy(struct str *out)
{
    str_puts(out, "Content-Security-Policy: default-src 'none'; object-src 'self'; "
                  "frame-ancestors 'self'\r\n");
}

void answer_headers_write(struct request *rq, struct str *out)
{
    struct answer *a = &rq->out;
    bool html = a->type && span_starts_nocase(span_of(a->type), "text/html");
    bool is_static = rq->route && (rq->route->flags & WEB_STATIC) && a->status == 200;
    str_addf(out, "Status: %d %s\r\n", a->status, reason_phrase(a->status));
    if (a->type)
        str_addf(out, "Content-Type: %s\r\n", a->type);
    if (a->location)
        str_addf(out, "Location: %s\r\n", a->location);
    if (a->etag[0])
        str_addf(out, "ETag: %s\r\n", a->etag);
    if (a->stream && a->stream_length)
        str_addf(out, "Content-Length: %llu\r\n", (unsigned long long)a->stream_length);
    if (rq->route && (rq->route->flags & WEB_CAGE) && html)
        write_cage_policy(rq, out);
    else if (html || !a->type)
        write_page_policy(rq, out);
    else
        write_file_policy(out);
    str_puts(out, is_static ? "Cache-Control: public, max-age=31536000, immutable\r\n" : "Cache-Control: no-store\r\n");
    str_puts(out, "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n"
                  "X-Content-Type-Options: nosniff\r\n"
                  "Referrer-Policy: no-referrer\r\n"
                  "Cross-Origin-Resource-Policy: same-origin\r\n"
                  "Permissions-Policy: accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
                  "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), serial=(), "
                  "browsing-topics=()\r\n");
    str_add_span(out, str_span(&a->headers));
    str_puts(out, "\r\n");
}
