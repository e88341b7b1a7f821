/* PSC tokens and webmail sessions. */
#include "helpers/keyd/keyd.h"

void handle_by_token(struct asking *asking)
{
    answer_begin(asking, KEYD_REFUSED, "token.unsupported");
}

void handle_web_login(struct asking *asking)
{
    answer_begin(asking, KEYD_REFUSED, "token.unsupported");
}

void handle_by_web_session(struct asking *asking)
{
    answer_begin(asking, KEYD_REFUSED, "session.unsupported");
}
