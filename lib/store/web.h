/* What the webmail alone keeps in the database: sessions, people's settings, who has a message in hand. Its mail goes
 * through mailbox.h like imapd's. Times are wall seconds.
 *
 * A session row is inserted by keyd only, when it has verified the ID token; the webmail reads it and changes the named
 * columns below. Only the SHA-256 of the cookie's value is ever stored.
 */
#ifndef CADUCEE_STORE_WEB_H
#define CADUCEE_STORE_WEB_H

#include "lib/base/vec.h"
#include "lib/store/bal.h"
#include "lib/store/trace.h"

struct web_session {
    uint8_t hash[32];
    int64_t person_id;
    char person_name[256];                                            /* "Dr Claire MARTIN" */
    int64_t created_at, seen_at, refreshed_at, expires_at, locked_at; /* locked_at 0: not */
    bool shared_computer;
    bool by_certificate; /* a personal certificate's: administration only */
    char peer[64], user_agent[256];
    char language[8]; /* chosen: "fr", "en"; "" the browser's; web_session_get() alone fills these two */
    bool has_roles;   /* of the operator */
};
typedef VEC(struct web_session) web_session_list;

/* STORE_NOT_FOUND: unknown, ended, or past its absolute life. */
enum store_status web_session_get(struct db *, const uint8_t hash[32], struct web_session *out);
enum store_status web_session_touch(struct db *, const uint8_t hash[32]);
enum store_status web_session_lock(struct db *, const uint8_t hash[32]);
enum store_status web_session_end(struct db *, const uint8_t hash[32]);
enum store_status web_session_end_of(struct db *, int64_t person_id, const uint8_t hash[32]);
enum store_status web_sessions_of(struct db *, int64_t person_id, web_session_list *out); /* living ones */
/* What the log-in brought: the tokens sealed under keys that only the cookie's value gives. */
enum store_status web_session_describe(struct db *, const uint8_t hash[32], const char *user_agent,
                                       bool shared_computer, struct span refresh_sealed, struct span id_token_sealed);
enum store_status web_session_tokens(struct db *, const uint8_t hash[32], struct str *refresh_sealed,
                                     struct str *id_token_sealed);

/* Whoever claims the refresh does it: STORE_NOT_FOUND when it is not due, or another thread has it. */
enum store_status web_session_refresh_claim(struct db *, const uint8_t hash[32], int64_t after_s);
enum store_status web_session_refreshed(struct db *, const uint8_t hash[32], struct span refresh_sealed);

/* PSC's discovery document as the fetcher last stored it. */
enum store_status web_oidc_discovery(struct db *, struct str *json);

/* The BALs a person holds or shares, own ones first; no key is involved. */
struct web_bal {
    struct bal bal;
    bool owner, may_send, manager;
    uint32_t unseen; /* of INBOX, for anybody */
};
typedef VEC(struct web_bal) web_bal_list;
enum store_status web_bals_of(struct db *, int64_t person_id, web_bal_list *out);

/* The right of one person on one mailbox, now, and how they look at its lists. STORE_NOT_FOUND: none that holds. */
struct web_right {
    struct bal bal;
    char role[16];
    bool may_send;
    char view[64];
};
enum store_status web_right_get(struct db *, int64_t person_id, int64_t bal_id, struct web_right *out);

/* Completion: the mirrored Annuaire and our own mailboxes (never a red-listed one), by words of a name, profession, role,
 * structure, town or address; accents and case do not count. */
struct web_correspondent {
    char address[321], name[256], kind[8], about[512]; /* "Infirmière · EHPAD Les Tilleuls · Lyon" */
};
typedef VEC(struct web_correspondent) web_correspondent_list;
enum store_status web_directory_search(struct db *, struct span typed, unsigned limit, web_correspondent_list *out);

/* Who administers the structures of these FINESS or SIRET numbers (none: those of the person's exercises): names, for whoever has
 * no mailbox. */
struct web_administrator {
    char name[256], structure[256];
};
typedef VEC(struct web_administrator) web_administrator_list;
enum store_status web_administrators_of(struct db *, int64_t person_id, const char *const *numbers, size_t count,
                                        web_administrator_list *out);

/* The operator's roles that a person holds now. */
enum web_role { ROLE_EXPLOITANT = 1, ROLE_STRUCTURE = 2, ROLE_AUDITOR = 4, ROLE_OFFICER = 8 };
struct web_roles {
    unsigned roles;
    int64_t structure_id; /* of ROLE_STRUCTURE */
    char structure[256];
};
enum store_status web_roles_of(struct db *, int64_t person_id, struct web_roles *out);

