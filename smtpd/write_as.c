#include "smtpd/write_as.h"

#include "lib/proto/address.h"
#include "lib/proto/header_fields.h"
#include "lib/proto/header_from.h"

static const struct {
    const char *rule, *reply;
} words[] = {
    [WRITE_AS_OK] = {"ok", "250 2.1.0 OK"},
    [WRITE_AS_NO_RIGHT] = {"write.no_right", "550 5.7.1 You may read this mailbox, not send from it"},
    [WRITE_AS_OTHER_SENDER] = {"write.sender", "550 5.7.1 Sender is not the mailbox you have logged in to"},
    [WRITE_AS_NO_FROM] = {"write.from_unreadable", "550 5.7.1 Header From must hold one address, of your mailbox"},
    [WRITE_AS_OTHER_FROM] = {"write.from", "550 5.7.1 Header From is not the mailbox you have logged in to"},
    [WRITE_AS_NULL_SENDER] = {"write.null_sender", "550 5.7.1 Only a read receipt may have the null sender"},
    [WRITE_AS_OTHER_SENDER_FIELD] = {"write.sender_field", "550 5.7.1 Header Sender is not yours"},
};

const char *write_as_rule(enum write_as as)
{
    return words[as].rule;
}

const char *write_as_reply(enum write_as as)
{
    return words[as].reply;
}

static bool is_bal(const struct writer *writer, struct span address)
{
    struct str key;
    str_init(&key, ADDRESS_MAX);
    bool same = address_key_of(&key, address) && span_is(str_span(&key), writer->bal);
    str_free(&key);
    return same;
}

enum write_as write_as_envelope(const struct writer *writer, struct span sender)
{
    if (!writer->may_send)
        return WRITE_AS_NO_RIGHT;
    return sender.n == 0 || is_bal(writer, sender) ? WRITE_AS_OK : WRITE_AS_OTHER_SENDER;
}

static bool may_stand_in_sender(const struct writer *writer, const struct header_address *a)
{
    struct str domain;
    str_init(&domain, ADDRESS_DOMAIN_MAX);
    bool ours = writer->shared && writer->is_ours && domain_normalise(&domain, a->domain) &&
                writer->is_ours(str_span(&domain), writer->arg);
    str_free(&domain);
    return ours || is_bal(writer, a->text);
}

static bool is_read_receipt(struct span message)
{
    static const char kind[] = "disposition-notification";
    struct header_field type;
    if (!header_find(message, "Content-Type", &type))
        return false;
    for (size_t i = 0; i + sizeof(kind) - 1 <= type.body.n; i++)
        if (span_eq_nocase((struct span){type.body.p + i, sizeof(kind) - 1}, span_of(kind)))
            return span_starts_nocase(span_trim(type.body), "multipart/report");
    return false;
}

enum write_as write_as_header(const struct writer *writer, struct span message)
{
    struct header_from from;
    struct arena *arena = arena_new(0);
    enum write_as as = WRITE_AS_OK;
    header_from_scan(message, arena, &from);
    if (writer->null_sender && !is_read_receipt(message))
        as = WRITE_AS_NULL_SENDER;
    else if (from.unreadable || from.from_fields != 1 || from.sender_fields > 1)
        as = WRITE_AS_NO_FROM;
    for (size_t i = 0; i < from.addresses.len && as == WRITE_AS_OK; i++) {
        const struct header_address *a = &from.addresses.items[i];
        if (a->sender && !may_stand_in_sender(writer, a))
            as = WRITE_AS_OTHER_SENDER_FIELD;
        else if (!a->sender && !is_bal(writer, a->text))
            as = WRITE_AS_OTHER_FROM;
    }
    vec_free(&from.addresses);
    arena_destroy(&arena);
    return as;
}
