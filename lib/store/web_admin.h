/* Administration at the webmail. Who asks is a session, by its hash; the database decides what it governs (schema,
 * "administration"): STORE_REFUSED is answered alike for what is another structure's and for what does not exist. Each act
 * is one transaction with its trace.
 */
#ifndef CADUCEE_STORE_WEB_ADMIN_H
#define CADUCEE_STORE_WEB_ADMIN_H

#include "lib/store/bal_admin.h"
#include "lib/store/queue.h"
#include "lib/store/web.h"

struct admin_bal {
    int64_t id, structure_id;
    char address[321], kind[8], state[16], structure[256], name[256];
    uint64_t bytes, messages;
    bool red_listed;
};
typedef VEC(struct admin_bal) admin_bal_list;
/* `words` empty: all; at most 500, by address. */
enum store_status admin_bals(struct db *, const uint8_t session[32], const char *words, admin_bal_list *out);
enum store_status admin_bal(struct db *, const uint8_t session[32], int64_t bal_id, struct admin_bal *out);

enum admin_act { ADMIN_SUSPEND, ADMIN_RESUME, ADMIN_CLOSE, ADMIN_RED, ADMIN_WHITE };
/* STORE_NOT_FOUND: it is so already, or closed (a closed BAL does not open again). */
enum store_status admin_bal_act(struct db *, const uint8_t session[32], int64_t bal_id, enum admin_act,
                                const struct trace *);
struct admin_share {
    int64_t bal_id, until; /* wall seconds; 0: a year */
    const char *national_id, *role;
    bool may_send;
};
/* The structure's administrateur alone, here and for a PER BAL's holder: an exploitant has no right on content to give. */
enum store_status admin_share(struct db *, const uint8_t session[32], const struct admin_share *, const struct trace *);
enum store_status admin_unshare(struct db *, const uint8_t session[32], int64_t bal_id, int64_t person_id,
                                const struct trace *);
/* ORG and CAB (a PER BAL has a holder: holder_id). STORE_EXISTS: taken. STORE_REFUSED: not a domain of that structure. */
enum store_status admin_bal_create(struct db *, const uint8_t session[32], const struct bal_new *, const struct trace *,
                                   int64_t *bal_id);

struct admin_structure {
    int64_t id;
    bool typing;
    char name[256], domains[1024] /* by spaces */, notice[4001], emergency[4001];
};
typedef VEC(struct admin_structure) admin_structure_list;
enum store_status admin_structures(struct db *, const uint8_t session[32], admin_structure_list *out);
enum store_status admin_structure_set(struct db *, const uint8_t session[32], const struct admin_structure *,
                                      const struct trace *);

/* Of one message or one domain; the exploitant's. */
enum store_status admin_queue(struct db *, const uint8_t session[32], enum queue_order, int64_t message_id,
                              const char *domain, uint64_t *changed, const struct trace *);

#endif
