#include "webmail-cgi/plot.h"

#include "lib/base/num.h"

enum { HEIGHT = 180, BAR = 9, GAP = 8, LEFT = 10, TOP = 20 };

static uint64_t number_of(const char *cell)
{
    uint64_t n = 0;
    return num_u64(span_of(cell), UINT32_MAX, &n) ? n : 0;
}

static uint64_t largest(char *const *cells, size_t rows)
{
    uint64_t most = 0;
    for (size_t i = 0; i < rows * 3; i++)
        if (i % 3 != 0 && number_of(cells[i]) > most)
            most = number_of(cells[i]);
    return most;
}

static void bar(struct html *h, const char *class, uint64_t x, uint64_t value, uint64_t most, const char *day)
{
    uint64_t height = most ? value * HEIGHT / most : 0;
    if (value > 0 && height < 2)
        height = 2;
    OPEN(h, "rect", CLASS(class), ATTR_N("x", x), ATTR_N("y", TOP + HEIGHT - height), ATTR_N("width", BAR),
         ATTR_N("height", height), ATTR("rx", "2"));
    OPEN(h, "title");
    html_text(h, day);
    html_text(h, " : ");
    html_number(h, value);
    CLOSE(h, "title");
    CLOSE(h, "rect");
}

static void label(struct html *h, uint64_t x, const char *text)
{
    OPEN(h, "text", ATTR_N("x", x), ATTR_N("y", TOP + HEIGHT + 16), ATTR("font-size", "10"));
    html_text(h, text);
    CLOSE(h, "text");
}

/* The ground that bars stand on, and how high the highest is. */
static void axis(struct html *h, uint64_t width, uint64_t most)
{
    VOID(h, "line", CLASS("axis"), ATTR_N("x1", LEFT), ATTR_N("x2", width), ATTR_N("y1", TOP + HEIGHT),
         ATTR_N("y2", TOP + HEIGHT));
    OPEN(h, "text", ATTR_N("x", LEFT), ATTR_N("y", TOP - 6), ATTR("font-size", "10"));
    html_text(h, "max. ");
    html_number(h, most);
    CLOSE(h, "text");
}

static void legend(struct html *h, const char *first, const char *second)
{
    OPEN(h, "figcaption");
    LEAF(h, "span", first, CLASS("key one"));
    LEAF(h, "span", second, CLASS("key two"));
    CLOSE(h, "figcaption");
}

void plot_bars(struct html *h, const char *title, const char *first, const char *second, const char *nothing,
               char *const *cells, size_t rows)
{
    uint64_t most = largest(cells, rows), step = 2 * BAR + GAP;
    struct str box;
    str_init(&box, 100);
    str_addf(&box, "0 0 %llu %d", (unsigned long long)(LEFT + rows * step + LEFT), TOP + HEIGHT + 24);
    OPEN(h, "figure", CLASS("panel plot"));
    LEAF(h, "h2", title);
    if (most == 0) {
        LEAF(h, "p", nothing, CLASS("fine"));
        CLOSE(h, "figure");
        str_free(&box);
        return;
    }
    OPEN(h, "svg", ATTR("viewBox", box.data), ATTR("role", "img"), ATTR("aria-label", title));
    axis(h, LEFT + rows * step, most);
    for (size_t i = 0; i < rows; i++) {
        const char *day = cells[i * 3] ? cells[i * 3] : "";
        bar(h, "one", LEFT + i * step, number_of(cells[i * 3 + 1]), most, day);
        bar(h, "two", LEFT + i * step + BAR, number_of(cells[i * 3 + 2]), most, day);
        if (i % 2 == 0 && span_of(day).n == 10)
            label(h, LEFT + i * step, day + 8);
    }
    CLOSE(h, "svg");
    legend(h, first, second);
    CLOSE(h, "figure");
    str_free(&box);
}
