/* Files embedded in the program. Their address holds the digest of all of them: never stale, kept for ever. */
#include "webmail-cgi/embedded.h"
#include "webmail-cgi/layout.h"
#include "webmail-cgi/pages.h"

static const struct embedded_file *find_file(struct span name)
{
    for (size_t i = 0; i < embedded_file_count; i++)
        if (span_is(name, embedded_files[i].name))
            return &embedded_files[i];
    return NULL;
}

void page_static(struct request *rq)
{
    const struct embedded_file *file = find_file(param_text(rq, "file"));
    if (!file) {
        answer_error(rq, 404, tr(rq, "Page introuvable"), tr(rq, "Cette adresse ne mène à aucune page."));
        return;
    }
    rq->out.type = file->type;
    if (rq->wants_gzip) {
        answer_header(rq, "Content-Encoding", "gzip");
        str_add(&rq->out.body, file->gzip_begin, (size_t)(file->gzip_end - file->gzip_begin));
    } else {
        str_add(&rq->out.body, file->begin, (size_t)(file->end - file->begin));
    }
    answer_header(rq, "Vary", "Accept-Encoding");
}

void page_favicon(struct request *rq)
{
    struct str url;
    str_init(&url, 256);
    static_url(&url, "logo.svg");
    answer_redirect(rq, url.data);
    str_free(&url);
}
