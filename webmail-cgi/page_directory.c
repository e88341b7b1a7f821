/* Completion of addresses, asked for by compose.js as one types: by POST, for names do not belong in addresses. */
#include "webmail-cgi/json_writer.h"
#include "webmail-cgi/pages.h"

enum { COMPLETIONS = 12 };

void page_directory(struct request *rq)
{
    web_correspondent_list list = {0};
    struct json j;
    struct span typed = in_text(&rq->in, "mots");
    enum store_status status =
        typed.n >= 2 ? web_directory_search(rq->thread->db, typed, COMPLETIONS, &list) : STORE_OK;
    rq->out.type = "application/json";
    rq->out.status = status == STORE_OK ? 200 : 503;
    json_init(&j, &rq->out.body);
    json_object(&j, NULL);
    json_array(&j, "entries");
    for (size_t i = 0; i < list.len && i < COMPLETIONS; i++) {
        json_object(&j, NULL);
        json_text(&j, "name", span_of(list.items[i].name));
        json_text(&j, "address", span_of(list.items[i].address));
        json_text(&j, "kind", span_of(list.items[i].kind));
        json_text(&j, "about", span_of(list.items[i].about));
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
    vec_free(&list);
}
