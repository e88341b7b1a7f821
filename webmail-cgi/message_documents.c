/* IHE_XDM: what parse found in the zip, by document (ECO.2.1.2, SC.CDA/VISU.01). */
#include "webmail-cgi/panes.h"

void message_documents(struct request *rq, const struct mail *mail, const struct card *card)
{
    (void)rq;
    (void)mail;
    (void)card;
}
