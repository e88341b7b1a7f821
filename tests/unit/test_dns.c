/* The resolver against a name server of ours: a thread that answers from a table, on a port of the loopback. */
#include "tests/unit/unit.h"

#include "lib/base/num.h"
#include "lib/net/dns.h"
#include "lib/net/dns_answer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <strings.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NXDOMAIN = 3, SERVFAIL = 2 };

/* What is answered: `data` is an address, "preference host", or NULL for no record of that type. */
static const struct zone {
    const char *name;
    int type;
    const char *data;
    int rcode;
} zones[] = {
    {"two.test", DNS_TYPE_MX, "20 second.test", 0},
    {"two.test", DNS_TYPE_MX, "10 first.test", 0},
    {"null.test", DNS_TYPE_MX, "0 .", 0},
    {"only-a.test", DNS_TYPE_A, "192.0.2.7", 0},
    {"first.test", DNS_TYPE_A, "192.0.2.1", 0},
    {"first.test", DNS_TYPE_AAAA, "2001:db8::1", 0},
    {"broken.test", DNS_TYPE_MX, NULL, SERVFAIL},
    {"nothing.test", 0, NULL, NXDOMAIN},
    {"equal.test", DNS_TYPE_MX, "10 a.test", 0},
    {"equal.test", DNS_TYPE_MX, "10 b.test", 0},
    {"equal.test", DNS_TYPE_MX, "20 last.test", 0},
    {"fleeting.test", DNS_TYPE_A, "192.0.2.9", 0},
    {"round.test", DNS_TYPE_CNAME, "about.test", 0},
    {"about.test", DNS_TYPE_CNAME, "round.test", 0},
    {"self.test", DNS_TYPE_CNAME, "self.test", 0},
};

static struct {
    struct loop *loop;
    int fd;
    uint16_t port;
    _Atomic unsigned asked;
    pthread_t thread;
} t;

static void put_name(struct str *out, const char *name)
{
    struct span rest = span_of(name), label;
    while (span_cut(&rest, '.', &label))
        if (label.n) {
            str_putc(out, (char)label.n);
            str_add_span(out, label);
        }
    str_putc(out, '\0');
}

static void put_number(struct str *out, uint16_t n)
{
    uint8_t b[2];
    put_u16(b, n);
    str_add(out, b, 2);
}

static void put_record(struct str *out, const struct zone *zone)
{
    struct str data;
    str_init(&data, 1000);
    uint8_t address[16];
    if (zone->type == DNS_TYPE_MX) {
        struct span rest = span_of(zone->data), preference;
        uint32_t n = 0;
        span_cut(&rest, ' ', &preference);
        must(num_u32(preference, 65535, &n));
        put_number(&data, (uint16_t)n);
        put_name(&data, rest.p);
    } else if (zone->type == DNS_TYPE_CNAME) {
        put_name(&data, zone->data);
    } else {
        bool v4 = zone->type == DNS_TYPE_A;
        must(inet_pton(v4 ? AF_INET : AF_INET6, zone->data, address) == 1);
        str_add(&data, address, v4 ? 4 : 16);
    }
    str_add(out, "\xc0\x0c", 2); /* the question's name */
    put_number(out, (uint16_t)zone->type);
    put_number(out, 1);
    bool fleeting = strcmp(zone->name, "fleeting.test") == 0;
    str_add(out, fleeting ? "\0\0\0\0" : "\0\0\0\x3c", 4); /* a minute */
    put_number(out, (uint16_t)data.len);
    str_add_span(out, str_span(&data));
    str_free(&data);
}

static void read_question(const uint8_t *packet, size_t n, char name[256], int *type)
{
    size_t at = 12, len = 0;
    while (at < n && packet[at]) {
        if (len)
            name[len++] = '.';
        memcpy(name + len, packet + at + 1, packet[at]);
        len += packet[at];
        at += packet[at] + 1u;
    }
    name[len] = '\0';
    *type = get_u16(packet + at + 1);
}