/* The structure's register of exchanges with patients. A patient is known by the keyed hash of their address
 * (trace_patient_hash); `about` is "NOM Prénom\naddress" sealed to the mailbox that wrote (crypto's seal_to). */
struct web_patient {
    uint8_t hash[16];
    bool open, closed; /* neither: known, not written to yet */
    bool informed;     /* a first message with the notice has left */
    bool opposed_messages, opposed_sharing;
    int64_t changed;
    char recorded_by[256];
    uint8_t about[1024];
    size_t about_len;
};
typedef VEC(struct web_patient) web_patient_list;
enum store_status web_patients_of(struct db *, int64_t structure_id, int64_t bal_id, web_patient_list *out);
enum store_status web_patient_get(struct db *, int64_t structure_id, const uint8_t hash[16], struct web_patient *out);
/* An exchange is opened by writing, closed by X-MSS-MES: FIN; `about` empty leaves what is known. */
enum store_status web_patient_exchange(struct db *, int64_t structure_id, const uint8_t hash[16], int64_t person_id,
                                       bool open, int64_t bal_id, struct span about);
enum store_status web_patient_oppose(struct db *, int64_t structure_id, const uint8_t hash[16], int64_t person_id,
                                     bool messages, bool sharing);
/* May be written to, and was not yet. `qualified`: the person stated that the identity is qualified in their software. */
enum store_status web_patient_admit(struct db *, int64_t structure_id, const uint8_t hash[16], int64_t person_id,
                                    int64_t bal_id, struct span about, bool qualified);

/* What a structure has settled about patients. */
struct web_patient_rules {
    bool typing;       /* may a matricule be typed by hand? */
    char notice[4001]; /* "": the text of the settings */
};
enum store_status web_patient_rules_of(struct db *, int64_t structure_id, struct web_patient_rules *out);

/* Was this correspondent said to take part in this patient's care? Asked once, by keyed hashes of both addresses. */
enum store_status web_sharing_known(struct db *, int64_t structure_id, const uint8_t patient[16],
                                    const uint8_t correspondent[16], bool *known);
enum store_status web_sharing_state(struct db *, int64_t structure_id, const uint8_t patient[16],
                                    const uint8_t correspondent[16], int64_t person_id);

/* Who shares a mailbox, for its manager. */
struct web_member {
    int64_t person_id, until; /* 0: no end */
    char name[256], role[16];
    bool may_send;
};
typedef VEC(struct web_member) web_member_list;
enum store_status web_members_of(struct db *, int64_t bal_id, web_member_list *out);
/* Their manager changes them by keyd_share(), an administrateur by web_admin.h: nothing here writes a membership. */

/* What the Annuaire shows of a mailbox, for its manager; a change is one transaction with its publication and its trace. */
struct web_about {
    char description[1001], service[256];
    bool red_listed;
};
enum store_status web_about_of(struct db *, int64_t bal_id, struct web_about *out); /* red_listed: struct bal has it */
enum store_status web_about_set(struct db *, int64_t bal_id, const struct web_about *, bool was_red_listed,
                                const struct trace *);
/* Application certificates that open it now; binding_end() (people.h) detaches one. */
struct web_binding {
    int64_t id, until, not_after; /* until 0: as long as the certificate */
    char subject[1024], mandate[256];
};
typedef VEC(struct web_binding) web_binding_list;
enum store_status web_bindings_of(struct db *, int64_t bal_id, web_binding_list *out);

/* Who signs a document: the person (RPPS first) and the structure that owns the mailbox, its id with the type digit. */
struct web_author {
    char national_id[65], title[64], given[128], family[128], structure[256], structure_id[32];
};
enum store_status web_author_of(struct db *, int64_t person_id, int64_t structure_id, struct web_author *out);

/* Settings of a person (bal_id 0) or of a person in a BAL (signature). Names are literals of ours. */
enum store_status web_setting_get(struct db *, int64_t person_id, int64_t bal_id, const char *name, struct str *out);
enum store_status web_setting_set(struct db *, int64_t person_id, int64_t bal_id, const char *name, struct span value);

/* Who has a message of a shared BAL in hand. No row: à traiter. */
enum work_state { WORK_TODO, WORK_TAKEN /* pris en charge */, WORK_DONE /* traité */ };
struct work {
    uint32_t uid;
    enum work_state state;
    int64_t person_id, since;
    char person_name[256];
    bool reminded; /* whoever answers for the BAL was told that it waits */
};
typedef VEC(struct work) work_list;
enum store_status work_list_of(struct db *, int64_t bal_id, int64_t folder_id, uint32_t uid_from, uint32_t uid_to,
                               work_list *out);
enum store_status work_set(struct db *, int64_t bal_id, int64_t folder_id, uint32_t uid, enum work_state,
                           int64_t person_id);

#endif
