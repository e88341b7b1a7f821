#include "webmail-cgi/form.h"

#include "webmail-cgi/layout.h"

#include <string.h>
#include <time.h>

void form_begin(struct request *rq, const char *css_class, const char *path)
{
    OPEN(&rq->html, "form", CLASS(css_class), ATTR("method", "post"), URL("action", path));
    csrf_field(rq);
}

void form_problem(struct request *rq, const char *words)
{
    struct html *h = &rq->html;
    if (!words)
        return;
    OPEN(h, "div", CLASS("band bad"), ATTR("role", "alert"), ATTR("id", "erreur"));
    icon(h, "alert");
    LEAF(h, "p", words);
    CLOSE(h, "div");
}

void form_end(struct request *rq)
{
    CLOSE(&rq->html, "form");
}

static void begin_field(struct request *rq, const char *name, const char *label)
{
    OPEN(&rq->html, "div", CLASS("field"));
    LEAF(&rq->html, "label", label, ATTR("for", name));
}

static struct span present(struct span value)
{
    return value.p ? value : SPAN_LIT("");
}

void form_text(struct request *rq, const char *name, const char *label, struct span value, unsigned max, bool required)
{
    begin_field(rq, name, label);
    VOID(&rq->html, "input", ATTR("type", "text"), ATTR("name", name), ATTR("id", name), ATTR_N("maxlength", max),
         ATTR_SPAN("value", present(value)), ATTR("autocomplete", "off"), FLAG_IF(required, "required"));
    CLOSE(&rq->html, "div");
}

void form_lines(struct request *rq, const char *name, const char *label, struct span value, unsigned max, unsigned rows)
{
    struct html *h = &rq->html;
    begin_field(rq, name, label);
    OPEN(h, "textarea", ATTR("name", name), ATTR("id", name), ATTR_N("rows", rows), ATTR_N("maxlength", max));
    str_putc(h->out, '\n'); /* HTML drops a textarea's first line end: this one */
    html_span(h, value);
    CLOSE(h, "textarea");
    CLOSE(h, "div");
}

void form_date(struct request *rq, const char *name, const char *label, struct span value, bool required)
{
    begin_field(rq, name, label);
    VOID(&rq->html, "input", ATTR("type", "date"), ATTR("name", name), ATTR("id", name),
         ATTR_SPAN("value", present(value)), FLAG_IF(required, "required"));
    CLOSE(&rq->html, "div");
}

void form_hidden(struct request *rq, const char *name, struct span value)
{
    VOID(&rq->html, "input", ATTR("type", "hidden"), ATTR("name", name), ATTR_SPAN("value", present(value)));
}

void form_hidden_number(struct request *rq, const char *name, uint64_t value)
{
    VOID(&rq->html, "input", ATTR("type", "hidden"), ATTR("name", name), ATTR_N("value", value));
}

void form_help(struct request *rq, const char *words)
{
    LEAF(&rq->html, "p", words, CLASS("fine"));
}

void form_submit(struct request *rq, const char *act, const char *words)
{
    OPEN(&rq->html, "div");
    LEAF(&rq->html, "button", words, CLASS("button primary"), ATTR("name", "acte"), ATTR("value", act));
    CLOSE(&rq->html, "div");
}

void form_button(struct request *rq, const char *path, const char *hidden_name, struct span hidden, const char *act,
                 const char *words, const char *css_class)
{
    form_begin(rq, "one-button", path);
    form_hidden(rq, hidden_name, hidden);
    LEAF(&rq->html, "button", words, CLASS(css_class), ATTR("name", "acte"), ATTR("value", act));
    form_end(rq);
}

void form_choice(struct request *rq, const char *name, const char *label, const struct choice *choices, size_t count,
                 struct span chosen)
{
    begin_field(rq, name, label);
    OPEN(&rq->html, "select", ATTR("name", name), ATTR("id", name));
    for (size_t i = 0; i < count; i++)
        LEAF(&rq->html, "option", choices[i].words, ATTR("value", choices[i].value),
             FLAG_IF(span_is(chosen, choices[i].value), "selected"));
    CLOSE(&rq->html, "select");
    CLOSE(&rq->html, "div");
}

const char *date_input(struct request *rq, int64_t wall)
{
    time_t then = (time_t)wall;
    struct tm t;
    if (wall == 0 || !localtime_r(&then, &t))
        return "";
    return arena_printf(rq->arena, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
}

int64_t date_of_input(struct span date, int days)
{
    struct tm t = {.tm_isdst = -1};
    char text[11] = "";
    if (date.n != 10)
        return 0;
    memcpy(text, date.p, 10);
    if (!strptime(text, "%Y-%m-%d", &t))
        return 0;
    t.tm_mday += days;
    return (int64_t)mktime(&t);
}
