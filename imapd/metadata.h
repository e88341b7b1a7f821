/* Annotations as GETMETADATA and LIST … RETURN (METADATA …) answer them. */
#ifndef CADUCEE_IMAPD_METADATA_H
#define CADUCEE_IMAPD_METADATA_H

#include "imapd/session.h"

enum { METADATA_ENTRIES_MAX = 100 };
typedef VEC(struct span) metadata_entries; /* lower case, valid */

struct metadata_options {
    uint64_t max_size;
    int depth; /* 0, 1, or METADATA_INFINITY */
};
enum { METADATA_INFINITY = -1 };
#define METADATA_SPECIAL_USE "/private/specialuse" /* the folder's own (RFC 6154 4): read, not written */

bool metadata_parse_options(struct imap_reader *, struct metadata_options *) MUST_USE;
bool metadata_parse_entry(struct imap_reader *, metadata_entries *) MUST_USE;
bool metadata_parse_entries(struct imap_reader *,
                            metadata_entries *) MUST_USE; /* to be read: one, or several in parentheses */
int64_t metadata_viewer(const struct session *);
/* "* METADATA name (…)"; *longest: of the values left out because of max_size, 0 when none was. Job only. */
enum store_status metadata_write(struct session *, const struct access *, const struct folder * /* NULL: the BAL */,
                                 struct span full_name, const metadata_entries *, const struct metadata_options *,
                                 uint64_t *longest);

#endif
