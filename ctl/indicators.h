/* Monthly indicators (mssante: "Indicators"): what was counted, and the three forms it leaves in. Counts from 1 to 4 are masked
 * in whatever is exported: few enough messages point at a person. */
#ifndef CADUCEE_CTL_INDICATORS_H
#define CADUCEE_CTL_INDICATORS_H

#include "ctl/command.h"
#include "lib/store/listing.h"

enum { INDICATORS_MASKED_BELOW = 5 };

struct indicators {
    char month[11]; /* first day: "2026-11-01" */
    const char *structure;
    struct listing counts, partners, products, days;
};

int indicators_read(struct invocation *, struct indicators *);
void indicators_free(struct indicators *);
/* The cell as it may leave: NULL reads as "0", small counts as "<5". Text columns as they are. */
const char *indicators_cell(const struct listing *, enum listing_kind, size_t row, size_t column, bool masked);
/* Name of a column: the operator's ([indicators.columns] key = name), else its key. Valid until the next call. */
const char *indicators_column(struct invocation *, enum listing_kind, size_t column, bool titles);

void indicators_csv(struct invocation *, const struct indicators *, struct str *out);
void indicators_json(struct invocation *, const struct indicators *, struct str *out);
void indicators_html(struct invocation *, const struct indicators *, struct str *out);

#endif
