/* Checks of this machine and of what stands around it: DNS, ports, antivirus, disks. */
#include "ctl/doctor.h"

#include "lib/net/dns.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MS = 3000, DISK_LEAST_PERCENT = 10 };

/* -- MX of our domains, by the resolvers that relay uses -- */
struct mx_question {
    struct loop *loop;
    size_t left;
    struct str without; /* domains that have none */
    struct timer *deadline;
};
struct mx_asked {
    struct mx_question *question;
    struct span domain;
};

static void mx_answered(const struct dns_mx_answer *answer, void *arg)
{
    struct mx_asked *asked = arg;
    if (answer->status != DNS_OK || answer->null_mx || answer->count == 0) {
        str_add_span(&asked->question->without, asked->domain);
        str_putc(&asked->question->without, ' ');
    }
    if (--asked->question->left == 0)
        loop_stop(asked->question->loop);
}

static void too_late(void *arg)
{
    struct mx_question *question = arg;
    str_puts(&question->without, "…");
    loop_stop(question->loop);
}

static void ask_all(struct mx_question *question, const char *resolvers, const char *domains)
{
    struct mx_asked asked[64];
    char name[256];
    struct span rest = span_of(domains), domain;
    struct dns *dns = dns_new(question->loop, resolvers);
    size_t count = 0;
    question->left = 1; /* ours, so that answers from a cache do not end the loop before it runs */
    while (count < COUNT(asked) && span_cut(&rest, ' ', &domain) && domain.n < sizeof(name)) {
        asked[count] = (struct mx_asked){question, domain};
        snprintf(name, sizeof(name), "%.*s", (int)domain.n, domain.p);
        question->left++;
        dns_mx(dns, name, mx_answered, &asked[count++]);
    }
    if (--question->left > 0)
        loop_run(question->loop);
    dns_destroy(&dns);
}

void check_dns(struct examination *e, struct finding *f)
{
    const char *domains = health(e, "domains");
    if (!domains) {
        found(f, FINDING_ABSENT, "%s", LANG(e->i, "aucun domaine", "no domain"));
        return;
    }
    struct mx_question question = {.loop = loop_new()};
    str_init(&question.without, 65536);
    question.deadline = timer_new(question.loop, too_late, &question);
    timer_arm(question.deadline, ANSWER_MS);
    ask_all(&question, e->conf->dns_resolvers, domains);
    if (question.without.len) {
        found(f, FINDING_WRONG, LANG(e->i, "sans MX : %s", "without MX: %s"), question.without.data);
        remedy(f, "%s",
               LANG(e->i, "caducee dns DOMAINE imprime les enregistrements à publier",
                    "caducee dns DOMAIN prints the records to publish"));
    } else
        found(f, FINDING_GOOD, "%s", domains);
    timer_destroy(&question.deadline);
    str_free(&question.without);
    loop_destroy(&question.loop);
}

/* -- ports -- */
static bool connects(const struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
    socklen_t size = sizeof(error);
    bool good = fd >= 0 && connect(fd, address, length) == 0;
    if (fd >= 0 && !good && errno == EINPROGRESS) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        good = poll(&p, 1, ANSWER_MS) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    }
    if (fd >= 0)
        close(fd);
    return good;
}

/* "0.0.0.0:25" or "[::]:25": a wildcard is asked on its loopback. */
static bool listens(struct span address)
{
    char host[80], port[8];
    const char *colon = memrchr(address.p, ':', address.n);
    if (!colon || address.n >= sizeof(host))
        return false;
    size_t length = (size_t)(colon - address.p);
    snprintf(port, sizeof(port), "%.*s", (int)(address.n - length - 1), colon + 1);
    bool bracketed = length > 2 && *address.p == '[';
    snprintf(host, sizeof(host), "%.*s", (int)(bracketed ? length - 2 : length), bracketed ? address.p + 1 : address.p);
    if (strcmp(host, "0.0.0.0") == 0)
        snprintf(host, sizeof(host), "127.0.0.1");
    else if (strcmp(host, "::") == 0)
        snprintf(host, sizeof(host), "::1");
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *list = NULL;
    if (getaddrinfo(host, port, &hints, &list) != 0)
        return false;
    bool good = connects(list->ai_addr, list->ai_addrlen);
    freeaddrinfo(list);
    return good;
}

