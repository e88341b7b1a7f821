/* Private to lib/store: a row of BAL_COLUMNS (sql.def), from column 0 on. */
#ifndef CADUCEE_STORE_BAL_ROW_H
#define CADUCEE_STORE_BAL_ROW_H

#include "lib/store/bal.h"
#include "lib/store/sql.h"

void bal_from_row(struct bal *out, const PGresult *, int row);

#endif
