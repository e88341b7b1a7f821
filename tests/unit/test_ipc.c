#include "tests/unit/unit.h"

#include "lib/net/ipc.h"
#include "lib/net/wake.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/caducee-test-ipc-XXXXXX";

static void frames_come_back(void **state UNUSED)
{
    struct str s;
    struct ipc_message m;
    struct span value;
    uint64_t n;
    str_init(&s, 10000);
    ipc_begin(&s, 7);
    ipc_put(&s, 1, SPAN_LIT("abc"));
    ipc_put(&s, 2, SPAN_NONE);
    ipc_put_u64(&s, 3, UINT64_MAX - 5);
    ipc_end(&s);
    for (size_t i = 0; i < s.len; i++)
        assert_int_equal(ipc_parse((struct span){s.data, i}, 1000, &m), 0);
    assert_int_equal(ipc_parse(str_span(&s), 1000, &m), s.len);
    assert_int_equal(m.type, 7);
    assert_int_equal(m.count, 3);
    assert_true(ipc_get(&m, 1, &value));
    assert_span(value, "abc");
    assert_true(ipc_get(&m, 2, &value));
    assert_int_equal(value.n, 0);
    assert_true(ipc_get_u64(&m, 3, &n));
    assert_true(n == UINT64_MAX - 5);
    assert_false(ipc_get(&m, 4, &value));
    assert_false(ipc_get_u64(&m, 1, &n));                         /* three bytes are no number */
    assert_int_equal(ipc_parse(str_span(&s), s.len - 5, &m), -1); /* past the limit */
    str_free(&s);
}

static void frames_that_lie_are_refused(void **state UNUSED)
{
    static const struct span table[] = {
        SPAN_LIT("\0\0\0\0"), /* no room for a type */
        SPAN_LIT("\0\0\0\1x"),
        SPAN_LIT("\xff\xff\xff\xff"),
        SPAN_LIT("\0\0\0\3\0\1x"),             /* half a field */
        SPAN_LIT("\0\0\0\x8\0\1\0\1\0\0\0\1"), /* a field longer than the frame */
        SPAN_LIT("\0\0\0\x9\0\1\0\1\xff\xff\xff\xff"
                 "a"),
        SPAN_LIT("\0\0\0\xe\0\1\0\1\0\0\0\0\0\1\0\0\0\0"), /* a tag twice */
    };
    struct ipc_message m;
    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(ipc_parse(table[i], 1000, &m), -1);
    struct str s;
    str_init(&s, 10000);
    ipc_begin(&s, 1);
    for (uint16_t tag = 0; tag <= IPC_FIELDS_MAX; tag++)
        ipc_put(&s, tag, SPAN_NONE);
    ipc_end(&s);
    assert_int_equal(ipc_parse(str_span(&s), 10000, &m), -1); /* a field too many */
    str_free(&s);
}

static struct {
    struct loop *loop;
    struct jobs *jobs;
    char *path;
    unsigned asked;
} t;

static void reply_from_a_job(void *state UNUSED, void *arg)
{
    struct ipc_request *request = arg;
    struct str answer;
    str_init(&answer, 4 << 20);
    ipc_begin(&answer, 100);
    struct span value = SPAN_NONE;
    if (ipc_get(&request->message, 1, &value))
        ipc_put(&answer, 1, value);
    if (request->fd_count) {
        char text[16] = "";
        must(pread(request->fds[0], text, sizeof text - 1, 0) > 0);
        ipc_put(&answer, 2, span_of(text));
    }
    ipc_put_u64(&answer, 3, request->uid);
    ipc_end(&answer);
    ipc_reply(request, &answer);
}

static void on_request(struct ipc_request *request, void *arg UNUSED)
{
    t.asked++;
    if (request->message.type == 99)
        ipc_reply(request, NULL);
    else
        jobs_submit(t.jobs, reply_from_a_job, NULL, request);
}

static bool may_connect(uint32_t uid, void *arg UNUSED)
{
    return uid == getuid();
}

