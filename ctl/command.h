/* The `caducee` command: one table of subcommands (commands.def), one small file a subject. A command gets its words, asks
 * for its options by name, says what it did in the operator's language (or as JSON), and gives an exit status that means
 * something.
 *
 * A command that changes something runs under a named operator: sudo's user, or --as NAME, never plain root; the trace
 * carries that name.
 */
#ifndef CADUCEE_CTL_COMMAND_H
#define CADUCEE_CTL_COMMAND_H

#include "lib/base/conf.h"
#include "lib/store/db.h"
#include "lib/store/trace.h"

enum status { /* sysexits.h where it has a word for it */
              STATUS_OK = 0,
              STATUS_NO = 1,           /* the question was answered with no: refused, altered, red */
              STATUS_USAGE = 64,       /* the command line is wrong */
              STATUS_BAD_INPUT = 65,   /* a file or value given is not what it should be */
              STATUS_NOT_FOUND = 66,   /* what was named does not exist */
              STATUS_UNAVAILABLE = 69, /* database, keyd or a source is away: try again */
              STATUS_BUG = 70,
              STATUS_CONFLICT = 73, /* exists already and differs, or its state forbids it */
              STATUS_REFUSED = 77,  /* no right, or no named operator */
              STATUS_CONFIGURATION = 78
};

struct invocation;

struct invocation {
    const struct conf *conf;
    const char *operator_name; /* who acts */
    bool json, french, dry_run;
    bool scoped; /* an administrateur of structures, and nothing else: governs() decides */
    int argc;    /* what follows the command's name; taken words are NULL */
    char **argv;
    struct db *db;  /* use invocation_db() */
    struct str out; /* what goes to standard output at the end */
};

struct command {
    const char *group, *name; /* "whitelist", "import"; name "" for `caducee status` */
    const char *usage;        /* "FILE [--force --reason TEXT]" */
    const char *summary_fr, *summary_en;
    bool changes; /* needs a named operator */
    int (*run)(struct invocation *);
};
extern const struct command commands[]; /* commands.def, in its order */
extern const size_t command_count;
#define COMMAND(function, group, name, changes, usage, fr, en) int command_##function(struct invocation *);
#include "ctl/commands.def"
#undef COMMAND

/* Words. An option's value, or NULL when it was not given; again for the next one of the same name. */
const char *take_option(struct invocation *, const char *name);
bool take_flag(struct invocation *, const char *name);
const char *take_word(struct invocation *); /* the next positional word; NULL at the end */
/* True when all was taken; else says what was not understood. Call after the last take. */
bool words_end(struct invocation *);
int usage(struct invocation *, const char *french, const char *english); /* STATUS_USAGE */

#define LANG(i, fr, en) ((i)->french ? (fr) : (en))
/* One line to standard error, "caducee: …"; gives `status` back. */
int fail(struct invocation *, enum status, const char *format, ...) PRINTF(3, 4);
int fail_store(struct invocation *, enum store_status, const char *what); /* STORE_OK gives STATUS_OK */
/* One line to standard output; nothing under --json. */
void say(struct invocation *, const char *format, ...) PRINTF(2, 3);

/* The connection as caducee_admin (or the role named), made at first use. */
struct db *invocation_db(struct invocation *);
struct db *invocation_db_as(struct invocation *, const char *role);
/* What may this operator do at all (STATUS_OK), and does a structure belong to what is theirs? rights.c */
int rights_check(struct invocation *, const struct command *);
bool governs(struct invocation *, int64_t structure_id);
struct person;
/* The person of a national id, when who runs the command governs all that they hold; else STORE_NOT_FOUND. */
enum store_status governed_person(struct invocation *, const char *national_id, struct person *out);

/* The trace of an act of this operator, to fill and write. */
struct trace invocation_trace(const struct invocation *, const char *action);

/* A file or "-", at most `max` bytes; false after saying why. */
bool read_file(struct invocation *, const char *path, size_t max, struct str *out);
/* The whole file, made or written over; an exit status. */
int write_file(struct invocation *, const char *path, struct span bytes, unsigned mode);
/* A date, or a day from now: "2027-01-31", "+30d". */
bool read_date(const char *text, int64_t *out);
void show_date(struct str *out, int64_t wall); /* "2026-11-20 17:00", local; "-" for 0 */

#endif
