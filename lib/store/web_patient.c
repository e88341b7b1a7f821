/* The register of exchanges with patients (mssante.md, "Patients: what the documents ask"). */
#include "lib/store/web.h"

#include "lib/store/web_run.h"

#include <string.h>

static struct span hash_span(const uint8_t hash[16])
{
    return (struct span){(const char *)hash, 16};
}

static void read_patient(const PGresult *r, int row, void *out)
{
    struct web_patient *p = out;
    struct span hash = sql_span(r, row, 0), about = sql_span(r, row, 6);
    *p = (struct web_patient){.open = sql_bool(r, row, 1),
                              .opposed_messages = sql_bool(r, row, 2),
                              .opposed_sharing = sql_bool(r, row, 3),
                              .changed = sql_i64(r, row, 4),
                              .closed = sql_bool(r, row, 7),
                              .informed = sql_bool(r, row, 8)};
    if (hash.n == sizeof(p->hash))
        memcpy(p->hash, hash.p, hash.n);
    sql_copy(p->recorded_by, sizeof(p->recorded_by), r, row, 5);
    if (about.n > 0 && about.n <= sizeof(p->about)) {
        memcpy(p->about, about.p, about.n);
        p->about_len = about.n;
    }
}

static void add_patient(const PGresult *r, int row, void *out)
{
    web_patient_list *list = out;
    struct web_patient patient;
    read_patient(r, row, &patient);
    vec_push(list, patient);
}

enum store_status web_patients_of(struct db *db, int64_t structure_id, int64_t bal_id, web_patient_list *out)
{
    struct sql_args a = {0};
    arg_i64(&a, structure_id);
    arg_i64(&a, bal_id);
    return web_rows(db, SQL_web_patients_of, &a, &out->len, add_patient, out);
}

enum store_status web_patient_get(struct db *db, int64_t structure_id, const uint8_t hash[16], struct web_patient *out)
{
    struct sql_args a = {0};
    arg_i64(&a, structure_id);
    arg_span(&a, hash_span(hash));
    return web_row(db, SQL_web_patient_get, &a, read_patient, out);
}

enum store_status web_patient_exchange(struct db *db, int64_t structure_id, const uint8_t hash[16], int64_t person_id,
                                       bool open, int64_t bal_id, struct span about)
{
    struct sql_args a = {0};
    arg_i64(&a, structure_id);
    arg_span(&a, hash_span(hash));
    arg_i64(&a, person_id);
    arg_bool(&a, open);
    arg_span(&a, about.n > 0 ? about : SPAN_NONE);
    arg_i64(&a, bal_id);
    return web_change(db, bal_id, SQL_web_patient_exchange, &a);
}

enum store_status web_patient_oppose(struct db *db, int64_t structure_id, const uint8_t hash[16], int64_t person_id,
                                     bool messages, bool sharing)
{
    struct sql_args a = {0};
    arg_i64(&a, structure_id);
    arg_span(&a, hash_span(hash));
    arg_i64(&a, person_id);
    arg_bool(&a, messages);
    arg_bool(&a, sharing);
    return web_change(db, 0, SQL_web_patient_oppose, &a);
}

enum store_status web_patient_admit(struct db *db, int64_t structure_id, const uint8_t hash[16], int64_t person_id,
                                    int64_t bal_id, struct span about, bool qualified)
{
    struct sql_args a = {0};
    arg_i64(&a, structure_id);
    arg_span(&a, hash_span(hash));
    arg_i64(&a, person_id);
    arg_span(&a, about.n > 0 ? about : SPAN_NONE);
    arg_i64(&a, bal_id);
    arg_id(&a, qualified ? person_id : 0);
    return web_change(db, 0, SQL_web_patient_admit, &a);
}

static void read_rules(const PGresult *r, int row, void *out)
{
    struct web_patient_rules *rules = out;
    rules->typing = sql_bool(r, row, 0);
    sql_copy(rules->notice, sizeof(rules->notice), r, row, 1);
}

enum store_status web_patient_rules_of(struct db *db, int64_t structure_id, struct web_patient_rules *out)
{
    struct sql_args a = {0};
    *out = (struct web_patient_rules){0};
    arg_i64(&a, structure_id);
    return web_row(db, SQL_web_patient_rules, &a, read_rules, out);
}

static void read_known(const PGresult *r, int row, void *out)
{
    *(bool *)out = sql_bool(r, row, 0);
}

static void sharing_args(struct sql_args *a, int64_t structure_id, const uint8_t patient[16],
                         const uint8_t correspondent[16])
{
    arg_i64(a, structure_id);
    arg_span(a, hash_span(patient));
    arg_span(a, hash_span(correspondent));
}

enum store_status web_sharing_known(struct db *db, int64_t structure_id, const uint8_t patient[16],
                                    const uint8_t correspondent[16], bool *known)
{
    struct sql_args a = {0};
    *known = false;
    sharing_args(&a, structure_id, patient, correspondent);
    return web_row(db, SQL_web_sharing_known, &a, read_known, known);
}

enum store_status web_sharing_state(struct db *db, int64_t structure_id, const uint8_t patient[16],
                                    const uint8_t correspondent[16], int64_t person_id)
{
    struct sql_args a = {0};
    sharing_args(&a, structure_id, patient, correspondent);
    arg_i64(&a, person_id);
    return web_change(db, 0, SQL_web_sharing_state, &a);
}