static void *client_thread(void *arg UNUSED)
{
    struct ipc_client *client = ipc_client_new(t.path, 5000, 4 << 20);
    struct str request, answer, big;
    struct ipc_message m;
    struct span value;
    uint64_t uid;
    str_init(&request, 4 << 20);
    str_init(&answer, 8 << 20);
    str_init(&big, 2 << 20);
    while (big.len < big.max)
        str_putc(&big, 'x');
    int memory = memfd_create("test", MFD_CLOEXEC);
    must(write(memory, "shared", 6) == 6);
    for (int i = 0; i < 3; i++) {
        ipc_begin(&request, 1);
        ipc_put(&request, 1, i == 1 ? str_span(&big) : SPAN_LIT("small"));
        ipc_end(&request);
        must(ipc_call(client, str_span(&request), &answer, &m, &memory, 1) == 0);
        must(m.type == 100 && ipc_get(&m, 1, &value) && value.n == (i == 1 ? big.len : 5));
        must(ipc_get(&m, 2, &value) && span_is(value, "shared"));
        must(ipc_get_u64(&m, 3, &uid) && uid == getuid());
    }
    ipc_begin(&request, 99); /* the server closes: an error, and the next call connects again */
    ipc_end(&request);
    must(ipc_call(client, str_span(&request), &answer, &m, NULL, 0) == -1);
    ipc_begin(&request, 1);
    ipc_end(&request);
    must(ipc_call(client, str_span(&request), &answer, &m, NULL, 0) == 0);
    must(ipc_call(client, SPAN_LIT("\0\0\0\1x"), &answer, &m, NULL, 0) == -1); /* nonsense: closed */
    ipc_client_destroy(&client);
    close(memory);
    str_free(&request);
    str_free(&answer);
    str_free(&big);
    loop_stop(t.loop);
    return NULL;
}

static void requests_are_answered_from_jobs(void **state UNUSED)
{
    struct str error;
    str_init(&error, 1000);
    t.loop = loop_new();
    t.jobs = jobs_new(t.loop, 2, NULL, NULL, NULL);
    t.path = xasprintf("%s/helper.sock", folder);
    int fd = ipc_listen(t.path, 0600, &error);
    assert_true(fd >= 0);
    struct stat status;
    assert_int_equal(stat(t.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    struct ipc_server *server = ipc_server_new(t.loop, fd, 4 << 20, may_connect, on_request, NULL);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, client_thread, NULL), 0);
    loop_run(t.loop);
    pthread_join(thread, NULL);
    assert_int_equal(t.asked, 5);
    jobs_destroy(&t.jobs);
    ipc_server_destroy(&server);
    loop_destroy(&t.loop);
    struct ipc_client *client = ipc_client_new(t.path, 100, 1000);
    struct str answer;
    struct ipc_message m;
    str_init(&answer, 1000);
    assert_int_equal(ipc_call(client, SPAN_LIT("\0\0\0\2\0\1"), &answer, &m, NULL, 0), -1); /* nobody is there */
    ipc_client_destroy(&client);
    str_free(&answer);
    str_free(&error);
    xfree(&t.path);
}

static void a_server_that_hangs_costs_its_deadline(void **state UNUSED)
{
    struct str error, answer;
    struct ipc_message m;
    str_init(&error, 1000);
    str_init(&answer, 100000);
    char *path = xasprintf("%s/hangs.sock", folder);
    int fd = ipc_listen(path, 0600, &error);
    struct ipc_client *client = ipc_client_new(path, 50, 1000);
    assert_int_equal(ipc_call(client, SPAN_LIT("\0\0\0\2\0\1"), &answer, &m, NULL, 0), -1);
    ipc_client_destroy(&client);
    close(fd);
    str_free(&error);
    str_free(&answer);
    xfree(&path);
}

static void notices_reach_every_listener(void **state UNUSED)
{
    struct str error;
    str_init(&error, 1000);
    char *sub = xasprintf("%s/wake", folder), *a = xasprintf("%s/a.sock", sub), *b = xasprintf("%s/b.sock", sub);
    assert_int_equal(mkdir(sub, 0700), 0);
    int first = wake_listen(a, &error), second = wake_listen(b, &error);
    assert_true(first >= 0 && second >= 0);
    struct wake_notice sent = {.bal_id = 12, .folder_id = -7, .modseq = UINT64_MAX}, got;
    assert_int_equal(wake_send_all(sub, &sent), 2);
    assert_true(wake_receive(first, &got));
    assert_int_equal(got.bal_id, 12);
    assert_int_equal(got.folder_id, -7);
    assert_true(got.modseq == UINT64_MAX);
    assert_false(wake_receive(first, &got));
    close(first);
    assert_int_equal(wake_send_all(sub, &sent), 1); /* the dead one's socket is taken away */
    assert_int_not_equal(access(a, F_OK), 0);
    assert_true(wake_receive(second, &got));
    assert_true(wake_receive(second, &got));
    assert_false(wake_receive(second, &got));
    assert_false(wake_send(a, &sent));
    close(second);
    str_free(&error);
    xfree(&sub);
    xfree(&a);
    xfree(&b);
}

static int make_folder(void **state UNUSED)
{
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state UNUSED)
{
    return remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back),
        cmocka_unit_test(frames_that_lie_are_refused),
        cmocka_unit_test(requests_are_answered_from_jobs),
        cmocka_unit_test(a_server_that_hangs_costs_its_deadline),
        cmocka_unit_test(notices_reach_every_listener),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
