/* Answers as an aligned table for people, or as JSON with stable keys. */
#ifndef CADUCEE_CTL_TABLE_H
#define CADUCEE_CTL_TABLE_H

#include "ctl/command.h"
#include "lib/base/vec.h"

struct table_column {
    const char *key; /* JSON */
    const char *fr, *en;
    bool number; /* right-aligned; a JSON number */
};
struct table {
    const struct table_column *columns;
    size_t column_count;
    VEC(char *) cells; /* row by row; NULL: none (JSON null) */
};

void table_init(struct table *, const struct table_column *, size_t count);
void table_cell(struct table *, const char *text); /* copied; NULL: none */
void table_number(struct table *, int64_t);
void table_date(struct table *, int64_t wall);             /* 0: none */
void table_print(struct invocation *, struct table *);     /* all rows: a JSON array; frees it */
void table_print_one(struct invocation *, struct table *); /* one row: "key: value" lines or a JSON object; frees it */

#endif
