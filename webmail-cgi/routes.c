/* The routes: one table (routes.def), and how a path finds its row. */
#include "webmail-cgi/pages.h"
#include "webmail-cgi/web.h"

#include "lib/base/num.h"

#include <string.h>

#define INPUTS(...)                                                                                                    \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define NO_INPUT                                                                                                       \
    {                                                                                                                  \
        {                                                                                                              \
            .type = IN_END                                                                                             \
        }                                                                                                              \
    }
#define ROUTE(verb, path_pattern, handler, what, flag, ...)                                                            \
    {.method = WEB_##verb,                                                                                             \
     .pattern = path_pattern,                                                                                          \
     .page = handler,                                                                                                  \
     .needs = what,                                                                                                    \
     .flags = flag,                                                                                                    \
     .inputs = __VA_ARGS__},
const struct route routes[] = {
#include "webmail-cgi/routes.def"
};
#undef ROUTE
const size_t route_count = COUNT(routes);

static bool all_digits(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n <= 19;
}

static bool is_word(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
        if (!ok)
            return false;
    }
    return s.n > 0 && s.n <= 128 && s.p[0] != '.';
}

static bool match(const char *pattern, struct span path, struct param *params, size_t *count)
{
    struct span rest = span_of(pattern), wanted, given;
    *count = 0;
    for (;;) {
        bool more_wanted = rest.n > 0 && span_cut(&rest, '/', &wanted);
        bool more_given = path.n > 0 && span_cut(&path, '/', &given);
        if (!more_wanted || !more_given)
            return more_wanted == more_given;
        bool number = wanted.n > 1 && wanted.p[0] == ':';
        bool word = wanted.n > 1 && wanted.p[0] == '*';
        if (!number && !word) {
            if (!span_eq(wanted, given))
                return false;
            continue;
        }
        if (*count == WEB_PARAMS_MAX || (number && !all_digits(given)) || (word && !is_word(given)))
            return false;
        params[(*count)++] = (struct param){.name = wanted.p + 1, .value = given};
    }
}

const struct route *route_find(enum web_method method, struct span path, struct param *params, size_t *count,
                               bool *other_method)
{
    *other_method = false;
    if (path.n == 0 || path.n > WEB_PATH_MAX)
        return NULL;
    for (size_t i = 0; i < route_count; i++) {
        if (!match(routes[i].pattern, path, params, count))
            continue;
        if (routes[i].method == method)
            return &routes[i];
        *other_method = true;
    }
    return NULL;
}

struct span param_text(const struct request *rq, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < rq->param_count; i++) {
        const char *declared = rq->params[i].name;
        if (strncmp(declared, name, n) == 0 && (declared[n] == '\0' || declared[n] == '/'))
            return rq->params[i].value;
    }
    panic("route without %s", name);
}

int64_t param_number(const struct request *rq, const char *name)
{
    int64_t number = 0;
    return num_i64(param_text(rq, name), &number) ? number : 0;
}
