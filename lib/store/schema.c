/* Migrations applied in order, each with its record in one transaction, by one process at a time. */
#include "lib/store/schema.h"

#include "lib/base/crypto.h"
#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/store/db_private.h"
#include "lib/store/schema_embed.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

/* serves_from: the oldest program version that still runs on this schema, so that an upgrade migrates first and
 * restarts the daemons after. A migration that breaks older programs raises it in its own text. */
#define VERSION_TABLE                                                                                                  \
    "CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, name text NOT NULL, digest text NOT "     \
    "NULL, "                                                                                                           \
    "applied timestamptz NOT NULL DEFAULT now(), serves_from integer NOT NULL DEFAULT 1); "                            \
    "COMMENT ON TABLE schema_version IS 'Migrations applied, and the oldest programs that the schema still serves.'; " \
    "GRANT SELECT ON schema_version TO PUBLIC;"
enum { MIGRATE_LOCK = 0x0cadce01 };

static void digest_of(char out[65], const char *text)
{
    uint8_t sum[SHA256_BYTES];
    struct str hex;
    sha256(sum, span_of(text));
    str_init(&hex, 64);
    hex_encode(&hex, (struct span){(const char *)sum, sizeof(sum)});
    memcpy(out, hex.data, hex.len + 1);
    str_free(&hex);
}

enum store_status db_script(struct db *db, const char *text, struct str *error)
{
    must(db->plain);
    enum store_status status = db_connect(db);
    if (status != STORE_OK) {
        str_puts(error, "the database does not answer");
        return status;
    }
    PGresult *result = PQexec(db->conn, text);
    ExecStatusType outcome = PQresultStatus(result);
    bool good = outcome == PGRES_COMMAND_OK || outcome == PGRES_TUPLES_OK || outcome == PGRES_EMPTY_QUERY;
    if (!good)
        str_add_span(error, span_trim(span_of(PQerrorMessage(db->conn))));
    PQclear(result);
    return good ? STORE_OK : STORE_INVALID;
}

/* "-- Back: yes, why": the first line of each migration since the tenth; the ones before are the first installation's. */
static const char *back_of(struct arena *arena, const char *text)
{
    static const char mark[] = "-- Back: ";
    struct span rest = span_of(text), line;
    if (!span_cut(&rest, '\n', &line) || !span_starts_nocase(line, mark))
        return NULL;
    return arena_strndup(arena, line.p + sizeof(mark) - 1, line.n - (sizeof(mark) - 1));
}

/* What the database says of each file; a database without schema_version has applied none. */
static enum store_status compare(struct db *db, struct arena *arena, struct migration *out, size_t *count,
                                 struct str *error)
{
    size_t total;
    const struct schema_file *files = schema_files(&total);
    must(total <= MIGRATIONS_MAX);
    enum store_status status = db_connect(db);
    if (status != STORE_OK) {
        str_puts(error, "the database does not answer");
        return status;
    }
    PGresult *rows = PQexec(db->conn, "SELECT version, digest, applied::text FROM schema_version");
    int applied = PQresultStatus(rows) == PGRES_TUPLES_OK ? PQntuples(rows) : 0;
    *count = total;
    for (size_t i = 0; i < total; i++) {
        char digest[65];
        digest_of(digest, files[i].text);
        out[i] = (struct migration){.number = files[i].number,
                                    .name = files[i].name,
                                    .text = files[i].text,
                                    .back = back_of(arena, files[i].text)};
        for (int row = 0; row < applied; row++) {
            int64_t number;
            if (!num_i64(span_of(PQgetvalue(rows, row, 0)), &number) || number != files[i].number)
                continue;
            out[i].applied = arena_strdup(arena, PQgetvalue(rows, row, 2));
            out[i].altered = !span_is(span_of(PQgetvalue(rows, row, 1)), digest);
        }
    }
    PQclear(rows);
    return STORE_OK;
}

enum store_status schema_status(const struct conf *conf, struct arena *arena, struct migration out[MIGRATIONS_MAX],
                                size_t *count, struct str *error)
{
    struct db *db = db_new_plain(conf, "caducee_owner", "caducee db status");
    enum store_status status = compare(db, arena, out, count, error);
    db_destroy(&db);
    return status;
}

/* The daemons of before serve meanwhile: a table's lock is waited for three seconds at most, because whoever comes after in its
 * queue waits too; then mail flows again a while, and it is tried anew. */
enum { LOCK_TRIES = 40, LOCK_PAUSE_MS = 500 };
#define LOCK_WAIT "SET LOCAL lock_timeout = '3s'"

static enum store_status apply_once(struct db *db, const struct migration *m, struct str *error)
{
    char digest[65];
    struct str record;
    digest_of(digest, m->text);
    str_init(&record, 1024);
    str_addf(&record,
             "INSERT INTO schema_version (version, name, digest, serves_from) SELECT %d, '%s', '%s', "
             "coalesce(max(serves_from), 1) FROM schema_version",
             m->number, m->name, digest);
    enum store_status status = db_script(db, "BEGIN", error);
    if (status == STORE_OK)
        status = db_script(db, LOCK_WAIT, error);
    if (status == STORE_OK)
        status = db_script(db, m->text, error);
    if (status == STORE_OK)
        status = db_script(db, record.data, error);
    enum store_status end = db_script(db, status == STORE_OK ? "COMMIT" : "ROLLBACK", error);
    str_free(&record);
    return status == STORE_OK ? end : status;
}

static enum store_status apply(struct db *db, const struct migration *m, struct str *error)
{
    enum store_status status = STORE_INVALID;
    for (unsigned n = 0; n < LOCK_TRIES; n++) {
        str_clear(error);
        status = apply_once(db, m, error);
        if (status == STORE_OK || span_find(str_span(error), SPAN_LIT("lock timeout")) < 0)
            break;
        (void)poll(NULL, 0, LOCK_PAUSE_MS);
    }
    return status;
}

static enum store_status apply_all(struct db *db, struct arena *arena, bool dry_run,
                                   void (*each)(const struct migration *, void *), void *arg, struct str *error)
{
    struct migration *all = arena_alloc(arena, sizeof(*all) * MIGRATIONS_MAX);
    size_t count;
    enum store_status status = compare(db, arena, all, &count, error);
    for (size_t i = 0; i < count && status == STORE_OK; i++) {
        if (all[i].altered) {
            str_addf(error, "migration %04d_%s is not the one that was applied", all[i].number, all[i].name);
            return STORE_CONFLICT;
        }
        if (all[i].applied)
            continue;
        if (!dry_run)
            status = apply(db, &all[i], error);
        if (status == STORE_OK)
            each(&all[i], arg);
    }
    return status;
}

enum store_status schema_migrate(const struct conf *conf, bool dry_run, void (*each)(const struct migration *, void *),
                                 void *arg, struct str *error)
{
    struct db *db = db_new_plain(conf, "caducee_owner", "caducee db migrate");
    struct arena *arena = arena_new(0);
    char lock[64];
    snprintf(lock, sizeof(lock), "SELECT pg_advisory_lock(%d)", MIGRATE_LOCK);
    enum store_status status = db_script(db, lock, error);
    if (status == STORE_OK && !dry_run)
        status = db_script(db, schema_roles(), error);
    if (status == STORE_OK && !dry_run)
        status = db_script(db, VERSION_TABLE, error);
    if (status == STORE_OK)
        status = apply_all(db, arena, dry_run, each, arg, error);
    arena_destroy(&arena);
    db_destroy(&db);
    return status;
}
