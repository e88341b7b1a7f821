#include "lib/store/exercises.h"

#include "lib/store/sql.h"

#include <string.h>

struct exercises {
    int64_t person_id;
    const char *const *numbers;
    size_t count;
};

static enum store_status put(struct db *db, void *arg)
{
    const struct exercises *x = arg;
    struct sql_args args = {.count = 0};
    struct str array;
    str_init(&array, 64 << 10);
    arg_i64(&args, x->person_id);
    arg_texts(&args, &array, x->numbers, x->count);
    (void)sql_queue(db, SQL_exercises_forget, &args);
    (void)sql_queue(db, SQL_exercises_put, &args);
    enum store_status status = sql_wait(db);
    str_free(&array);
    return status;
}

enum store_status exercises_put(struct db *db, int64_t person_id, const char *const *numbers, size_t count)
{
    struct exercises x = {person_id, numbers, count < EXERCISES_MAX ? count : EXERCISES_MAX};
    return x.count ? db_transaction(db, DB_WRITE, 0, put, &x) : STORE_OK;
}
