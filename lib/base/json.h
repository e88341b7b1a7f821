/* JSON written by hand, safely (RFC 8259): a comma is put where one belongs, strings are escaped, bytes that are not UTF-8
 * become U+FFFD. Reading JSON is jansson's, elsewhere.
 */
#ifndef CADUCEE_BASE_JSON_H
#define CADUCEE_BASE_JSON_H

#include "lib/base/str.h"

/* A quoted string. */
bool json_quote(struct str *out, struct span text);
/* Inside an object or array, one after the other: ,"key":value — the comma only when something stands before it. */
void json_open(struct str *out, char bracket);  /* '{' or '[' as an array's item or a document */
void json_close(struct str *out, char bracket); /* '}' or ']' */
void json_key(struct str *out, const char *key);
void json_put(struct str *out, const char *key, const char *text); /* NULL: null; key NULL: an array's item */
void json_put_span(struct str *out, const char *key, struct span text);
void json_put_i64(struct str *out, const char *key, int64_t);
void json_put_bool(struct str *out, const char *key, bool);

#endif
