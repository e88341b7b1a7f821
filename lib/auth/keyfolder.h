/* The key folder: what a backup of the database is worthless without, kept apart from it (design: sentence 1).
 *
 *     current          the id of the epoch that new keys are wrapped to
 *     epochs/<id>      a master key pair: one a month
 *     queue.key        the queue's key pair: relay asks keyd for it
 *     seal.key         MAC of the traces' seals: the sealer asks keyd for it
 *     hash.key         HMAC of patients' addresses in traces and logs; the one file that other processes read (0640)
 *
 * The folder is keyd's, mode 0700 or 0710; files 0600. Text: a line that says what it is, then lines of hex.
 */
#ifndef CADUCEE_AUTH_KEYFOLDER_H
#define CADUCEE_AUTH_KEYFOLDER_H

#include "lib/base/crypto.h"
#include "lib/base/vec.h"

struct epoch {
    int64_t id;
    struct key_pair pair;
};
struct keyfolder {
    VEC(struct epoch) epochs;
    int64_t current;
    struct key_pair queue;
    struct key seal, hash;
};

/* Makes what is missing: first epoch (id 1), queue, seal and hash keys. Existing files are left as they are. */
bool keyfolder_create(const char *folder, struct str *error) MUST_USE;
/* A further epoch; it becomes the current one. Its public half must reach the database before it is used. */
bool keyfolder_add_epoch(const char *folder, int64_t id, struct str *error) MUST_USE;
/* Overwrites and removes an epoch's private half: what was sealed to it is gone. Never the current one. */
bool keyfolder_destroy_epoch(const char *folder, int64_t id, struct str *error) MUST_USE;
bool keyfolder_exists(const char *folder);

/* Reads it all; false in words when a file is missing, damaged, or readable by more than its owner. */
bool keyfolder_load(struct keyfolder *, const char *folder, struct str *error) MUST_USE;
const struct epoch *keyfolder_epoch(const struct keyfolder *, int64_t id); /* NULL: destroyed, or never ours */
void keyfolder_wipe(struct keyfolder *);

/* For processes that write traces: the hash key alone. */
bool keyfolder_hash_key(const char *folder, struct key *, struct str *error) MUST_USE;

/* The folder as one text, for the encrypted export, and back into a folder that holds no keys. */
bool keyfolder_pack(struct str *out, const char *folder, struct str *error) MUST_USE;
bool keyfolder_unpack(struct span packed, const char *folder, struct str *error) MUST_USE;

#endif