static size_t add_silent(struct str *silent, const char *addresses)
{
    struct span rest = span_of(addresses), address;
    size_t count = 0;
    while (span_cut(&rest, ' ', &address)) {
        if (address.n == 0)
            continue;
        count++;
        if (!listens(address))
            str_addf(silent, "%.*s ", (int)address.n, address.p);
    }
    return count;
}

void check_ports(struct examination *e, struct finding *f)
{
    const struct conf *c = e->conf;
    const char *const lists[] = {c->mx_listen, c->submission_listen, c->submission_listen_tls, c->imapd_imap_listen,
                                 c->imapd_imaps_listen};
    struct str silent;
    size_t count = 0;
    str_init(&silent, 4096);
    for (size_t n = 0; n < COUNT(lists); n++)
        count += add_silent(&silent, lists[n]);
    if (silent.len) {
        found(f, FINDING_WRONG, LANG(e->i, "personne n'écoute : %s", "nobody listens: %s"), silent.data);
        remedy(f, "systemctl status caducee-smtpd caducee-imapd");
    } else
        found(f, FINDING_GOOD, LANG(e->i, "%zu adresses écoutées", "%zu addresses listened on"), count);
    str_free(&silent);
}

/* -- antivirus: clamd must answer PING over its socket -- */
static bool clamd_answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = ANSWER_MS / 1000};
    char answer[16] = "";
    if (strlen(path) >= sizeof(address.sun_path))
        return false;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
                connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
                send(fd, "zPING", 6, MSG_NOSIGNAL) == 6 && recv(fd, answer, sizeof(answer) - 1, 0) > 0 &&
                strcmp(answer, "PONG") == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

void check_antivirus(struct examination *e, struct finding *f)
{
    const struct conf *c = e->conf;
    if (!c->antivirus_on) {
        found(f, FINDING_NOTE, "%s", LANG(e->i, "désactivé par la configuration", "turned off by the configuration"));
        remedy(f, "[antivirus] on = yes");
    } else if (clamd_answers(c->antivirus_socket))
        found(f, FINDING_GOOD, LANG(e->i, "clamd répond sur %s", "clamd answers on %s"), c->antivirus_socket);
    else {
        found(f, FINDING_WRONG,
              LANG(e->i, "clamd ne répond pas sur %s : le courrier attend (451)",
                   "clamd does not answer on %s: mail waits (451)"),
              c->antivirus_socket);
        remedy(f, "systemctl start clamav-daemon");
    }
}

void check_disk(struct examination *e, struct finding *f)
{
    /* Debian's place of PostgreSQL's files, where the database is on this machine */
    const char *const folders[] = {e->conf->general_key_folder, e->conf->general_run_folder,
                                   *e->conf->database_host == '/' ? "/var/lib/postgresql"
                                                                  : e->conf->general_run_folder};
    unsigned long long least = 100;
    const char *where = "?";
    for (size_t n = 0; n < COUNT(folders); n++) {
        struct statvfs s;
        if (statvfs(folders[n], &s) != 0 || s.f_blocks == 0)
            continue;
        unsigned long long percent = s.f_bavail * 100ULL / s.f_blocks;
        if (percent < least || *where == '?') {
            least = percent;
            where = folders[n];
        }
    }
    found(f, least < DISK_LEAST_PERCENT ? FINDING_WRONG : FINDING_GOOD,
          LANG(e->i, "%llu %% libres sous %s", "%llu %% free under %s"), least, where);
    if (least < DISK_LEAST_PERCENT)
        remedy(f, "%s",
               LANG(e->i, "agrandissez le volume ou libérez-le : une base pleine répond 451",
                    "grow or free the volume: a full database answers 451"));
}
