/* clamd over its Unix socket (INSTREAM), driven by the loop: no job thread waits for a scan. One connection a message.
 * No verdict is no acceptance: clamd away, slow or confused is 451.
 */
#ifndef CADUCEE_SMTPD_ANTIVIRUS_H
#define CADUCEE_SMTPD_ANTIVIRUS_H

#include "lib/base/conf.h"
#include "lib/net/loop.h"

enum antivirus_result { ANTIVIRUS_CLEAN, ANTIVIRUS_INFECTED, ANTIVIRUS_AWAY, ANTIVIRUS_TOO_LARGE };

/* `done` is called once, in a later turn of the loop; `message` must live until then. `name`: the signature, sanitized. */
void antivirus_scan(struct loop *, const struct conf *, struct span message,
                    void (*done)(enum antivirus_result, const char *name, void *arg), void *arg);

#endif
