/* What ldap_*.c share. */
#ifndef CADUCEE_DIRECTORY_LDAP_PRIVATE_H
#define CADUCEE_DIRECTORY_LDAP_PRIVATE_H

#include "directory/ldap_server.h"

#include <sys/time.h>

#include <ldap.h>

struct ldap_server {
    const struct conf *conf;
    LDAP *ld;
    const char *attributes[ANNUAIRE_ATTRIBUTES_MAX];
    bool follows;
    int msgid;
    bool refreshing, complete;
    struct str cookie;
};

bool ldap_fail(const struct ldap_server *, int code, const char *what, struct str *error); /* always false */
int ldap_scope_of(const struct conf *);
/* Hands an entry's values to the collector, under its entryUUID or `key` when it is not empty. */
void ldap_collect(struct ldap_server *, LDAPMessage *entry, struct span uuid, struct collector *);
/* Sixteen bytes as "6ba7b810-9dad-…", else hex. */
void ldap_uuid_text(char out[64], struct span uuid);

#endif
