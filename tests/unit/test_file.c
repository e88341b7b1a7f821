#include "tests/unit/unit.h"

#include "lib/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/caducee-test-file-XXXXXX";

static char *write_file(const char *bytes, size_t n, mode_t mode)
{
    char *path = xasprintf("%s/secret", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && fchmod(fd, mode) == 0);
    close(fd);
    return path;
}

static void a_secret_is_one_line_that_not_everybody_reads(void **state UNUSED)
{
    static const struct {
        const char *bytes;
        size_t n;
        mode_t mode;
        const char *want, *error; /* one of the two */
    } rows[] = {
        {"s3cret\n", 7, 0600, "s3cret", NULL},
        {"s3cret", 6, 0640, "s3cret", NULL},
        {" a blank, kept \r\nmore\n", 22, 0440, " a blank, kept ", NULL},
        {"s3cret\n", 7, 0644, NULL, "its mode must be 0640"},
        {"s3cret\n", 7, 0602, NULL, "its mode must be 0640"},
        {"", 0, 0600, NULL, "no text on its first line"},
        {"\ns3cret\n", 8, 0600, NULL, "no text on its first line"},
        {"\r\n", 2, 0600, NULL, "no text on its first line"},
        {"s3\0cret\n", 8, 0600, NULL, "no text on its first line"},
        {"0123456789012345678901234567890123456789\n", 41, 0600, NULL, "too large"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str out, error;
        char *path = write_file(rows[i].bytes, rows[i].n, rows[i].mode);
        str_init_secret(&out, 32);
        str_init(&error, 1024);
        assert_int_equal(secret_read(&out, path, &error), rows[i].want != NULL);
        if (rows[i].want)
            assert_str(&out, rows[i].want);
        else
            assert_non_null(strstr(error.data, rows[i].error));
        assert_true(rows[i].want || (out.len == 0 && strstr(error.data, path) == error.data));
        str_free(&out);
        str_free(&error);
        unlink(path);
        xfree(&path);
    }
}

static void what_is_no_file_holds_no_secret(void **state UNUSED)
{
    char *fifo = xasprintf("%s/fifo", folder), *none = xasprintf("%s/none", folder);
    const char *const paths[] = {fifo, folder, none};
    assert_int_equal(mkfifo(fifo, 0600), 0);
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct str out, error;
        str_init_secret(&out, 100);
        str_init(&error, 1024);
        assert_false(secret_read(&out, paths[i], &error)); /* and does not wait for a writer */
        assert_true(error.len > 0);
        str_free(&out);
        str_free(&error);
    }
    xfree(&fifo);
    xfree(&none);
}

static int remove_folder(void **state UNUSED)
{
    return remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_secret_is_one_line_that_not_everybody_reads),
                                       cmocka_unit_test(what_is_no_file_holds_no_secret)};
    return mkdtemp(folder) ? cmocka_run_group_tests(tests, NULL, remove_folder) : 1;
}
