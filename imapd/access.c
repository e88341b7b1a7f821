/* BALs that a session has opened. See access.h. */
#include "imapd/access.h"

#include "imapd/flags.h"

#include <stdio.h>
#include <string.h>

struct access *access_new(const struct bal *bal, struct keyd_grant *grant, bool shared)
{
    struct access *access = xcalloc(1, sizeof(*access));
    access->bal = *bal;
    access->role = grant->role;
    access->rights = access_rights_of(grant->role);
    access->shared = shared;
    /* a certificate counts as a person for \Seen: its binding's id, below zero */
    int64_t viewer = grant->person_id ? grant->person_id : -grant->certificate_id;
    access->mailbox = mailbox_open(bal, &grant->key, viewer, access_seen_per_person(access));
    mailbox_may_change(access->mailbox, flags_allowed(access, UINT64_MAX));
    crypto_wipe(&grant->key, sizeof(grant->key));
    return access;
}

bool access_seen_per_person(const struct access *access)
{
    return access->bal.kind == BAL_ORG || access->bal.kind == BAL_CAB;
}

void access_free(struct access **access)
{
    if (!*access)
        return;
    mailbox_close(&(*access)->mailbox);
    xfree(access);
}

unsigned access_rights_of(enum keyd_role role)
{
    enum { READER = RIGHT_LOOKUP | RIGHT_READ | RIGHT_SEEN };
    switch (role) {
    case KEYD_ROLE_READER:
        return READER;
    case KEYD_ROLE_MEMBER:
        return READER | RIGHT_WRITE | RIGHT_INSERT | RIGHT_DELETED_FLAG | RIGHT_EXPUNGE;
    case KEYD_ROLE_CERTIFICATE:
        return RIGHT_ALL & ~(unsigned)RIGHT_ADMIN;
    case KEYD_ROLE_OWNER:
    case KEYD_ROLE_MANAGER:
        return RIGHT_ALL;
    }
    return 0;
}

static const char *const role_names[] = {[KEYD_ROLE_OWNER] = "titulaire",
                                         [KEYD_ROLE_READER] = "lecteur",
                                         [KEYD_ROLE_MEMBER] = "membre",
                                         [KEYD_ROLE_MANAGER] = "gestionnaire",
                                         [KEYD_ROLE_CERTIFICATE] = "certificat"};

const char *access_role_name(enum keyd_role role)
{
    return role_names[role];
}

unsigned access_rights_of_name(const char *role)
{
    for (size_t i = 0; i < COUNT(role_names); i++) {
        if (span_is(span_of(role), role_names[i]))
            return access_rights_of((enum keyd_role)i);
    }
    return 0;
}

void access_write_rights(struct str *out, unsigned rights)
{
    static const char letters[] = "lrswikxtea";
    for (size_t i = 0; i + 1 < sizeof(letters); i++) {
        if (rights >> i & 1)
            str_putc(out, letters[i]);
    }
    if (rights & RIGHT_CREATE)
        str_putc(out, 'c');
    if (rights & (RIGHT_DELETED_FLAG | RIGHT_EXPUNGE))
        str_putc(out, 'd');
}

static enum store_status keep_local(struct span name, char local[1024])
{
    if (name.n > 0 && name.p[name.n - 1] == '/')
        name.n--; /* "a/": the peer means to make folders in it (RFC 9051 6.3.4) */
    if (name.n == 0 || name.n >= 1024 || name.p[0] == '/' || span_find(name, SPAN_LIT("//")) >= 0)
        return STORE_INVALID;
    memcpy(local, name.p, name.n);
    local[name.n] = '\0';
    return STORE_OK;
}

static bool is_shared_name(struct span name, struct span *rest)
{
    size_t n = sizeof(SHARED_PREFIX) - 1;
    if (name.n < n || !span_eq((struct span){name.p, n}, SPAN_LIT(SHARED_PREFIX)) || (name.n > n && name.p[n] != '/'))
        return false;
    *rest = name.n > n ? (struct span){name.p + n + 1, name.n - n - 1} : SPAN_NONE;
    return true;
}

enum store_status access_find(struct session *s, struct span name, struct access **out, char local[1024])
{
    struct span rest, address;
    if (!is_shared_name(name, &rest)) {
        *out = s->own;
        return keep_local(name, local);
    }
    if (!span_cut(&rest, '/', &address) || rest.n == 0)
        return STORE_NOT_FOUND;
    enum store_status status = access_open_shared(s, address, out);
    if (status != STORE_OK)
        return status;
    if (span_is_nocase(rest, "INBOX"))
        rest = SPAN_LIT("INBOX");
    return keep_local(rest, local);
}

void access_full_name(const struct access *access, const char *local, struct str *out)
{
    if (access->shared)
        str_addf(out, SHARED_PREFIX "/%s/", access->bal.address);
    str_puts(out, local);
}