static void answer(const uint8_t *packet, size_t n, const struct sockaddr_in *peer)
{
    char name[256];
    int type, rcode = 0;
    uint16_t count = 0;
    struct str records, out;
    str_init(&records, 4000);
    str_init(&out, 8000);
    read_question(packet, n, name, &type);
    for (size_t i = 0; i < COUNT(zones); i++) {
        if (strcasecmp(zones[i].name, name) != 0)
            continue;
        rcode = zones[i].rcode ? zones[i].rcode : rcode;
        if (zones[i].data && (zones[i].type == type || zones[i].type == DNS_TYPE_CNAME)) {
            put_record(&records, &zones[i]);
            count++;
        }
    }
    str_add(&out, packet, 2);
    put_number(&out, (uint16_t)(0x8180 | rcode));
    put_number(&out, 1);
    put_number(&out, count);
    put_number(&out, 0);
    put_number(&out, 0);
    put_name(&out, name);
    put_number(&out, (uint16_t)type);
    put_number(&out, 1);
    str_add_span(&out, str_span(&records));
    sendto(t.fd, out.data, out.len, 0, (const struct sockaddr *)peer, sizeof *peer);
    str_free(&records);
    str_free(&out);
}

static void *serve(void *arg UNUSED)
{
    uint8_t packet[1500];
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    for (ssize_t n; (n = recvfrom(t.fd, packet, sizeof packet, 0, (struct sockaddr *)&peer, &size)) > 1;) {
        atomic_fetch_add(&t.asked, 1);
        answer(packet, (size_t)n, &peer);
    }
    return NULL;
}

static struct {
    enum dns_status status;
    bool null_mx;
    size_t count;
    char first[256], second[256];
} got;

static void on_mx(const struct dns_mx_answer *a, void *arg UNUSED)
{
    got.status = a->status;
    got.null_mx = a->null_mx;
    got.count = a->count;
    snprintf(got.first, sizeof got.first, "%s", a->count > 0 ? a->mx[0].host : "");
    snprintf(got.second, sizeof got.second, "%s", a->count > 1 ? a->mx[1].host : "");
    loop_stop(t.loop);
}

static void on_addresses(const struct dns_address_answer *a, void *arg UNUSED)
{
    got.status = a->status;
    got.count = a->count;
    got.first[0] = '\0';
    for (size_t i = 0; i < a->count; i++)
        if (strchr(a->addresses[i], '.'))
            snprintf(got.first, sizeof got.first, "%s", a->addresses[i]);
    loop_stop(t.loop);
}

static struct dns *resolver(void)
{
    char servers[64];
    snprintf(servers, sizeof servers, "127.0.0.1:%u", t.port);
    t.loop = loop_new();
    return dns_new(t.loop, servers);
}

static void mail_exchangers_are_found(void **state UNUSED)
{
    static const struct {
        const char *domain;
        enum dns_status status;
        bool null_mx;
        size_t count;
        const char *first, *second;
    } table[] = {
        {"two.test", DNS_OK, false, 2, "first.test", "second.test"},
        {"null.test", DNS_OK, true, 0, "", ""},               /* RFC 7505 */
        {"only-a.test", DNS_OK, false, 1, "only-a.test", ""}, /* RFC 5321 5.1 */
        {"nothing.test", DNS_NO_NAME, false, 0, "", ""},
        {"broken.test", DNS_TEMPORARY, false, 0, "", ""},
    };
    struct dns *dns = resolver();
    for (size_t i = 0; i < COUNT(table); i++) {
        dns_mx(dns, table[i].domain, on_mx, NULL);
        loop_run(t.loop);
        assert_int_equal(got.status, table[i].status);
        assert_int_equal(got.null_mx, table[i].null_mx);
        assert_int_equal(got.count, table[i].count);
        assert_string_equal(got.first, table[i].first);
        assert_string_equal(got.second, table[i].second);
    }
    dns_destroy(&dns);
    loop_destroy(&t.loop);
}

