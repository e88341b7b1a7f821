/* A BAL's messages on their way out: one mbox (mboxrd), each message with where it lay and its flags in front — what `caducee
 * bal import --mbox` reads back. */
#ifndef CADUCEE_CTL_EXPORT_H
#define CADUCEE_CTL_EXPORT_H

#include "ctl/command.h"
#include "lib/net/x509_cms.h"
#include "lib/store/mailbox.h"

struct export_tally {
    uint64_t folders, messages, bytes, damaged, total;
};
enum store_status export_mailbox(struct invocation *, struct mailbox *, struct cms_writer *, struct export_tally *);
void export_report(struct invocation *, const struct export_tally *, const char *path);
/* "CN=… sha256=…" of each certificate of the file; false after saying why. */
bool export_name_recipients(struct invocation *, struct span file, struct str *out);

#endif
