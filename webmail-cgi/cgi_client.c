/* FastCGI 1.0, the web server's side of it: one connection, one request. */
#include "webmail-cgi/cgi_client.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, RESPONDER = 1, RECORD_MAX = 32768 };

static void record(struct str *out, unsigned char type, struct span content)
{
    unsigned char header[8] = {1, type, 0, 1, (unsigned char)(content.n >> 8), (unsigned char)content.n, 0, 0};
    str_add(out, header, sizeof(header));
    str_add_span(out, content);
}

static void put_length(struct str *out, size_t n)
{
    if (n < 128) {
        str_putc(out, (char)n);
        return;
    }
    str_putc(out, (char)((n >> 24) | 0x80));
    str_putc(out, (char)(n >> 16));
    str_putc(out, (char)(n >> 8));
    str_putc(out, (char)n);
}

void cgi_params(struct str *out, char **environment)
{
    struct str pairs;
    str_init(&pairs, 1 << 20);
    record(out, BEGIN_REQUEST, (struct span){"\0\1\0\0\0\0\0\0", 8});
    for (char **e = environment; *e; e++) {
        const char *equals = strchr(*e, '=');
        if (!equals)
            continue;
        put_length(&pairs, (size_t)(equals - *e));
        put_length(&pairs, strlen(equals + 1));
        str_add(&pairs, *e, (size_t)(equals - *e));
        str_puts(&pairs, equals + 1);
    }
    for (size_t at = 0; at < pairs.len; at += RECORD_MAX)
        record(out, PARAMS, (struct span){pairs.data + at, pairs.len - at > RECORD_MAX ? RECORD_MAX : pairs.len - at});
    record(out, PARAMS, SPAN_NONE);
    str_free(&pairs);
}

static bool write_all(int fd, struct span bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n <= 0)
            return false;
        bytes = (struct span){bytes.p + n, bytes.n - (size_t)n};
    }
    return true;
}

/* Copies what whole records of `in` carry for standard output; 1: more to come, 0: the request has ended, -1: broken. */
static int copy_records(struct str *in, int out)
{
    while (in->len >= 8) {
        const unsigned char *h = (const unsigned char *)in->data;
        size_t content = (size_t)h[4] << 8 | h[5], whole = 8 + content + h[6];
        if (in->len < whole)
            return 1;
        unsigned char type = h[1];
        if (type == STDOUT && !write_all(out, (struct span){in->data + 8, content}))
            return -1;
        str_drop_front(in, whole);
        if (type == END_REQUEST)
            return 0;
    }
    return 1;
}

static bool send_input(int service, int in, bool *input_open)
{
    char buffer[RECORD_MAX];
    struct str frame;
    ssize_t n = read(in, buffer, sizeof(buffer));
    str_init(&frame, RECORD_MAX + 64);
    record(&frame, STDIN, n > 0 ? (struct span){buffer, (size_t)n} : SPAN_NONE);
    *input_open = n > 0;
    bool ok = write_all(service, str_span(&frame));
    str_free(&frame);
    return ok;
}

/* Both directions at once: the service may answer before it has read the whole body. */
static bool exchange(int service, int in, int out)
{
    struct str answer;
    char buffer[RECORD_MAX];
    bool input_open = true;
    int state = 1;
    str_init(&answer, 1 << 20);
    while (state == 1) {
        struct pollfd fds[2] = {{.fd = service, .events = POLLIN}, {.fd = input_open ? in : -1, .events = POLLIN}};
        if (poll(fds, 2, 120000) <= 0)
            state = -1;
        else if (fds[0].revents) {
            ssize_t n = read(service, buffer, sizeof(buffer));
            state = n > 0 && str_add(&answer, buffer, (size_t)n) ? copy_records(&answer, out) : -1;
        } else if (fds[1].revents && !send_input(service, in, &input_open)) {
            input_open = false;
        }
    }
    str_free(&answer);
    return state == 0;
}

int cgi_run(const char *socket_path, char **environment, int in, int out)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct str opening;
    int service = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = service >= 0 && strlen(socket_path) < sizeof(address.sun_path);
    str_init(&opening, 2 << 20);
    if (ok) {
        memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
        cgi_params(&opening, environment);
        ok = connect(service, (struct sockaddr *)&address, sizeof(address)) == 0 &&
             write_all(service, str_span(&opening)) && exchange(service, in, out);
    }
    if (!ok)
        write_all(out, SPAN_LIT("Status: 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                "Cache-Control: no-store\r\n\r\nService momentanément indisponible.\n"));
    str_free(&opening);
    if (service >= 0)
        close(service);
    return ok ? 0 : 1;
}
