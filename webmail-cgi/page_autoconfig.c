/* Auto-configuration of mail clients (Mozilla's format): https://autoconfig.<domain>/mail/config-v1.1.xml. The address in
 * the query is not looked at: nothing here says whether a mailbox exists.
 */
#include "webmail-cgi/pages.h"

#include <string.h>

/* XML's five characters; names of hosts and domains hold none, settings might. */
static void xml_text(struct str *out, struct span text)
{
    struct html h;
    html_init(&h, out);
    html_span(&h, text);
}

static const char *port_of(const char *addresses, const char *otherwise, struct request *rq)
{
    struct span rest = span_of(addresses), first;
    if (!span_cut(&rest, ' ', &first) || first.n == 0)
        return NULL;
    const char *text = arena_strndup(rq->arena, first.p, first.n);
    const char *colon = strrchr(text, ':');
    return colon && colon[1] ? colon + 1 : otherwise;
}

static void server(struct request *rq, const char *element, const char *type, const char *port, const char *security)
{
    struct str *out = &rq->out.body;
    if (!port)
        return;
    str_addf(out, "    <%s type=\"%s\">\n      <hostname>", element, type);
    xml_text(out, span_of(rq->thread->conf->general_hostname));
    str_puts(out, "</hostname>\n      <port>");
    xml_text(out, span_of(port));
    str_addf(out,
             "</port>\n      <socketType>%s</socketType>\n      <authentication>OAuth2</authentication>\n"
             "      <authentication>TLS-client-cert</authentication>\n      <username>%%EMAILADDRESS%%</username>\n    "
             "</%s>\n",
             security, element);
}

void page_autoconfig(struct request *rq)
{
    const struct conf *conf = rq->thread->conf;
    struct str *out = &rq->out.body;
    struct span host = span_of(rq->host);
    if (span_starts_nocase(host, "autoconfig."))
        host = (struct span){host.p + 11, host.n - 11};
    ptrdiff_t colon = span_find(host, SPAN_LIT(":"));
    if (colon >= 0)
        host.n = (size_t)colon;
    rq->out.type = "text/xml; charset=utf-8";
    str_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n  <emailProvider id=\"");
    xml_text(out, host);
    str_puts(out, "\">\n    <domain>");
    xml_text(out, host);
    str_puts(out,
             "</domain>\n    <displayName>MSSanté</displayName>\n    <displayShortName>MSSanté</displayShortName>\n");
    server(rq, "incomingServer", "imap", port_of(conf->imapd_imaps_listen, "993", rq), "SSL");
    server(rq, "incomingServer", "imap", port_of(conf->imapd_imap_listen, "143", rq), "STARTTLS");
    server(rq, "outgoingServer", "smtp", port_of(conf->submission_listen_tls, "465", rq), "SSL");
    server(rq, "outgoingServer", "smtp", port_of(conf->submission_listen, "587", rq), "STARTTLS");
    str_puts(out, "  </emailProvider>\n</clientConfig>\n");
}
