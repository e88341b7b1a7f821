/* JSON leaves through these writers: commas and escaping are theirs, `<`, `>`, `&` and U+2028/9 leave as \u escapes so
 * that an answer is harmless wherever it lands. Keys are literals of ours.
 */
#ifndef CADUCEE_WEBMAIL_JSON_WRITER_H
#define CADUCEE_WEBMAIL_JSON_WRITER_H

#include "lib/base/str.h"

enum { JSON_DEPTH_MAX = 16 };
struct json {
    struct str *out;
    unsigned depth;
    bool needs_comma[JSON_DEPTH_MAX];
    char closing[JSON_DEPTH_MAX];
};

void json_init(struct json *, struct str *out);
void json_object(struct json *, const char *key); /* key NULL: in an array or at the top */
void json_array(struct json *, const char *key);
void json_end(struct json *);
void json_text(struct json *, const char *key, struct span);
void json_number(struct json *, const char *key, int64_t);
void json_bool(struct json *, const char *key, bool);

#endif
