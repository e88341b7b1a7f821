/* Sessions of the webmail and what stands beside them. The row itself is keyd's to insert (keyd_web_login). */
#include "lib/store/web.h"

#include "lib/store/sql.h"

#include <string.h>

static struct span hash_span(const uint8_t hash[32])
{
    return (struct span){(const char *)hash, 32};
}

static void read_session(struct web_session *s, const PGresult *r, int row)
{
    struct span hash = sql_span(r, row, 0);
    *s = (struct web_session){0};
    if (hash.n == sizeof(s->hash))
        memcpy(s->hash, hash.p, hash.n);
    s->person_id = sql_i64(r, row, 1);
    sql_copy(s->person_name, sizeof(s->person_name), r, row, 2);
    s->created_at = sql_i64(r, row, 3);
    s->seen_at = sql_i64(r, row, 4);
    s->expires_at = sql_i64(r, row, 5);
    s->locked_at = sql_i64(r, row, 6);
    s->shared_computer = sql_bool(r, row, 7);
    sql_copy(s->peer, sizeof(s->peer), r, row, 8);
    sql_copy(s->user_agent, sizeof(s->user_agent), r, row, 9);
}

enum store_status web_session_get(struct db *db, const uint8_t hash[32], struct web_session *out)
{
    struct sql_args a = {0};
    const PGresult *r;
    arg_span(&a, hash_span(hash));
    enum store_status status = sql_run(db, SQL_web_session_get, &a, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    read_session(out, r, 0);
    return STORE_OK;
}

enum store_status web_sessions_of(struct db *db, int64_t person_id, web_session_list *out)
{
    struct sql_args a = {0};
    const PGresult *r;
    arg_i64(&a, person_id);
    enum store_status status = sql_run(db, SQL_web_sessions_of, &a, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++) {
        struct web_session session;
        read_session(&session, r, row);
        vec_push(out, session);
    }
    return status;
}

static enum store_status change_by_hash(struct db *db, enum sql sql, const uint8_t hash[32])
{
    struct sql_args a = {0};
    arg_span(&a, hash_span(hash));
    return sql_change(db, sql, &a);
}

enum store_status web_session_touch(struct db *db, const uint8_t hash[32])
{
    return change_by_hash(db, SQL_web_session_touch, hash);
}

enum store_status web_session_lock(struct db *db, const uint8_t hash[32])
{
    return change_by_hash(db, SQL_web_session_lock, hash);
}

enum store_status web_session_end(struct db *db, const uint8_t hash[32])
{
    return web_session_end_of(db, 0, hash);
}

enum store_status web_session_end_of(struct db *db, int64_t person_id, const uint8_t hash[32])
{
    struct sql_args a = {0};
    arg_span(&a, hash_span(hash));
    arg_id(&a, person_id);
    return sql_change(db, SQL_web_session_end, &a);
}

enum store_status web_session_describe(struct db *db, const uint8_t hash[32], const char *user_agent,
                                       bool shared_computer, struct span refresh_sealed, struct span id_token_sealed)
{
    struct sql_args a = {0};
    struct span agent = span_of(user_agent);
    if (agent.n > 255)
        agent.n = 255;
    arg_span(&a, hash_span(hash));
    arg_span(&a, agent);
    arg_bool(&a, shared_computer);
    arg_span(&a, refresh_sealed);
    arg_span(&a, id_token_sealed);
    return sql_change(db, SQL_web_session_describe, &a);
}

enum store_status web_session_tokens(struct db *db, const uint8_t hash[32], struct str *refresh_sealed,
                                     struct str *id_token_sealed)
{
    struct sql_args a = {0};
    const PGresult *r;
    arg_span(&a, hash_span(hash));
    enum store_status status = sql_run(db, SQL_web_session_tokens, &a, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    bool fits = str_add_span(refresh_sealed, sql_span(r, 0, 0)) && str_add_span(id_token_sealed, sql_span(r, 0, 1));
    return fits ? STORE_OK : STORE_INVALID;
}

static enum store_status one_text(struct db *db, enum sql sql, const struct sql_args *a, struct str *out)
{
    const PGresult *r;
    enum store_status status = sql_run(db, sql, a, &r);
    if (status != STORE_OK)
        return status;
    if (sql_rows(r) == 0)
        return STORE_NOT_FOUND;
    return str_add_span(out, sql_span(r, 0, 0)) ? STORE_OK : STORE_INVALID;
}

enum store_status web_oidc_discovery(struct db *db, struct str *json)
{
    struct sql_args none = {0};
    return one_text(db, SQL_web_oidc_discovery, &none, json);
}

enum store_status web_setting_get(struct db *db, int64_t person_id, int64_t bal_id, const char *name, struct str *out)
{
    struct sql_args a = {0};
    arg_i64(&a, person_id);
    arg_i64(&a, bal_id);
    arg_text(&a, name);
    return one_text(db, SQL_web_setting_get, &a, out);
}

enum store_status web_setting_set(struct db *db, int64_t person_id, int64_t bal_id, const char *name, struct span value)
{
    struct sql_args a = {0};
    arg_i64(&a, person_id);
    arg_i64(&a, bal_id);
    arg_text(&a, name);
    arg_span(&a, value.p ? value : SPAN_LIT(""));
    return sql_change(db, SQL_web_setting_set, &a);
}
