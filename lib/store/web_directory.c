/* Completion of addresses. A typed % or _ is a letter like another. */
#include "lib/store/web.h"

#include "lib/base/text.h"
#include "lib/proto/dn_fold.h"
#include "lib/store/web_run.h"

#include <string.h>

enum { WORDS = 4 };

static void pattern(struct str *out, struct span word)
{
    str_putc(out, '%');
    for (size_t i = 0; i < word.n; i++) {
        if (strchr("%_\\", word.p[i]))
            str_putc(out, '\\');
        str_putc(out, word.p[i]);
    }
    str_putc(out, '%');
}

static void add_correspondent(const PGresult *r, int row, void *arg)
{
    web_correspondent_list *out = arg;
    struct web_correspondent c;
    sql_copy(c.address, sizeof(c.address), r, row, 0);
    sql_copy(c.name, sizeof(c.name), r, row, 1);
    sql_copy(c.kind, sizeof(c.kind), r, row, 2);
    sql_copy(c.about, sizeof(c.about), r, row, 3);
    bool known = false;
    vec_each (out, other)
        known = known || strcmp(other->address, c.address) == 0;
    if (!known)
        vec_push(out, c);
}

static void split(struct span typed, struct str patterns[WORDS], bool fold)
{
    struct str folded;
    struct span rest, word;
    size_t n = 0;
    str_init(&folded, typed.n * 4 + 64);
    if (fold)
        (void)!fold_for_search(&folded, typed);
    else
        str_add_span(&folded, typed);
    rest = str_span(&folded);
    for (size_t i = 0; i < WORDS; i++)
        str_init(&patterns[i], typed.n * 8 + 64);
    while (n < WORDS && rest.n > 0 && span_cut(&rest, ' ', &word))
        if (word.n > 0)
            pattern(&patterns[n++], word);
    for (; n < WORDS; n++)
        str_putc(&patterns[n], '%');
    str_free(&folded);
}

struct searching {
    const struct sql_args *args;
    size_t before;
    web_correspondent_list *out;
};

static enum store_status search_body(struct db *db, void *arg)
{
    const struct searching *s = arg;
    const PGresult *r;
    s->out->len = s->before;
    (void)sql_queue(db, SQL_plan_anew, NULL);
    enum store_status status = sql_run(db, SQL_web_directory_search, s->args, &r);
    for (int row = 0; status == STORE_OK && row < sql_rows(r); row++)
        add_correspondent(r, row, s->out);
    return status;
}

enum store_status web_directory_search(struct db *db, struct span typed, unsigned limit, web_correspondent_list *out)
{
    struct str words[WORDS];
    struct sql_args own = {0}, all = {0};
    split(typed, words, false);
    arg_span(&own, str_span(&words[0]));
    arg_span(&own, str_span(&words[1]));
    arg_i64(&own, limit);
    enum store_status status = web_rows(db, SQL_web_own_search, &own, &out->len, add_correspondent, out);
    for (size_t i = 0; i < WORDS; i++)
        str_free(&words[i]);
    split(typed, words, true);
    for (size_t i = 0; i < WORDS; i++)
        arg_span(&all, str_span(&words[i]));
    arg_i64(&all, limit);
    struct searching searching = {&all, out->len, out};
    if (status == STORE_OK && out->len < limit)
        status = db_transaction(db, DB_READ, 0, search_body, &searching);
    for (size_t i = 0; i < WORDS; i++)
        str_free(&words[i]);
    return status;
}
