/* The system calls of a worker: an allow-list, by what they are for. What is not on it answers ENOSYS (libraries probe for
 * new calls and fall back); what no worker ever does — start a program, trace another, change its user, load code into
 * the kernel — ends the process at once, and the supervisor says so.
 */
#include "lib/net/daemon_private.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/socket.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static const int common[] = {
    /* bytes */
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(pipe2),
    SCMP_SYS(pipe),
    /* waiting */
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(restart_syscall),
    /* sockets that exist; socket(2) itself stands below */
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(socketpair),
    SCMP_SYS(ioctl),
    /* memory */
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(memfd_create),
    SCMP_SYS(ftruncate),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    SCMP_SYS(membarrier),
    /* threads and signals */
    SCMP_SYS(futex),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(tgkill),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    /* who and when */
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getgroups),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(getrandom),
    /* files that are read: certificates, resolv.conf, time zones, libpq's service files */
    SCMP_SYS(openat),
    SCMP_SYS(open),
    SCMP_SYS(stat),
    SCMP_SYS(fstat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(umask),
    SCMP_SYS(unlink),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fadvise64),
#ifdef CADUCEE_FAULT_POINTS
    SCMP_SYS(rename),
    SCMP_SYS(kill),
#endif
};

static const int never[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(open_by_handle_at),
};

static void rule(scmp_filter_ctx filter, uint32_t action, int call)
{
    int result = seccomp_rule_add(filter, action, call, 0);
    if (result != 0 && result != -EEXIST && result != -EACCES)
        fatal("seccomp: call %d: error %d", call, -result);
}

static void allow_family(scmp_filter_ctx filter, int family)
{
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0)) !=
        0)
        fatal("seccomp: socket");
}

static bool may_call_out(const struct role *role, const struct conf *conf)
{
    bool remote = conf->database_host[0] != '/';
    return role->network == NETWORK_ANY || (role->network == NETWORK_DATABASE && remote);
}

void seccomp_enter(const struct role *role, const struct conf *conf)
{
#ifdef SANITIZED
    (void)role;
    (void)conf;
    (void)may_call_out;
    (void)rule;
    (void)allow_family;
    (void)common;
    (void)never;
    return; /* the sanitizers' own calls (ptrace at exit, personality) are not ours to list */
#else
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter)
        fatal("seccomp is not to be had");
    for (size_t i = 0; i < COUNT(never); i++)
        rule(filter, SCMP_ACT_KILL_PROCESS, never[i]);
    for (size_t i = 0; i < COUNT(common); i++)
        rule(filter, SCMP_ACT_ALLOW, common[i]);
    for (const int *extra = role->extra_syscalls; extra && *extra != -1; extra++)
        rule(filter, SCMP_ACT_ALLOW, *extra);
    allow_family(filter, AF_UNIX);
    if (may_call_out(role, conf)) {
        allow_family(filter, AF_INET);
        allow_family(filter, AF_INET6);
        allow_family(filter, AF_NETLINK); /* getaddrinfo() asks which addresses this machine has */
    }
    /* every thread, also those a library has started already */
    if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0 || seccomp_load(filter) != 0)
        fatal("seccomp cannot be entered: %m");
    seccomp_release(filter);
#endif
}
