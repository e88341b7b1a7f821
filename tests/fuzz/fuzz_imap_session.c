/* The whole server over a socket pair: loop, job thread, framing, dispatch, every handler — without PostgreSQL, keyd or
 * parse, which answer as they do when they are away. The first byte says what the session is when it begins (before
 * log-in, in a BAL, with a folder selected) and what it has enabled; the rest is what the peer says. Whatever it is, the
 * session ends, and nothing that it held is left.
 */
#include "imapd/worker.h"

#include "lib/auth/sasl.h"
#include "lib/base/log.h"
#include "lib/proto/charset.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 10, MESSAGES = 300 };

static char host[] = "mx.example", nowhere[] = "/nonexistent", none[] = "", all[] = "all";
static struct conf conf = {.general_hostname = host,
                           .general_run_folder = nowhere,
                           .database_host = nowhere,
                           .database_port = 5432,
                           .database_name = none,
                           .database_root_certificate = none,
                           .imap_extensions = all,
                           .imap_append_max = 100000,
                           .imap_message_limit = 1000,
                           .imapd_memory_max = 1 << 20,
                           .imapd_idle_timeout = 60,
                           .imapd_login_timeout = 60,
                           .imapd_poll = 15,
                           .imapd_connections = 10,
                           .session_max_age = 3600};
static struct worker worker = {
    .conf = &conf, .all_extensions = true, .draining = true /* the loop ends with the session */};
static struct timer *patience;
static int peer;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void *thread_start(void *arg UNUSED)
{
    struct thread *thread = xcalloc(1, sizeof(*thread));
    thread->worker = &worker;
    thread->db = db_new(&conf, "caducee_imapd", "fuzz");
    thread->keyd = keyd_client_new("/nonexistent/keyd.sock");
    thread->parse = parse_client_new("/nonexistent/parse.sock");
    return thread;
}

/* A peer that has said all that it has to say goes away. */
static void leave(void *arg UNUSED)
{
    (void)shutdown(peer, SHUT_RDWR);
}

int LLVMFuzzerInitialize(int *argc UNUSED, char ***argv UNUSED)
{
    log_setup("fuzz", "imap", LOG_PANIC);
    charset_setup();
    sasl_start_library();
    worker.loop = loop_new();
    worker.jobs = jobs_new(worker.loop, 1, thread_start, NULL, NULL);
    patience = timer_new(worker.loop, leave, NULL);
    return 0;
}

static void let_in(struct session *s, unsigned enabled)
{
    struct bal bal = {.id = 1, .kind = BAL_APP, .state = BAL_OPEN, .address = "fuzz@example"};
    s->grant = (struct keyd_grant){.bal_id = 1, .certificate_id = 1, .role = KEYD_ROLE_CERTIFICATE};
    s->own = access_new(&bal, &s->grant, false);
    s->actor = xstrdup("CN=fuzz");
    s->enabled = enabled;
    session_set_state(s, STATE_AUTHENTICATED);
}

/* UIDs with gaps, so that runs and numbers differ. */
static void select_folder(struct session *s)
{
    struct folder folder = {.id = 7, .name = "INBOX", .uidvalidity = 1, .uidnext = 10 * MESSAGES, .highestmodseq = 9};
    s->view = view_new(s->own, &folder, false);
    for (uint32_t i = 1; i <= MESSAGES; i++)
        view_append(s->view, i + i / 50 * 3);
    session_set_state(s, STATE_SELECTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    int pair[2];
    if (n < 1 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 0;
    (void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(pair[1], F_SETFL, O_NONBLOCK);
    peer = pair[1];
    struct session *s = session_new(&worker, conn_adopt(worker.loop, pair[0]), false);
    s->tls = true; /* as after STARTTLS */
    if (data[0] & 3)
        let_in(s, data[0] >> 3);
    if (data[0] & 2)
        select_folder(s);
    (void)!write(peer, data + 1, n - 1);
    (void)!write(peer, "\r\nz LOGOUT\r\n", 12);
    timer_arm(patience, PATIENCE_MS);
    loop_run(worker.loop);
    timer_disarm(patience);
    must(worker.session_count == 0 && worker.reserved == 0);
    (void)close(peer);
    return 0;
}
