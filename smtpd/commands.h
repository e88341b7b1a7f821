/* The command table: one row and one small file a command. Whether a command may run now is told by its row's flags and
 * judged in commands.c alone; command_*.c say what it does.
 */
#ifndef CADUCEE_SMTPD_COMMANDS_H
#define CADUCEE_SMTPD_COMMANDS_H

#include "smtpd/session.h"

enum command_flag {
    NEEDS_TLS = 1,      /* 530 5.7.0 before STARTTLS */
    NEEDS_IDENTITY = 2, /* mx: a certificate of the trust space; submission: AUTH */
    NEEDS_HELO = 4,
    NEEDS_MAIL = 8,
    LAST_IN_GROUP = 16, /* RFC 2920 3.1: nothing may be pipelined behind it */
    IN_MX = 32,
    IN_SUBMISSION = 64
};

struct command_row {
    const char *verb;
    unsigned flags;
    void (*run)(struct session *, struct span argument);
};

void command_run(struct session *, struct span line);
extern const char auth_too_long[];        /* the reply to an AUTH line, or an answer, beyond AUTH_LINE_MAX */
bool command_auth_line(struct session *); /* SESSION_AUTH: one line of the exchange */

void command_ehlo(struct session *, struct span);
void command_helo(struct session *, struct span);
void command_starttls(struct session *, struct span);
void command_auth(struct session *, struct span);
void command_mail(struct session *, struct span);
void command_rcpt(struct session *, struct span);
void command_data(struct session *, struct span);
void command_bdat(struct session *, struct span);
void command_rset(struct session *, struct span);
void command_noop(struct session *, struct span);
void command_vrfy(struct session *, struct span);
void command_expn(struct session *, struct span);
void command_help(struct session *, struct span);
void command_quit(struct session *, struct span);

#endif
