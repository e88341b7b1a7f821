#include "lib/net/dns_answer.h"

#include "lib/base/num.h"

#include <ares.h>
#include <arpa/inet.h>
#include <string.h>

enum { HEADER_BYTES = 12, QUESTION_TAIL = 4, RECORD_HEAD = 10 };

struct packet {
    const unsigned char *start, *at, *end;
};

/* RFC 1035 4.1.4; ares_expand_name() follows compression inside the packet only. Escapes in a host name (a dot or blank in
 * a label) make it no name of ours. */
static bool read_name(struct packet *p, char out[256])
{
    char *name = NULL;
    long used = 0;
    if (p->at >= p->end || ares_expand_name(p->at, p->start, (int)(p->end - p->start), &name, &used) != ARES_SUCCESS)
        return false;
    size_t n = strlen(name);
    bool fits = n < 256 && used > 0 && used <= p->end - p->at;
    bool plain = !memchr(name, '\\', n);
    if (fits) {
        memcpy(out, plain ? name : "", plain ? n + 1 : 1);
        p->at += used;
    }
    ares_free_string(name);
    return fits;
}

static void add_mx(struct dns_records *out, struct packet rdata)
{
    struct dns_mx mx;
    if (rdata.end - rdata.at < 3)
        return;
    struct packet name = {rdata.start, rdata.at + 2, rdata.end};
    mx.preference = get_u16(rdata.at);
    bool is_root = rdata.at[2] == 0;
    if (read_name(&name, mx.host) && (mx.host[0] || is_root))
        vec_push(&out->mx, mx);
}

static void add_address(struct dns_records *out, struct packet rdata, int family)
{
    struct dns_text_address address;
    if (rdata.end - rdata.at == (family == AF_INET ? 4 : 16) &&
        inet_ntop(family, rdata.at, address.text, sizeof address.text))
        vec_push(&out->addresses, address);
}

static void add_record(struct dns_records *out, struct packet rdata, int type)
{
    if (type == DNS_TYPE_MX)
        add_mx(out, rdata);
    else
        add_address(out, rdata, type == DNS_TYPE_A ? AF_INET : AF_INET6);
}

static bool read_record(struct dns_records *out, struct packet *p, int type)
{
    char owner[256];
    if (!read_name(p, owner) || p->end - p->at < RECORD_HEAD)
        return false;
    int record_type = get_u16(p->at), class = get_u16(p->at + 2);
    uint32_t ttl = get_u32(p->at + 4);
    size_t length = get_u16(p->at + 8);
    p->at += RECORD_HEAD;
    if ((size_t)(p->end - p->at) < length)
        return false;
    /* names in the data may point anywhere in the packet, its own bytes end with the record */
    struct packet rdata = {p->start, p->at, p->at + length};
    p->at += length;
    if (class != 1 || (record_type != type && record_type != DNS_TYPE_CNAME))
        return true;
    out->ttl = ttl < out->ttl ? ttl : out->ttl;
    if (record_type == type && out->mx.len + out->addresses.len < DNS_RECORDS_MAX)
        add_record(out, rdata, type);
    return true;
}

void dns_records_parse(struct dns_records *out, const unsigned char *bytes, int length, int type)
{
    struct packet p = {bytes, bytes + HEADER_BYTES, bytes + length};
    char name[256];
    out->status = DNS_TEMPORARY;
    out->ttl = UINT32_MAX;
    if (length < HEADER_BYTES)
        return;
    unsigned questions = get_u16(bytes + 4), answers = get_u16(bytes + 6);
    for (unsigned i = 0; i < questions; i++) {
        if (!read_name(&p, name) || p.end - p.at < QUESTION_TAIL)
            return;
        p.at += QUESTION_TAIL;
    }
    for (unsigned i = 0; i < answers; i++)
        if (!read_record(out, &p, type)) {
            dns_records_free(out);
            return;
        }
    out->status = out->mx.len || out->addresses.len ? DNS_OK : DNS_NO_DATA;
}

void dns_records_copy(struct dns_records *to, const struct dns_records *from)
{
    *to = (struct dns_records){.status = from->status, .ttl = from->ttl};
    vec_each (&from->mx, mx)
        vec_push(&to->mx, *mx);
    vec_each (&from->addresses, a)
        vec_push(&to->addresses, *a);
}

void dns_records_free(struct dns_records *records)
{
    vec_free(&records->mx);
    vec_free(&records->addresses);
}
