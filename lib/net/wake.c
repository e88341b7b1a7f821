#include "lib/net/wake.h"

#include "lib/base/num.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char magic[8] = "CADWAKE1";

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static int sender = -1; /* unbound; one a process serves all threads, a datagram is sent whole */

static void open_sender(void)
{
    sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static bool make_address(struct sockaddr_un *address, const char *path)
{
    size_t n = strlen(path);
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (n >= sizeof address->sun_path)
        return false;
    memcpy(address->sun_path, path, n);
    return true;
}

int wake_listen(const char *path, struct str *error)
{
    struct sockaddr_un address;
    if (!make_address(&address, path)) {
        str_addf(error, "%s is too long for a socket", path);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unlink(path);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0660) != 0) {
        str_addf(error, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

/* What is not a notice is passed over: the socket is a folder's business, but a stray writer must not stop its reader. */
bool wake_receive(int fd, struct wake_notice *notice)
{
    uint8_t b[WAKE_NOTICE_BYTES + 1];
    ssize_t n;
    while ((n = recv(fd, b, sizeof b, MSG_DONTWAIT)) >= 0) {
        if (n != WAKE_NOTICE_BYTES || memcmp(b, magic, sizeof magic) != 0)
            continue;
        notice->bal_id = (int64_t)get_u64(b + 8);
        notice->folder_id = (int64_t)get_u64(b + 16);
        notice->modseq = get_u64(b + 24);
        return true;
    }
    return false;
}

bool wake_send(const char *path, const struct wake_notice *notice)
{
    struct sockaddr_un address;
    uint8_t b[WAKE_NOTICE_BYTES];
    pthread_once(&opened, open_sender);
    if (sender < 0 || !make_address(&address, path))
        return false;
    memcpy(b, magic, sizeof magic);
    put_u64(b + 8, (uint64_t)notice->bal_id);
    put_u64(b + 16, (uint64_t)notice->folder_id);
    put_u64(b + 24, notice->modseq);
    return sendto(sender, b, sizeof b, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address,
                  sizeof address) == (ssize_t)sizeof b;
}

size_t wake_send_all(const char *folder, const struct wake_notice *notice)
{
    size_t reached = 0;
    DIR *entries = opendir(folder);
    if (!entries)
        return 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        size_t n = strlen(entry->d_name);
        if (n < 6 || memcmp(entry->d_name + n - 5, ".sock", 5) != 0)
            continue;
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        if (wake_send(path, notice))
            reached++;
        else if (errno == ECONNREFUSED)
            unlink(path);
        xfree(&path);
    }
    closedir(entries);
    return reached;
}
