/*
 * sandbox.c - what the program gives up before it listens to anybody
 *
 * Sanitizers and coverage need files and system calls of their own at the end: builds with SANDBOX_NO_FILTER keep
 * both, and only stop being root.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net.h"
#include "options.h"

#define NOBODY 65534
#define RESOLVER "/etc/resolv.conf"

static bool complain(char *why, size_t size, const char *what, int error)
{
    snprintf(why, size, "cannot give up %s: %s; --no-sandbox keeps all", what, strerror(error));
    return false;
}

/* ---- identity ----------------------------------------------------------------------------------- */

static bool number_of(const char *variable, unsigned long *to)
{
    const char *const text = getenv(variable);
    char *end;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    *to = strtoul(text, &end, 10);
    return *end == '\0' && *to != 0 && *to < UINT_MAX;
}

bool sandbox_identity(const struct sandbox *sandbox, uid_t *uid, gid_t *gid, char *why, size_t size)
{
    const struct passwd *entry;
    unsigned long user, group;

    *uid = geteuid();
    *gid = getegid();
    if (*uid != 0) {
        if (sandbox->user == NULL)
            return true;
        snprintf(why, size, "--user %s: only root can be somebody else; leave it out", sandbox->user);
        return false;
    }
    if (sandbox->user != NULL) {
        errno = 0;
        entry = getpwnam(sandbox->user);
        if (entry == NULL || entry->pw_uid == 0) {
            snprintf(why, size, "--user %s: %s", sandbox->user,
                     entry != NULL ? "that is root; --no-sandbox keeps all privileges"
                     : errno != 0  ? strerror(errno)
                                   : "there is no such user");
            return false;
        }
        *uid = entry->pw_uid;
        *gid = entry->pw_gid;
    } else if (number_of("SUDO_UID", &user) && number_of("SUDO_GID", &group)) {
        *uid = (uid_t)user;
        *gid = (gid_t)group;
    } else {
        entry = getpwnam("nobody");
        *uid = entry != NULL ? entry->pw_uid : NOBODY;
        *gid = entry != NULL ? entry->pw_gid : NOBODY;
    }
    return true;
}

static bool drop_identity(const struct sandbox *sandbox, char *why, size_t size)
{
    uid_t uid;
    gid_t gid;

    if (!sandbox_identity(sandbox, &uid, &gid, why, size))
        return false;
    if (geteuid() != 0)
        return true;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return complain(why, size, "root", errno);
    return true;
}

/* ---- file system -------------------------------------------------------------------------------- */

#ifndef SANDBOX_NO_FILTER
static void allow_reading(int rules, const char *path)
{
    struct landlock_path_beneath_attr rule = {.allowed_access =
                                                  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR};

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return; /* not there: then there is nothing to read */
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

/* libslirp looks for the host's name servers again when that file changes: its folder, since it is replaced. */
static void allow_resolver(int rules)
{
    char path[PATH_MAX];
    char *const slash = realpath(RESOLVER, path) == NULL ? NULL : strrchr(path, '/');

    if (slash == NULL || slash == path)
        return;
    *slash = '\0';
    allow_reading(rules, path);
}

/* Kernels without Landlock have the other two walls. */
static bool close_files(const struct sandbox *sandbox, char *why, size_t size)
{
    struct landlock_ruleset_attr attributes = {0};
    const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    int rules, error;

    if (version < 1)
        return true;
    /* All 13 kinds of the first version, and what the kernel knows of REFER (2) and TRUNCATE (3). */
    attributes.handled_access_fs = (UINT64_C(1) << (version >= 3 ? 15 : version == 2 ? 14 : 13)) - 1;
    rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0);
    if (rules < 0)
        return complain(why, size, "the file system", errno);
    if (sandbox->needs & NET_NEEDS_FILES) {
        allow_resolver(rules);
        if (sandbox->files != NULL)
            allow_reading(rules, sandbox->files);
    }
    error = syscall(SYS_landlock_restrict_self, rules, 0) == 0 ? 0 : errno;
    close(rules);
    return error == 0 || complain(why, size, "the file system", error);
}

/* ---- system calls ------------------------------------------------------------------------------- */

static const int always[] = {
    /* messages and frames */
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    /* a client's memory, and our own */
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(fstat),
    SCMP_SYS(fstatfs),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fcntl),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    /* time, signals, the C library's own needs, the end */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(futex),
    SCMP_SYS(sched_setscheduler), /* between SCHED_OTHER and SCHED_BATCH: neither needs a privilege */
    SCMP_SYS(getrandom),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(tgkill),
    SCMP_SYS(wait4),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* libslirp's sockets: the guest's connections to the outside, and those forwarded to it. */
static const int sockets[] = {
    SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(listen), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
};

static bool allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
            return false;
    return true;
}

static bool allow_socket(scmp_filter_ctx filter, int family)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0)) == 0;
}

/* Only to read, and only what is there. */
static bool allow_open(scmp_filter_ctx filter)
{
    const scmp_datum_t bad = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, bad, 0)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, bad, 0)) == 0;
}

/* Memory, but never memory to run code from. */
static bool allow_memory(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) ==
               0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) ==
               0;
}

static bool fill(scmp_filter_ctx filter, unsigned needs)
{
    if (!allow(filter, always, sizeof always / sizeof *always) || !allow_memory(filter))
        return false;
    if ((needs & NET_NEEDS_UNIX) &&
        (!allow_socket(filter, AF_UNIX) || seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0) != 0))
        return false;
    if ((needs & NET_NEEDS_SOCKETS) &&
        (!allow(filter, sockets, sizeof sockets / sizeof *sockets) || !allow_socket(filter, AF_INET) ||
         !allow_socket(filter, AF_INET6) ||
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0)) != 0))
        return false;
    return (needs & NET_NEEDS_FILES) == 0 ||
           (allow_open(filter) && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(stat), 0) == 0);
}

/* The call has not been made. Saying which it was is worth more than the quickest end. */
static void on_refused(int signal, siginfo_t *info, void *context)
{
    char text[128];
    const int len = snprintf(text, sizeof text,
                             "e1000-vfio-user: the sandbox stopped system call %d; please report it (--no-sandbox)\n",
                             info->si_syscall);

    (void)signal;
    (void)context;
    (void)!write(STDERR_FILENO, text, (size_t)len);
    _exit(EXIT_BROKE);
}

static bool close_calls(const struct sandbox *sandbox, char *why, size_t size)
{
    const struct sigaction action = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    bool good;

    if (filter == NULL || sigaction(SIGSYS, &action, NULL) != 0)
        return complain(why, size, "system calls", ENOMEM);
    good = fill(filter, sandbox->needs) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good || complain(why, size, "system calls", EINVAL);
}
#else
/* The leak detector looks at the process from another one. */
static bool close_files(const struct sandbox *sandbox, char *why, size_t size)
{
    (void)sandbox;
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 || complain(why, size, "files", errno);
}

static bool close_calls(const struct sandbox *sandbox, char *why, size_t size)
{
    (void)sandbox;
    (void)why;
    (void)size;
    return true;
}
#endif

bool sandbox_enter(const struct sandbox *sandbox, char *why, size_t size)
{
    if (!drop_identity(sandbox, why, size))
        return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return complain(why, size, "new privileges", errno);
    return close_files(sandbox, why, size) && close_calls(sandbox, why, size);
}
