/* The Annuaire's LDAP server (libldap, with ldap_*.c the only place): one connection, verified, bound, bounded in time.
 * Debian's libldap does TLS by GnuTLS.
 */
#ifndef CADUCEE_DIRECTORY_LDAP_SERVER_H
#define CADUCEE_DIRECTORY_LDAP_SERVER_H

#include "directory/collector.h"

struct ldap_server;
struct ldap_server *ldap_server_open(const struct conf *, struct str *error); /* NULL with words */
void ldap_server_close(struct ldap_server **);
bool ldap_server_follows(const struct ldap_server *); /* RFC 4533 is offered */

enum ldap_progress { LDAP_QUIET, LDAP_REFRESHED, LDAP_CHANGED, LDAP_RESTART /* the cookie is too old */, LDAP_GONE };

/* RFC 4533 refreshAndPersist. Start, then poll again and again: entries go to the collector. `cookie` is what was applied
 * last; empty: everything. */
bool ldap_follow_start(struct ldap_server *, struct span cookie, struct str *error);
/* Returns after `quiet_ms` without a message, after a whole refresh, or after `most` messages. */
enum ldap_progress ldap_follow_poll(struct ldap_server *, struct collector *, uint64_t quiet_ms, size_t most,
                                    struct str *error);
struct span ldap_follow_cookie(const struct ldap_server *);
/* The refresh named all that is there: what it did not name is gone. */
bool ldap_follow_complete(const struct ldap_server *);

/* Paged search (RFC 2696): all entries, or those modified since "20261120170000Z". */
bool ldap_read_pages(struct ldap_server *, struct collector *, const char *since, uint64_t deadline_ms,
                     struct str *error);

#endif
