/* The light poll: has this folder changed? One row, an ETag, mostly 304. */
#include "webmail-cgi/json_writer.h"
#include "webmail-cgi/mail.h"
#include "webmail-cgi/pages.h"

#include <stdio.h>
#include <string.h>

void page_poll(struct request *rq)
{
    struct mail mail;
    struct json j;
    if (!mail_open(rq, &mail))
        return;
    snprintf(rq->out.etag, sizeof(rq->out.etag), "\"%llx-%llx\"", (unsigned long long)mail.folder->id,
             (unsigned long long)mail.folder->highestmodseq);
    rq->out.type = "application/json";
    if (rq->none_match && strcmp(rq->none_match, rq->out.etag) == 0) {
        rq->out.status = 304;
    } else {
        json_init(&j, &rq->out.body);
        json_object(&j, NULL);
        json_number(&j, "modseq", (int64_t)mail.folder->highestmodseq);
        json_number(&j, "unseen", mail.folder->unseen);
        json_end(&j);
    }
    mail_close(&mail);
}
