/* Calls to Pro Santé Connect's token endpoint, and what of its tokens a session keeps: sealed under keys that only the
 * cookie's value gives.
 */
#ifndef CADUCEE_WEBMAIL_PSC_H
#define CADUCEE_WEBMAIL_PSC_H

#include "lib/proto/token_oidc.h"
#include "webmail-cgi/web.h"

/* The page of whoever is known and has no mailbox (page_home.c); `userinfo` NULL: what is known of the person's exercises. */
void no_mailbox(struct request *, int64_t person_id, const struct oidc_userinfo *userinfo);

/* Userinfo, taken only when its `sub` is that of the ID token (OpenID Connect Core 5.3.2): of another, the access token is not
 * the log-in's. */
enum psc_told { PSC_SILENT, PSC_TOLD, PSC_OF_ANOTHER };
enum psc_told psc_userinfo(struct request *, const struct oidc_tokens *, struct oidc_userinfo *) MUST_USE;
/* False: no answer, or none that can be read; an OAuth error is an answer (tokens->error). */
bool psc_ask(struct request *, const struct str *body, struct oidc_tokens *) MUST_USE;
void seal_token(struct str *out, const struct session *, const char *purpose, const struct str *token);
/* Asks PSC every few minutes whether the log-in still holds (refresh token). False: it was refused — the session is over.
 * PSC being away is not a refusal. */
bool psc_still_holds(struct request *);

#endif
