/* The stored form of a summary, as if the database had been written to by somebody else. */
#include "lib/proto/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct summary_view view;
    struct summary_parts it;
    struct summary_part part;
    struct span whole, name, value;
    if (!summary_open(&view, (struct span){(const char *)data, n}))
        return 0;
    for (summary_parts_begin(&view, &it); summary_parts_next(&it, &part);) {
        const uint32_t numbers[] = {part.number, 1, 2};
        for (size_t count = 0; count <= 3; count++)
            (void)summary_part_find(&view, numbers, count, &part);
        (void)summary_part_inside(&view, &part, &part);
    }
    struct span rest = view.field[SUMMARY_HEADERS];
    while (summary_next_header(&rest, &whole, &name, &value))
        (void)summary_lists_header(name);
    return 0;
}
