/* Answers of statements, read from PostgreSQL's binary forms. */
#include "lib/store/sql.h"

#include "lib/base/num.h"

#include <stdlib.h>
#include <string.h>

int sql_rows(const PGresult *r)
{
    return r ? PQntuples(r) : 0;
}

int64_t sql_touched(const PGresult *r)
{
    int64_t touched = 0;
    const char *text = r ? PQcmdTuples((PGresult *)(uintptr_t)r) : "";
    return num_i64(span_of(text), &touched) ? touched : 0;
}

bool sql_null(const PGresult *r, int row, int column)
{
    return PQgetisnull(r, row, column) == 1;
}

int64_t sql_i64(const PGresult *r, int row, int column)
{
    if (sql_null(r, row, column))
        return 0;
    const uint8_t *at = (const uint8_t *)PQgetvalue(r, row, column);
    switch (PQgetlength(r, row, column)) {
    case 2:
        return (int16_t)get_u16(at);
    case 4:
        return (int32_t)get_u32(at);
    case 8:
        return (int64_t)get_u64(at);
    default:
        panic("column %d is not an integer", column);
    }
}

bool sql_bool(const PGresult *r, int row, int column)
{
    return !sql_null(r, row, column) && *PQgetvalue(r, row, column) != 0;
}

struct span sql_span(const PGresult *r, int row, int column)
{
    if (sql_null(r, row, column))
        return SPAN_NONE;
    return (struct span){PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column)};
}

void sql_copy(char *out, size_t size, const PGresult *r, int row, int column)
{
    struct span s = sql_span(r, row, column);
    size_t n = s.n < size ? s.n : size - 1;
    while (n < s.n && n > 0 && ((uint8_t)s.p[n] & 0xc0) == 0x80)
        n--;
    if (n)
        memcpy(out, s.p, n);
    out[n] = '\0';
}
