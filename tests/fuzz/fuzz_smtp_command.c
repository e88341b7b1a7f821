/* One command line, whatever it holds: MAIL, RCPT, BDAT, AUTH, EHLO by their grammar, and the keys of the addresses. */
#include "lib/proto/smtp_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct smtp_command command;
    struct smtp_mail mail;
    struct smtp_rcpt rcpt;
    struct span a, b;
    uint64_t size;
    bool last;
    struct str key;
    str_init(&key, ADDRESS_MAX);
    smtp_command_split((struct span){(const char *)data, n}, &command);
    if (!smtp_parse_mail(command.argument, &mail) && !mail.from.null)
        (void)!address_key(&key, &mail.from.address);
    if (!smtp_parse_rcpt(command.argument, true, &rcpt) && rcpt.to.address.domain.n > 0)
        (void)!address_key(&key, &rcpt.to.address);
    smtp_parse_bdat(command.argument, &size, &last);
    smtp_parse_auth(command.argument, &a, &b);
    smtp_parse_helo(command.argument);
    str_free(&key);
    return 0;
}
