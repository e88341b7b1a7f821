/* caducee queue: what waits to leave, why, and what an operator may do about it. A patient's address is never shown. */
#include "ctl/table.h"

#include "lib/base/num.h"
#include "lib/proto/address.h"
#include "lib/store/queue.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { LIST_ROWS = 100, LIST_ROWS_MAX = 1000000, WATCH_MS = 2000 };

static const struct table_column summary_columns[] = {{"domain", "domaine", "domain", false},
                                                      {"waiting", "en attente", "waiting", true},
                                                      {"claimed", "en cours", "under way", true},
                                                      {"held", "retenus", "held", true},
                                                      {"oldest", "le plus ancien", "oldest", false}};

static const struct table_column list_columns[] = {{"message", "message", "message", false},
                                                   {"state", "état", "state", false},
                                                   {"sender", "expéditeur", "sender", false},
                                                   {"recipient", "destinataire", "recipient", false},
                                                   {"bytes", "octets", "bytes", true},
                                                   {"arrived", "arrivé", "arrived", false},
                                                   {"next_try", "prochain essai", "next try", false},
                                                   {"expires", "expire", "expires", false},
                                                   {"tries", "essais", "tries", true},
                                                   {"trust_or_other_rule", "règle", "rule", false},
                                                   {"reply", "dernière réponse", "last reply", false}};

static bool add_domain(const struct queue_summary_row *row, void *arg)
{
    struct table *t = arg;
    table_cell(t, row->domain);
    table_number(t, (int64_t)row->waiting);
    table_number(t, (int64_t)row->claimed);
    table_number(t, (int64_t)row->held);
    table_date(t, row->oldest);
    return true;
}

static int summary(struct invocation *i)
{
    struct table t;
    table_init(&t, summary_columns, COUNT(summary_columns));
    int status = fail_store(i, queue_summary(invocation_db(i), add_domain, &t), "queue");
    table_print(i, &t);
    return status;
}

int command_queue_summary(struct invocation *i)
{
    return words_end(i) ? summary(i) : STATUS_USAGE;
}

static bool add_recipient(const struct queue_row *row, void *arg)
{
    struct table *t = arg;
    char id[24];
    snprintf(id, sizeof(id), "%lld", (long long)row->message_id);
    table_cell(t, id);
    table_cell(t, queue_state_name(row->state));
    table_cell(t, row->sender);
    table_cell(t, row->recipient);
    table_number(t, (int64_t)row->bytes);
    table_date(t, row->arrived);
    table_date(t, row->next_try);
    table_date(t, row->expires);
    table_number(t, row->tries);
    table_cell(t, row->rule[0] ? row->rule : NULL);
    table_cell(t, row->reply[0] ? row->reply : NULL);
    return true;
}

int command_queue_list(struct invocation *i)
{
    const char *state = take_option(i, "--state"), *limit = take_option(i, "--limit"), *domain = take_word(i);
    struct table t;
    uint32_t rows = LIST_ROWS;
    bool known = !state || strcmp(state, "waiting") == 0 || strcmp(state, "held") == 0;
    if (!words_end(i))
        return STATUS_USAGE;
    if (!known || (limit && !num_u32(span_of(limit), LIST_ROWS_MAX, &rows)))
        return usage(i, "--state waiting ou held ; --limit : un nombre", "--state waiting or held; --limit: a number");
    table_init(&t, list_columns, COUNT(list_columns));
    int which = !state ? -1 : state[0] == 'h' ? QUEUE_HELD : QUEUE_WAITING;
    int status = fail_store(i, queue_list(invocation_db(i), domain, which, 0, rows, add_recipient, &t), "queue");
    table_print(i, &t);
    return status;
}

int command_queue_show(struct invocation *i)
{
    const char *word = take_word(i);
    struct table t;
    int64_t id;
    if (!words_end(i))
        return STATUS_USAGE;
    if (!word || !num_i64(span_of(word), &id) || id <= 0)
        return usage(i, "le numéro d'un message", "the number of a message");
    table_init(&t, list_columns, COUNT(list_columns));
    int status = fail_store(i, queue_show(invocation_db(i), id, add_recipient, &t), "queue");
    if (status == STATUS_OK && t.cells.len == 0)
        status = fail(i, STATUS_NOT_FOUND, "%s", LANG(i, "ce message n'est pas dans la file", "not in the queue"));
    table_print(i, &t);
    return status;
}

/* A message's number, a domain, or --all said in full: nobody drops a whole queue by forgetting a word. */
static int order(struct invocation *i, enum queue_order what)
{
    bool all = take_flag(i, "--all");
    const char *word = take_word(i);
    int64_t id = 0;
    uint64_t changed = 0;
    struct str domain;
    if (!words_end(i))
        return STATUS_USAGE;
    if (all == (word != NULL))
        return usage(i, "un message, un domaine, ou --all", "a message, a domain, or --all");
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    bool is_domain = word && !num_i64(span_of(word), &id);
    int status = STATUS_OK;
    if (is_domain && !domain_normalise(&domain, span_of(word)))
        status = usage(i, "ce n'est pas un nom de domaine", "not a domain name");
    if (status == STATUS_OK)
        status = fail_store(
            i, queue_order(invocation_db(i), what, id, is_domain ? domain.data : NULL, i->operator_name, &changed),
            word ? word : "--all");
    if (status == STATUS_OK)
        say(i, LANG(i, "%llu destinataires", "%llu recipients"), (unsigned long long)changed);
    str_free(&domain);
    return status;
}

int command_queue_retry(struct invocation *i)
{
    return order(i, QUEUE_RETRY);
}

int command_queue_hold(struct invocation *i)
{
    return order(i, QUEUE_HOLD);
}

int command_queue_release(struct invocation *i)
{
    return order(i, QUEUE_RELEASE);
}

int command_queue_drop(struct invocation *i)
{
    return order(i, QUEUE_DROP);
}

/* Until a key is struck, or the command is interrupted. */
int command_queue_watch(struct invocation *i)
{
    struct pollfd keyboard = {.fd = 0, .events = POLLIN};
    int status = STATUS_OK;
    if (!words_end(i))
        return STATUS_USAGE;
    do {
        status = summary(i);
        fwrite(i->out.data, 1, i->out.len, stdout);
        putchar('\n');
        fflush(stdout);
        str_clear(&i->out);
    } while (status == STATUS_OK && poll(&keyboard, 1, WATCH_MS) == 0);
    return status;
}
