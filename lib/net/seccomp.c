/* The system calls of a worker: an allow-list, by what they are for, and by their arguments where a call does more than a
 * worker needs. What is not on it answers ENOSYS (libraries probe for new calls and fall back); what no worker ever does —
 * start a process or a program, make memory that is written executable, trace another, change its user, load code into the
 * kernel — ends the process at once, and the supervisor says so.
 */
#include "lib/net/daemon_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED
/* The sanitizers' own calls (ptrace at exit, personality) are not ours to list. */
void seccomp_enter(const struct role *role, const struct conf *conf)
{
    (void)role;
    (void)conf;
}
#else
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
    SCMP_SYS(dup3),
    SCMP_SYS(pipe2),
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
    /* sockets that exist, listening ones among them; socket(2) itself stands below */
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(connect),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    /* memory */
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(memfd_create),
    SCMP_SYS(ftruncate),
    SCMP_SYS(membarrier),
    /* threads and signals */
    SCMP_SYS(futex),
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
    SCMP_SYS(getrandom),
    /* files that are read: certificates, resolv.conf, time zones, libpq's service files (openat(2) stands below) */
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
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
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setfsuid),
    SCMP_SYS(setfsgid),
    SCMP_SYS(capset),
    SCMP_SYS(personality),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
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
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pkey_mprotect),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(acct),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(syslog),
};

static void rule(scmp_filter_ctx filter, uint32_t action, int call)
{
    int result = seccomp_rule_add(filter, action, call, 0);
    if (result != 0 && result != -EEXIST && result != -EACCES)
        fatal("seccomp: call %d: error %d", call, -result);
}

/* One call, as far as its argument number `which` is `value` in the bits of `mask`. */
static void rule_of(scmp_filter_ctx filter, uint32_t action, int call, unsigned which, uint64_t mask, uint64_t value)
{
    const struct scmp_arg_cmp fits = SCMP_CMP64(which, SCMP_CMP_MASKED_EQ, mask, value);
    int result = seccomp_rule_add_array(filter, action, call, 1, &fits);
    if (result != 0 && result != -EEXIST)
        fatal("seccomp: call %d, argument %u: error %d", call, which, -result);
}

static void allow_family(scmp_filter_ctx filter, int family)
{
    rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 0, UINT32_MAX, (uint64_t)family);
}

static bool may_call_out(const struct role *role, const struct conf *conf)
{
    bool remote = conf->database_host[0] != '/';
    return role->network == NETWORK_ANY || (role->network == NETWORK_DATABASE && remote);
}

/* A thread is a clone that shares everything; any other is a process. glibc asks clone3() first, whose arguments a filter
 * cannot see: ENOSYS, and it takes clone(). */
static void allow_threads(scmp_filter_ctx filter)
{
    rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD);
    rule_of(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 0, CLONE_THREAD, 0);
}

/* Memory is written or executed, never both. Who may call out also loads code from a library's file: the resolver's
 * modules (nsswitch.conf) come when a name is asked for. */
static void allow_memory(scmp_filter_ctx filter, bool libraries)
{
    rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
    if (libraries)
        rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, PROT_EXEC | PROT_WRITE, PROT_EXEC);
    rule_of(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mmap), 2, PROT_EXEC | PROT_WRITE, PROT_EXEC | PROT_WRITE);
    rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
    rule_of(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mprotect), 2, PROT_EXEC, PROT_EXEC);
}

/* Calls that do many things, of which a worker needs one. */
static void allow_by_argument(scmp_filter_ctx filter, bool out)
{
    static const unsigned controls[] = {FIONBIO, FIONREAD, TCGETS}; /* libevent, libraries' stdio */
    for (size_t i = 0; i < COUNT(controls); i++)
        rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, UINT32_MAX, controls[i]);
    rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME);
    rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, UINT64_MAX, 0); /* limits are read, not set */
    rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 0, UINT32_MAX, AF_UNIX);
    /* files are read, not written; a role that writes one says so in its extra_syscalls */
    rule_of(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY);
    allow_threads(filter);
    allow_memory(filter, out);
    allow_family(filter, AF_UNIX);
    if (!out)
        return;
    allow_family(filter, AF_INET);
    allow_family(filter, AF_INET6);
    allow_family(filter, AF_NETLINK); /* getaddrinfo() asks which addresses this machine has, from a bound socket */
    rule(filter, SCMP_ACT_ALLOW, SCMP_SYS(bind));
}

void seccomp_enter(const struct role *role, const struct conf *conf)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter)
        fatal("seccomp is not to be had");
    for (size_t i = 0; i < COUNT(never); i++)
        rule(filter, SCMP_ACT_KILL_PROCESS, never[i]);
    for (size_t i = 0; i < COUNT(common); i++)
        rule(filter, SCMP_ACT_ALLOW, common[i]);
    for (const int *extra = role->extra_syscalls; extra && *extra != -1; extra++)
        rule(filter, SCMP_ACT_ALLOW, *extra);
    allow_by_argument(filter, may_call_out(role, conf));
    /* every thread, also those a library has started already */
    if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0 || seccomp_load(filter) != 0)
        fatal("seccomp cannot be entered: %m");
    seccomp_release(filter);
}
#endif