static void answers_are_kept_for_their_time(void **state UNUSED)
{
    struct dns *dns = resolver();
    dns_addresses(dns, "first.test", on_addresses, NULL);
    loop_run(t.loop);
    assert_int_equal(got.status, DNS_OK);
    assert_int_equal(got.count, 2);
    assert_string_equal(got.first, "192.0.2.1");
    unsigned before = t.asked;
    dns_addresses(dns, "FIRST.test", on_addresses, NULL);
    loop_run(t.loop);
    assert_int_equal(got.count, 2);
    assert_int_equal(t.asked, before);
    dns_addresses(dns, "nothing.test", on_addresses, NULL);
    loop_run(t.loop);
    assert_int_equal(got.status, DNS_NO_NAME);
    dns_destroy(&dns);
    loop_destroy(&t.loop);
}

/* A TTL of nothing is asked for again. */
static void answers_are_not_kept_longer(void **state UNUSED)
{
    struct dns *dns = resolver();
    for (unsigned i = 0; i < 2; i++) {
        unsigned before = t.asked;
        dns_addresses(dns, "fleeting.test", on_addresses, NULL);
        loop_run(t.loop);
        assert_int_equal(got.status, DNS_OK);
        assert_string_equal(got.first, "192.0.2.9");
        assert_true(t.asked > before);
    }
    dns_destroy(&dns);
    loop_destroy(&t.loop);
}

/* RFC 5321 5.1: "the sender-SMTP MUST randomize them"; from the cache, too. A greater preference stays behind. */
static void equal_preferences_are_shuffled(void **state UNUSED)
{
    enum { TIMES = 400 };
    unsigned first = 0;
    struct dns *dns = resolver();
    for (unsigned i = 0; i < TIMES; i++) {
        dns_mx(dns, "equal.test", on_mx, NULL);
        loop_run(t.loop);
        assert_int_equal(got.count, 3);
        assert_string_not_equal(got.first, "last.test");
        assert_string_not_equal(got.second, "last.test");
        assert_string_not_equal(got.first, got.second);
        first += strcmp(got.first, "a.test") == 0;
    }
    assert_in_range(first, TIMES / 4, TIMES * 3 / 4); /* ten standard deviations */
    dns_destroy(&dns);
    loop_destroy(&t.loop);
}

/* Names that lead back to themselves end in words, with few questions asked. */
static void aliases_in_a_circle_end(void **state UNUSED)
{
    static const char *const names[] = {"round.test", "about.test", "self.test"};
    struct dns *dns = resolver();
    for (size_t i = 0; i < COUNT(names); i++) {
        unsigned before = t.asked;
        dns_mx(dns, names[i], on_mx, NULL);
        loop_run(t.loop);
        assert_int_equal(got.status, DNS_NO_DATA);
        assert_int_equal(got.count, 0);
        dns_addresses(dns, names[i], on_addresses, NULL);
        loop_run(t.loop);
        assert_int_equal(got.status, DNS_NO_DATA);
        assert_true(t.asked - before <= 5);
    }
    dns_destroy(&dns);
    loop_destroy(&t.loop);
}

static void destroying_answers_who_waits(void **state UNUSED)
{
    struct dns *dns = resolver();
    got.status = DNS_OK;
    dns_mx(dns, "two.test", on_mx, NULL);
    dns_destroy(&dns);
    assert_null(dns);
    assert_int_equal(got.status, DNS_TEMPORARY);
    loop_destroy(&t.loop);
}

static int start(void **state UNUSED)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    t.fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(t.fd, (struct sockaddr *)&at, size) != 0 || getsockname(t.fd, (struct sockaddr *)&at, &size) != 0)
        return -1;
    t.port = ntohs(at.sin_port);
    return pthread_create(&t.thread, NULL, serve, NULL);
}

static int stop(void **state UNUSED)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(t.port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sendto(fd, "x", 1, 0, (struct sockaddr *)&at, sizeof at); /* one byte ends the server */
    pthread_join(t.thread, NULL);
    close(fd);
    return close(t.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_exchangers_are_found),   cmocka_unit_test(answers_are_kept_for_their_time),
        cmocka_unit_test(answers_are_not_kept_longer), cmocka_unit_test(equal_preferences_are_shuffled),
        cmocka_unit_test(aliases_in_a_circle_end),     cmocka_unit_test(destroying_answers_who_waits),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
