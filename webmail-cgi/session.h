/* Who is there: the cookie `__Host-caducee` holds 32 random bytes; the database knows their SHA-256 only. What must be
 * kept for the session alone (PSC's refresh token, the ID token for log-out) is sealed under keys derived from the
 * cookie's value. The CSRF token is derived from it too: nothing to store, nothing to expire apart.
 */
#ifndef CADUCEE_WEBMAIL_SESSION_H
#define CADUCEE_WEBMAIL_SESSION_H

#include "webmail-cgi/web.h"

#define SESSION_COOKIE "__Host-caducee"
#define LOGIN_COOKIE   "__Host-caducee-connexion"
#define RETURN_COOKIE  "__Host-caducee-retour"

enum session_status { SESSION_OK, SESSION_NONE, SESSION_UNAVAILABLE };
enum session_status session_read(struct request *); /* fills rq->session; extends its quiet time when due */
void session_from_secret(struct session *, const uint8_t secret[32]); /* hash and CSRF token */
void session_new(struct session *);                                   /* a fresh secret */
void session_give(struct request *, const struct session *);          /* its cookie */
void session_lock(struct request *);
void session_end(struct request *);
void session_key(const struct session *, const char *purpose, struct key *out); /* wipe it */

/* RFC 6454 and Fetch Metadata: a change comes from a page of ours. `base_url` is "https://host[:port]". */
bool request_is_ours(const char *base_url, const char *origin, const char *fetch_site);
bool csrf_token_ok(const struct session *, struct span given);

#endif
