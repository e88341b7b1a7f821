/* caducee trace verify: every chain of seals against its rows, and against checkpoints that stand outside the database (the
 * sealer's log). Reads the MAC key from the key folder: an auditor runs it where that folder is. */
#include "ctl/command.h"
#include "ctl/table.h"

#include "lib/auth/keyfolder.h"
#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/store/sealer.h"

#include <stdio.h>
#include <string.h>

typedef VEC(struct seal_checkpoint) checkpoint_list;

/* key=value of a log line. */
static bool field(struct span line, const char *name, struct span *out)
{
    char wanted[32];
    snprintf(wanted, sizeof(wanted), " %s=", name);
    ptrdiff_t at = span_find(line, span_of(wanted));
    if (at < 0)
        return false;
    struct span rest = {line.p + at + strlen(wanted), line.n - (size_t)at - strlen(wanted)};
    return span_cut(&rest, ' ', out);
}

static void read_line(checkpoint_list *list, struct span line)
{
    struct seal_checkpoint c = {.seq = 0};
    struct span part, seq, mac;
    struct str bytes;
    if (span_find(line, SPAN_LIT("ev=trace.checkpoint")) < 0 || !field(line, "part", &part) ||
        !field(line, "seq", &seq) || !field(line, "mac", &mac) || part.n >= sizeof(c.part) || !num_i64(seq, &c.seq))
        return;
    str_init(&bytes, sizeof(c.mac));
    if (hex_decode(&bytes, span_trim(mac)) && bytes.len == sizeof(c.mac)) {
        memcpy(c.part, part.p, part.n);
        memcpy(c.mac, bytes.data, bytes.len);
        vec_push(list, c);
    }
    str_free(&bytes);
}

static bool read_checkpoints(struct invocation *i, const char *path, checkpoint_list *list)
{
    struct str file;
    struct span line;
    if (!path)
        return true;
    if (!read_file(i, path, (size_t)1 << 30, &file))
        return false;
    struct span rest = str_span(&file);
    while (span_cut(&rest, '\n', &line))
        read_line(list, line);
    str_free(&file);
    if (list->len == 0)
        (void)fail(
            i, STATUS_BAD_INPUT,
            LANG(i, "%s : aucun point de contrôle (ev=trace.checkpoint)", "%s: no checkpoint (ev=trace.checkpoint)"),
            path);
    return list->len > 0;
}

static const struct table_column columns[] = {{"fault", "défaut", "fault", false},
                                              {"part", "chaîne", "chain", false},
                                              {"seq", "sceau", "seal", true},
                                              {"trace", "trace", "trace", true}};

static void add_finding(const struct seal_finding *f, void *arg)
{
    struct table *t = arg;
    table_cell(t, seal_fault_name(f->fault));
    table_cell(t, f->part);
    table_number(t, f->seq);
    table_number(t, f->trace_id);
}

static int verify(struct invocation *i, const struct key *mac, const checkpoint_list *points)
{
    struct table t;
    struct seal_tally tally = {.rows = 0};
    table_init(&t, columns, COUNT(columns));
    enum store_status status =
        trace_verify(invocation_db_as(i, "caducee_auditor"), mac, points->items, points->len, add_finding, &t, &tally);
    if (status != STORE_OK)
        return fail_store(i, status, "trace");
    say(i,
        LANG(i, "%llu traces, %llu sceaux, %llu pas encore scellées, %llu défauts",
             "%llu traces, %llu seals, %llu not sealed yet, %llu faults"),
        (unsigned long long)tally.rows, (unsigned long long)tally.seals, (unsigned long long)tally.pending,
        (unsigned long long)tally.findings);
    if (i->json)
        str_addf(&i->out,
                 "{\"rows\":%llu,\"seals\":%llu,\"pending\":%llu,\"findings\":", (unsigned long long)tally.rows,
                 (unsigned long long)tally.seals, (unsigned long long)tally.pending);
    if (tally.findings || i->json)
        table_print(i, &t);
    if (i->json)
        str_puts(&i->out, "}\n");
    return tally.findings ? STATUS_NO : STATUS_OK;
}

int command_trace_verify(struct invocation *i)
{
    struct keyfolder keys;
    struct str error;
    checkpoint_list points = {.len = 0};
    const char *path = take_option(i, "--checkpoints");
    if (!words_end(i))
        return STATUS_USAGE;
    str_init(&error, 1024);
    int status = STATUS_BAD_INPUT;
    if (!read_checkpoints(i, path, &points)) {
        status = STATUS_BAD_INPUT;
    } else if (!keyfolder_load(&keys, i->conf->general_key_folder, &error)) {
        status = fail(i, STATUS_REFUSED, "%s", error.data);
    } else {
        status = verify(i, &keys.seal, &points);
        keyfolder_wipe(&keys);
    }
    vec_free(&points);
    str_free(&error);
    return status;
}

int command_trace_resume(struct invocation *i)
{
    const char *why = take_option(i, "--reason");
    int64_t shift = 0;
    if (!why || !words_end(i))
        return usage(i, "--reason TEXTE", "--reason TEXT");
    enum store_status status = trace_resume(invocation_db(i), &shift);
    struct trace trace = invocation_trace(i, "trace.resume");
    trace.answer = status == STORE_OK ? "OK" : store_status_name(status);
    trace.detail = why;
    (void)trace_write(invocation_db(i), &trace);
    if (status == STORE_REFUSED)
        return fail(i, STATUS_REFUSED, "%s",
                    LANG(i, "le scellement avance de lui-même : rien à reprendre",
                         "sealing goes on by itself: nothing to resume"));
    if (status == STORE_OK)
        say(i,
            LANG(i, "le scellement reprend (décalage %lld) ; vérifier : caducee trace verify --checkpoints JOURNAL",
                 "sealing goes on (shift %lld); check: caducee trace verify --checkpoints LOG"),
            (long long)shift);
    return fail_store(i, status, "trace");
}
