/* Sessions of the webmail and what stands beside them. The row itself is keyd's to insert (keyd_web_login). */
#include "lib/store/web.h"

#include "lib/store/web_run.h"

#include <string.h>

static struct span hash_span(const uint8_t hash[32])
{
    return (struct span){(const char *)hash, 32};
}

static void read_session(const PGresult *r, int row, void *out)
{
    struct web_session *s = out;
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
    s->refreshed_at = sql_i64(r, row, 10);
    s->by_certificate = sql_bool(r, row, 11);
}

static void read_session_and_person(const PGresult *r, int row, void *out)
{
    struct web_session *s = out;
    read_session(r, row, s);
    sql_copy(s->language, sizeof(s->language), r, row, 12);
    s->has_roles = sql_bool(r, row, 13);
}

enum store_status web_session_get(struct db *db, const uint8_t hash[32], struct web_session *out)
{
    struct sql_args a = {0};
    arg_span(&a, hash_span(hash));
    return web_row(db, SQL_web_session_get, &a, read_session_and_person, out);
}

static void add_session(const PGresult *r, int row, void *out)
{
    web_session_list *list = out;
    struct web_session session;
    read_session(r, row, &session);
    vec_push(list, session);
}

enum store_status web_sessions_of(struct db *db, int64_t person_id, web_session_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, person_id);
    return web_rows(db, SQL_web_sessions_of, &a, &out->len, add_session, out);
}

static enum store_status change_by_hash(struct db *db, enum sql sql, const uint8_t hash[32])
{
    struct sql_args a = {0};
    arg_span(&a, hash_span(hash));
    return web_change(db, 0, sql, &a);
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
    return web_change(db, 0, SQL_web_session_end, &a);
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
    return web_change(db, 0, SQL_web_session_describe, &a);
}

enum store_status web_session_refresh_claim(struct db *db, const uint8_t hash[32], int64_t after_s)
{
    struct sql_args a = {0};
    arg_span(&a, hash_span(hash));
    arg_i64(&a, after_s);
    return web_change(db, 0, SQL_web_session_refresh_claim, &a);
}

enum store_status web_session_refreshed(struct db *db, const uint8_t hash[32], struct span refresh_sealed)
{
    struct sql_args a = {0};
    arg_span(&a, hash_span(hash));
    arg_span(&a, refresh_sealed);
    return web_change(db, 0, SQL_web_session_refreshed, &a);
}

struct texts {
    struct str *text[2];
};

static void take_texts(const PGresult *r, int row, void *out)
{
    struct texts *texts = out;
    for (int i = 0; i < 2 && texts->text[i]; i++) {
        str_clear(texts->text[i]);
        str_add_span(texts->text[i], sql_span(r, row, i));
    }
}

enum store_status web_session_tokens(struct db *db, const uint8_t hash[32], struct str *refresh_sealed,
                                     struct str *id_token_sealed)
{
    struct sql_args a = {0};
    struct texts texts = {{refresh_sealed, id_token_sealed}};
    arg_span(&a, hash_span(hash));
    return web_row(db, SQL_web_session_tokens, &a, take_texts, &texts);
}

static enum store_status one_text(struct db *db, enum sql sql, const struct sql_args *a, struct str *out)
{
    struct texts texts = {{out, NULL}};
    return web_row(db, sql, a, take_texts, &texts);
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
    return web_change(db, 0, SQL_web_setting_set, &a);
}
