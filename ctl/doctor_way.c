/* Check of the way to the database: a local socket, or TLS with a verified name (lib/store/db_connect.c takes nothing else). Where
 * nobody answers, what is missing is looked for: our CA file, or a server that speaks no TLS. */
#include "ctl/doctor.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MS = 3000 };

/* PostgreSQL's protocol, SSLRequest: length 8, code 80877103; the server answers S or N with one byte. */
static char ask_for_tls(int fd)
{
    static const unsigned char request[8] = {0, 0, 0, 8, 4, 210, 22, 47};
    struct timeval limit = {.tv_sec = ANSWER_MS / 1000};
    char answer = '?';
    bool good = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
                setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0 &&
                send(fd, request, sizeof(request), MSG_NOSIGNAL) == (ssize_t)sizeof(request) &&
                recv(fd, &answer, 1, 0) == 1;
    return good ? answer : '?';
}

/* 'S': it speaks TLS; 'N': it does not; '?': nobody there. */
static char tls_of(struct span host, unsigned port)
{
    char name[256], service[8], answer = '?';
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    if (host.n >= sizeof(name))
        return '?';
    snprintf(name, sizeof(name), "%.*s", (int)host.n, host.p);
    snprintf(service, sizeof(service), "%u", port);
    if (getaddrinfo(name, service, &hints, &list) != 0)
        return '?';
    for (const struct addrinfo *one = list; one && answer == '?'; one = one->ai_next) {
        int fd = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct timeval limit = {.tv_sec = ANSWER_MS / 1000};
        if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0 &&
            connect(fd, one->ai_addr, one->ai_addrlen) == 0)
            answer = ask_for_tls(fd);
        if (fd >= 0)
            close(fd);
    }
    freeaddrinfo(list);
    return answer;
}

static void look_for_the_cause(struct examination *e, struct finding *f)
{
    struct span rest = span_of(e->conf->database_host), one;
    const char *ca = e->conf->database_root_certificate;
    if (access(ca, R_OK) != 0) {
        found(f, FINDING_WRONG,
              LANG(e->i, "l'autorité de la base est illisible : %s", "the CA of the database cannot be read: %s"),
              *ca ? ca : "database.root_certificate");
        remedy(f, "%s",
               LANG(e->i, "[database] root_certificate = le certificat de l'autorité de PostgreSQL (PEM)",
                    "[database] root_certificate = the certificate of PostgreSQL's CA (PEM)"));
        return;
    }
    while (span_cut(&rest, ',', &one)) {
        one = span_trim(one);
        if (one.n == 0 || *one.p == '/' || tls_of(one, (unsigned)e->conf->database_port) != 'N')
            continue;
        found(f, FINDING_WRONG, LANG(e->i, "%.*s ne parle qu'en clair", "%.*s speaks in clear only"), (int)one.n,
              one.p);
        remedy(f, "ssl = on (postgresql.conf), hostssl (pg_hba.conf)");
        return;
    }
    found(f, FINDING_ABSENT, "%s", LANG(e->i, "la base ne répond pas", "the database does not answer"));
}

void check_database_tls(struct examination *e, struct finding *f)
{
    const char *ssl = health(e, "ssl");
    if (*e->conf->database_host == '/')
        found(f, FINDING_GOOD, "%s", LANG(e->i, "socket local", "local socket"));
    else if (!ssl)
        look_for_the_cause(e, f);
    else if (strcmp(ssl, "true") == 0)
        found(f, FINDING_GOOD, "%s", "TLS, verify-full");
    else {
        found(f, FINDING_WRONG, "%s",
              LANG(e->i, "la connexion à la base est en clair", "the connection to the database is in clear"));
        remedy(f, "ssl = on (postgresql.conf), hostssl (pg_hba.conf)");
    }
}
