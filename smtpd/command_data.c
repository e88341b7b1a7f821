/* DATA and BDAT: the content is coming; content.c takes it. */
#include "smtpd/commands.h"

static const char *no_recipients(const struct session *s)
{
    return s->envelope.refused_recipients > 0 ? "554 5.5.1 No valid recipients" : "503 5.5.1 RCPT first";
}

void command_data(struct session *s, struct span argument)
{
    if (argument.n > 0)
        session_reply(s, "501 5.5.4 DATA takes no parameter");
    else if (s->envelope.chunking)
        session_reply(s, "503 5.5.1 BDAT has begun this message");
    else if (s->envelope.recipients.len == 0)
        session_reply(s, no_recipients(s));
    else if (!content_reserve(s))
        session_reply(s, "452 4.3.1 Not enough memory now, try again later");
    else
        content_begin_data(s);
}

/* The chunk's bytes are behind the command already: they are read even when the message is refused (RFC 3030 2). */
void command_bdat(struct session *s, struct span argument)
{
    uint64_t size;
    bool last;
    const char *error = smtp_parse_bdat(argument, &size, &last);
    if (error) {
        session_close(s, error); /* how much to skip is not known */
        return;
    }
    struct envelope *e = &s->envelope;
    bool first = !e->chunking;
    if (!envelope_open(s) || e->recipients.len == 0) /* an envelope that is open was identified */
        e->refused_chunk = true;
    else if (first && !content_reserve(s))
        e->no_memory = true;
    content_begin_chunk(s, size, last);
}
