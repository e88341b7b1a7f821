/* caducee retention: what is kept how long, what the default is, and what is due now. The job that applies it is
 * caducee-directoryd's role retention. */
#include "ctl/table.h"

#include <stdio.h>

struct kept {
    const char *setting, *fr, *en, *source;
    uint64_t (*seconds)(const struct conf *);
    uint64_t usual; /* days */
};

#define KEPT(name)                                                                                                     \
    static uint64_t kept_##name(const struct conf *c)                                                                  \
    {                                                                                                                  \
        return c->retention_##name;                                                                                    \
    }
KEPT(trace_functional)
KEPT(trace_connection)
KEPT(trace_queue)
KEPT(queue_history)
KEPT(trash)
KEPT(closed_bal)
KEPT(expunged)
KEPT(backup)
KEPT(whitelist)
#undef KEPT

static const struct kept rows[] = {
    {"retention.trace_functional", "traces fonctionnelles", "functional traces", "SC.MSS/CONF.17",
     kept_trace_functional, 1095},
    {"retention.trace_connection", "traces de connexion", "traces of connections", "-", kept_trace_connection, 365},
    {"retention.trace_queue", "traces de la file", "traces of the queue", "-", kept_trace_queue, 90},
    {"retention.queue_history", "enveloppes de la file après leur fin", "queue envelopes after their end", "-",
     kept_queue_history, 90},
    {"retention.trash", "messages de la corbeille", "messages in the Trash", "-", kept_trash, 30},
    {"retention.closed_bal", "BAL PER fermée, puis effacée", "closed PER BAL, then erased", "-", kept_closed_bal, 180},
    {"retention.expunged", "mémoire des suppressions (QRESYNC)", "memory of expunges (QRESYNC)", "RFC 7162",
     kept_expunged, 90},
    {"retention.backup", "sauvegardes, puis destruction d'une époque", "backups, then destruction of an epoch", "-",
     kept_backup, 35},
    {"retention.whitelist", "anciennes listes blanches", "old whitelists", "-", kept_whitelist, 400},
};

static const struct table_column columns[] = {{"setting", "réglage", "setting", false},
                                              {"what", "objet", "what", false},
                                              {"days", "jours", "days", true},
                                              {"default_days", "par défaut", "default", true},
                                              {"source", "source", "source", false}};

int command_retention(struct invocation *i)
{
    struct table table;
    if (!words_end(i))
        return STATUS_USAGE;
    table_init(&table, columns, COUNT(columns));
    for (size_t n = 0; n < COUNT(rows); n++) {
        table_cell(&table, rows[n].setting);
        table_cell(&table, LANG(i, rows[n].fr, rows[n].en));
        table_number(&table, (int64_t)(rows[n].seconds(i->conf) / 86400));
        table_number(&table, (int64_t)rows[n].usual);
        table_cell(&table, rows[n].source);
    }
    table_print(i, &table);
    say(i, "%s",
        LANG(i, "\n0 : gardé sans limite. À valider par votre délégué à la protection des données.",
             "\n0: kept for ever. To be confirmed by your data protection officer."));
    return STATUS_OK;
}
