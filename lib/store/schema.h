/* The migrations of schema/, embedded in the `caducee` command, so that a program and its schema never part. */
#ifndef CADUCEE_STORE_SCHEMA_H
#define CADUCEE_STORE_SCHEMA_H

#include "lib/store/db.h"

enum {
#define MIGRATION(number, name, file) MIGRATION_##name = number,
#include "lib/store/schema.def"
#undef MIGRATION
    MIGRATION_END,
    SCHEMA_VERSION = MIGRATION_END - 1
};

struct migration {
    int number;
    const char *name;
    const char *text;
    const char *applied; /* when, as PostgreSQL prints it; NULL: waits */
    bool altered;        /* the file is not the one that was applied */
    const char *back; /* its first line: "yes, …" the daemons of before run on with it, "no, …"; NULL: says nothing */
};
enum { MIGRATIONS_MAX = 512 };

/* Fills `out` with each migration and what the database says of it; *count of them. */
enum store_status schema_status(const struct conf *, struct arena *, struct migration out[MIGRATIONS_MAX],
                                size_t *count, struct str *error);
/* Applies what waits, each in its own transaction, under an advisory lock; `each` hears of it. Runs as caducee_owner. */
enum store_status schema_migrate(const struct conf *, bool dry_run, void (*each)(const struct migration *, void *),
                                 void *arg, struct str *error);

#endif
