/* BALs (boîtes aux lettres): what the protocol servers need to know of one. */
#ifndef CADUCEE_STORE_BAL_H
#define CADUCEE_STORE_BAL_H

#include "lib/base/crypto.h"
#include "lib/store/db.h"

enum bal_kind { BAL_PER, BAL_ORG, BAL_APP, BAL_CAB };
enum bal_state { BAL_WAITING /* en attente */, BAL_OPEN, BAL_SUSPENDED, BAL_CLOSED };

struct bal {
    int64_t id, structure_id;
    char address[321]; /* lower-case, UTF-8 */
    char display_name[256];
    enum bal_kind kind;
    enum bal_state state;
    struct key public_half; /* X25519 */
    bool red_listed;
    uint64_t quota_bytes, used_bytes;
    bool watched; /* rules or an out-of-office may be there: arrival.h looks */
};
const char *bal_kind_name(enum bal_kind); /* "PER" */
const char *bal_state_name(enum bal_state);

enum store_status bal_by_address(struct db *, struct span address, struct bal *out);
/* The same for a recipient: postmaster@ and abuse@ of any domain of ours are `postmaster`'s (an address, "" nobody's) where
 * no BAL has that name (RFC 5321 4.5.1, RFC 2142). */
enum store_status bal_of_recipient(struct db *, struct span key, const char *postmaster, struct bal *out);
enum store_status bal_by_id(struct db *, int64_t id, struct bal *out);

/* INBOX and the folders of special use, for a BAL that has just been made; inside the caller's transaction, which acts on
 * that BAL (db_transaction's `bal`, or db_act_on()). Again: changes nothing. */
enum store_status bal_make_folders(struct db *, int64_t bal_id);

#endif
