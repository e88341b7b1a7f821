#include "lib/store/alarms.h"

#include "lib/base/log.h"
#include "lib/store/sql.h"

#include <unistd.h>

struct alarm {
    const char *code, *subject, *what, *remedy;
    uint64_t quiet; /* seconds; cleared only after them; 0: at once */
};

static enum store_status raise_it(struct db *db, void *arg)
{
    const struct alarm *a = arg;
    struct sql_args args = {.count = 0};
    const PGresult *r;
    char host[256] = "";
    (void)gethostname(host, sizeof(host) - 1);
    arg_text(&args, a->code);
    arg_text(&args, a->subject);
    arg_text(&args, a->what);
    arg_text(&args, a->remedy);
    arg_text(&args, host);
    enum store_status status = sql_run(db, SQL_alarm_raise, &args, &r);
    if (status == STORE_OK && sql_i64(r, 0, 0) == 1)
        log_event(LOG_WARN, NULL, "alarm.raised", LS("code", a->code), LS("subject", a->subject));
    return status;
}

static enum store_status clear_it(struct db *db, void *arg)
{
    const struct alarm *a = arg;
    struct sql_args args = {.count = 0};
    arg_text(&args, a->code);
    arg_text(&args, a->subject);
    if (a->quiet)
        arg_i64(&args, (int64_t)a->quiet);
    enum store_status status = sql_change(db, a->quiet ? SQL_alarm_clear_quiet : SQL_alarm_clear, &args);
    if (status == STORE_OK)
        log_event(LOG_INFO, NULL, "alarm.cleared", LS("code", a->code), LS("subject", a->subject));
    return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status alarm_raise(struct db *db, const char *code, const char *subject, const char *what,
                              const char *remedy)
{
    struct alarm a = {code, subject, what, remedy, 0};
    return db_transaction(db, DB_WRITE, 0, raise_it, &a);
}

enum store_status alarm_clear(struct db *db, const char *code, const char *subject)
{
    struct alarm a = {.code = code, .subject = subject};
    return db_transaction(db, DB_WRITE, 0, clear_it, &a);
}

enum store_status alarm_clear_quiet(struct db *db, const char *code, const char *subject, uint64_t seconds)
{
    struct alarm a = {.code = code, .subject = subject, .quiet = seconds};
    return db_transaction(db, DB_WRITE, 0, clear_it, &a);
}
