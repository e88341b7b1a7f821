#include "ctl/lists.h"

#include "ctl/table.h"

enum { LIST_COLUMNS_MAX = 24 };

/* "key:French:English[:n]|…" */
static size_t split_columns(struct arena *arena, const char *text, struct table_column out[LIST_COLUMNS_MAX])
{
    struct span rest = span_of(text), one, part;
    size_t count = 0;
    while (span_cut(&rest, '|', &one)) {
        must(count < LIST_COLUMNS_MAX);
        struct table_column *column = &out[count++];
        const char **fields[] = {&column->key, &column->fr, &column->en};
        *column = (struct table_column){.key = NULL};
        for (size_t n = 0; n < COUNT(fields) && span_cut(&one, ':', &part); n++)
            *fields[n] = arena_strndup(arena, part.p, part.n);
        column->number = span_is(one, "n");
    }
    return count;
}

int list_governed(struct invocation *i, enum listing_kind kind, const char *const *arguments, size_t count)
{
    const char *all[8];
    must(count < COUNT(all));
    for (size_t n = 0; n < count; n++)
        all[n] = arguments[n];
    all[count] = i->scoped ? i->operator_name : NULL;
    return list_print(i, kind, all, count + 1, NULL);
}

int list_print(struct invocation *i, enum listing_kind kind, const char *const *arguments, size_t count, size_t *rows)
{
    struct listing list;
    enum store_status status = listing_read(invocation_db(i), kind, arguments, count, &list);
    if (status != STORE_OK)
        return fail_store(i, status, LANG(i, "liste", "list"));
    struct arena *arena = arena_new(0);
    struct table_column columns[LIST_COLUMNS_MAX];
    struct table table;
    table_init(&table, columns, split_columns(arena, listing_columns(kind), columns));
    must(list.cells.len == 0 || list.columns == table.column_count);
    vec_each (&list.cells, cell)
        table_cell(&table, *cell);
    if (rows)
        *rows = list.cells.len / table.column_count;
    table_print(i, &table);
    arena_destroy(&arena);
    listing_free(&list);
    return STATUS_OK;
}

int list_print_parts(struct invocation *i, const struct list_part *parts, size_t count, const char *const *arguments,
                     size_t argument_count)
{
    int status = STATUS_OK;
    if (i->json)
        str_putc(&i->out, '{');
    for (size_t n = 0; n < count && status == STATUS_OK; n++) {
        if (i->json)
            str_addf(&i->out, "%s\"%s\":", n ? "," : "", parts[n].key);
        else
            say(i, "%s== %s ==", n ? "\n" : "", LANG(i, parts[n].fr, parts[n].en));
        if (parts[n].why_fr)
            say(i, "   (%s)", LANG(i, parts[n].why_fr, parts[n].why_en));
        status = list_print(i, parts[n].kind, arguments, argument_count, NULL);
    }
    if (i->json)
        str_puts(&i->out, "}\n");
    return status;
}
