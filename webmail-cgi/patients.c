#include "webmail-cgi/patients.h"

#include "lib/base/text.h"

#include <string.h>

bool patient_open(struct request *rq, const struct web_patient *patient, struct span *name, struct span *address)
{
    struct str about;
    str_init(&about, sizeof(patient->about));
    bool ok = patient->about_len > 0 &&
              seal_open(&about, &rq->grant.key, (struct span){(const char *)patient->about, patient->about_len});
    struct span rest = arena_span(rq->arena, str_span(&about));
    str_wipe(&about);
    if (!ok || !span_cut(&rest, '\n', name))
        return false;
    *address = rest;
    return true;
}

bool patient_hash_read(struct span hex, uint8_t hash[16])
{
    struct str bytes;
    str_init(&bytes, 64);
    bool ok = hex.n == 32 && hex_decode(&bytes, hex) && bytes.len == 16;
    if (ok)
        memcpy(hash, bytes.data, 16);
    str_free(&bytes);
    return ok;
}

const char *patient_hash_text(struct request *rq, const uint8_t hash[16])
{
    struct str hex;
    str_init(&hex, 64);
    hex_encode(&hex, (struct span){(const char *)hash, 16});
    const char *kept = arena_strdup(rq->arena, hex.data);
    str_free(&hex);
    return kept;
}

static bool seal_about(struct request *rq, struct span name, struct span address, struct str *sealed)
{
    struct str about;
    str_init(&about, 900);
    str_add_span(&about, name.n > 0 ? name : span_of(tr(rq, "Patient")));
    str_putc(&about, '\n');
    str_add_span(&about, address);
    bool ok = seal_to(sealed, &rq->bal.public_half, str_span(&about));
    str_wipe(&about);
    return ok;
}

enum store_status patient_admit(struct request *rq, const uint8_t hash[16], struct span name, struct span address,
                                bool qualified)
{
    struct str sealed;
    str_init(&sealed, 1024);
    bool ok = seal_about(rq, name, address, &sealed);
    enum store_status status = web_patient_admit(rq->thread->db, rq->bal.structure_id, hash, rq->session.row.person_id,
                                                 rq->bal.id, ok ? str_span(&sealed) : SPAN_NONE, qualified);
    str_free(&sealed);
    return status;
}

static void record_one(struct request *rq, const struct compose *c, const struct outgoing_address *a)
{
    uint8_t hash[16];
    struct str sealed;
    if (!names_patient(a->address) || !trace_patient_hash(hash, a->address))
        return;
    str_init(&sealed, 1024);
    bool ok = seal_about(rq, a->name, a->address, &sealed);
    enum store_status status =
        web_patient_exchange(rq->thread->db, rq->bal.structure_id, hash, rq->session.row.person_id, !c->ends_exchange,
                             rq->bal.id, ok ? str_span(&sealed) : SPAN_NONE);
    if (status != STORE_OK)
        log_event(LOG_WARN, &rq->log, "web.patient_not_recorded", LS("status", store_status_name(status)));
    str_free(&sealed);
}

void patients_record(struct request *rq, const struct compose *c)
{
    outgoing_addresses all = {0};
    struct span bad;
    if (outgoing_read_addresses(c->to, &all, &bad) && outgoing_read_addresses(c->cc, &all, &bad))
        vec_each (&all, a)
            record_one(rq, c, a);
    vec_free(&all);
}
