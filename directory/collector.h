/* Gathers what a pass over the Annuaire brings, lays it down in batches, and has it applied whole. */
#ifndef CADUCEE_DIRECTORY_COLLECTOR_H
#define CADUCEE_DIRECTORY_COLLECTOR_H

#include "directory/annuaire_map.h"

struct collector {
    const struct conf *conf;
    struct db *db;
    struct arena *arena;
    struct annuaire_batch batch;
    const char *method;
    bool open, failed; /* failed: a batch could not be laid down */
    int64_t pass;
    size_t seen, skipped;
    char newest[32]; /* the greatest modifyTimestamp seen */
};

void collector_init(struct collector *, const struct conf *, struct db *);
void collector_free(struct collector *);
/* Opens a pass when none is open. */
bool collector_open(struct collector *, const char *method);
void collector_entry(struct collector *, const struct raw_value *, size_t count, const char *source_key);
void collector_mark(struct collector *, enum annuaire_op, const char *source_key);
/* Applies what was laid down. False: it was refused or failed; alarm raised, nothing changed. */
bool collector_apply(struct collector *, const struct annuaire_limits *, struct span cookie);
/* Throws the pass away, with the reason. */
void collector_drop(struct collector *, const char *why);

#endif
