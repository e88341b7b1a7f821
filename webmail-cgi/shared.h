/* What the threads of one worker process share: the delivery keys they write under, Pro Santé Connect's metadata as the
 * fetcher last stored it, our client secret. Each under its own lock.
 */
#ifndef CADUCEE_WEBMAIL_SHARED_H
#define CADUCEE_WEBMAIL_SHARED_H

#include "lib/base/conf.h"
#include "lib/store/deliver.h"
#include "lib/trust/trust.h"
#include "lib/proto/token_oidc.h"

struct web_shared;
struct web_shared *shared_new(const struct conf *); /* NULL: an unreadable client secret; logged */
void shared_destroy(struct web_shared **);

struct grants *shared_grants(struct web_shared *);
struct pace *shared_pace(struct web_shared *);
struct delivery_keys *shared_delivery_keys(struct web_shared *);
const char *shared_client_secret(const struct web_shared *);
/* A copy of the provider's endpoints, at most a minute old; false when none was ever fetched or the database is away. */
bool shared_provider(struct web_shared *, struct db *, struct oidc_provider *out) MUST_USE;
/* The trust snapshot, at most a second old; trust_release() it after use. NULL: none yet. */
struct trust_snapshot *shared_trust(struct web_shared *, struct db *);

#endif
