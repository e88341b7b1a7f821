/* What people read in a message, as UTF-8: for SEARCH and for the preview. */
#ifndef CADUCEE_PROTO_MIME_TEXT_H
#define CADUCEE_PROTO_MIME_TEXT_H

#include "lib/proto/mime_tree.h"

/* The words of an HTML text: no tags, scripts, styles, comments; references resolved; a line for each block. Not a
 * cleaner: its output is never shown as HTML. */
void mime_html_words(struct str *out, struct span html);

/* A text part's decoded content (HTML: its words). False when it was cut. */
bool mime_part_text(struct str *out, const struct mime_tree *, const struct mime_part *);

/* Decoded header lines, a NUL, the texts of all text parts, up to out's maximum. False when it was cut. */
bool mime_search_text(struct str *out, const struct mime_tree *);

/* First words of the first text part that is not an attachment. */
void mime_preview(struct str *out, const struct mime_tree *, size_t characters);

#endif
