/* STARTTLS (RFC 3207): what the session learnt in clear is forgotten, what was pipelined behind it is thrown away. */
#include "smtpd/commands.h"

void command_starttls(struct session *s, struct span argument)
{
    if (argument.n > 0) {
        session_reply(s, "501 5.5.4 STARTTLS takes no parameter");
        return;
    }
    if (conn_is_tls(s->conn)) {
        session_reply(s, "503 5.5.1 TLS is on already");
        return;
    }
    session_reply(s, "220 2.0.0 Ready to start TLS");
    envelope_reset(s);
    s->helo[0] = '\0';
    s->esmtp = false;
    s->judged = false;
    s->authenticated = false;
    conn_discard_input(s->conn);
    conn_start_tls_server(s->conn, s->worker->tls);
}
