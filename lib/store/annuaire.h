/* The mirror of the Annuaire Santé, and what follows from it for our own BALs. A pass lays its entries down in a stage, in as
 * many transactions as it likes, then is applied whole in one, or refused whole: an Annuaire that answers half changes
 * nothing. The operator's database stays the authority for its own BALs (docs/design.md).
 */
#ifndef CADUCEE_STORE_ANNUAIRE_H
#define CADUCEE_STORE_ANNUAIRE_H

#include "lib/base/vec.h"
#include "lib/store/db.h"

enum { ANNUAIRE_FIELD_MAX = 1024 };

struct annuaire_entry {
    const char *source_key;                                               /* entryUUID, else the DN */
    const char *address;                                                  /* key of proto/address.h */
    const char *kind;                                                     /* PER, ORG, APP, CAB */
    const char *title, *given, *family, *profession, *role, *national_id; /* NULL: none; the id with its type digit */
    const char *structure, *structure_id_type, *structure_national_id, *town, *description;
    bool red_listed;
};
enum annuaire_op { ANNUAIRE_ENTRY, ANNUAIRE_PRESENT, ANNUAIRE_GONE };

/* A batch to lay down: JSON rows, bounded. */
struct annuaire_batch {
    struct str rows;
    size_t count;
};
void annuaire_batch_init(struct annuaire_batch *);
void annuaire_batch_free(struct annuaire_batch *);
void annuaire_batch_add(struct annuaire_batch *, const struct annuaire_entry *);
void annuaire_batch_mark(struct annuaire_batch *, enum annuaire_op, const char *source_key); /* PRESENT or GONE */

struct annuaire_cookie {
    char method[16];   /* "syncrepl", "modified", "full"; "" when no pass has been applied */
    struct str value;  /* opaque */
    int64_t last_full; /* wall seconds of the last complete pass that was applied; 0 none */
};
enum store_status annuaire_cookie_read(struct db *, struct annuaire_cookie *);

enum store_status annuaire_pass_begin(struct db *, const char *method, bool complete, int64_t *pass);
enum store_status annuaire_stage(struct db *, int64_t pass, struct annuaire_batch *); /* empties the batch */
/* The pass failed: why is kept, its stage thrown away. */
enum store_status annuaire_pass_fail(struct db *, int64_t pass, const char *why);

struct annuaire_limits {
    unsigned vanish_percent, vanish_least; /* of ours, per structure: the larger of the two… */
    uint64_t vanish_window_s;              /* …counted over this time, so that slow erosion is seen as well */
    unsigned vanish_total_percent;         /* of the whole mirror */
    bool dry_run, complete;
    const char *forced_by, *forced_why; /* NULL */
    bool orphan_suspends;
};
struct annuaire_result {
    int64_t seen, added, changed, vanished, ours_vanished, proposed, orphans, renamed;
    bool refused;
    char why[512];
};
/* STORE_OK with refused = true: the thresholds; the stage stays for `caducee directory diff`. */
enum store_status annuaire_apply(struct db *, int64_t pass, const struct annuaire_limits *, size_t skipped,
                                 struct span cookie, struct annuaire_result *);

/* Entries of ours that wait for a BAL. */
struct annuaire_proposal {
    int64_t id, structure_id, entry_id;
    char address[321], domain[256], kind[8], title[64], given[128], family[128], profession[64], national_id[80];
    char structure[256], description[256];
    bool red_listed;
};
typedef VEC(struct annuaire_proposal) annuaire_proposal_list;
enum store_status annuaire_proposals(struct db *, const char *address /* NULL: all */, annuaire_proposal_list *out);
enum store_status annuaire_decide(struct db *, int64_t proposal_id, bool accepted, const char *who);

#endif
