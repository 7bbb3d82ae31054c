/*
 * test_sandbox.c - what cannot be done any more inside, and what can
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../keeper.h"
#include "../options.h"
#include "../sandbox.h"
#include "net_fixture.h"

Suite *sandbox_suite(void);

#define FINE 0
#define REFUSED 42 /* by an errno, not by the filter */

static char file[128];

/* Exit status of a child that enters and then acts; -1: a signal. */
static int inside(unsigned needs, const char *files, int (*act)(void))
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        const struct sandbox sandbox = {.needs = needs, .files = files};
        char why[256] = "";

        close(STDERR_FILENO);
        _exit(sandbox_enter(&sandbox, why, sizeof why) ? act() : 99);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int read_file(void)
{
    return open(file, O_RDONLY) >= 0 ? FINE : REFUSED;
}

static int read_passwords(void)
{
    return open("/etc/shadow", O_RDONLY) >= 0 ? FINE : REFUSED;
}

static int write_file(void)
{
    return open(file, O_WRONLY) >= 0 ? FINE : REFUSED;
}

static int run_program(void)
{
    return execl("/bin/true", "true", (char *)NULL);
}

static int fork_child(void)
{
    return (int)syscall(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0) > 0 ? FINE : REFUSED;
}

static int map_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ? FINE : REFUSED;
}

static int make_code(void)
{
    void *const page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0 ? FINE : REFUSED;
}

static int open_internet(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? FINE : REFUSED;
}

static int open_packet(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? FINE : REFUSED;
}

static int open_unix(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? FINE : REFUSED;
}

static int trace_parent(void)
{
    return syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, getppid(), 0, 0) == 0 ? FINE : REFUSED;
}

static int be_root(void)
{
    return setuid(0) == 0 ? FINE : REFUSED;
}

static int is_nobody(void)
{
    return geteuid() != 0 && getegid() != 0 ? FINE : REFUSED;
}

static int map_memory(void)
{
    void *const page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return page != MAP_FAILED && munmap(page, 4096) == 0 && malloc(10000000) != NULL ? FINE : REFUSED;
}

/* EXIT_BROKE is the end by the filter. */
static const struct {
    const char *what;
    unsigned needs;
    int (*act)(void);
    int status;
} cases[] = {
    {"memory", 0, map_memory, FINE},
    {"files", 0, read_file, EXIT_BROKE},
    {"files, with user networking", NET_NEEDS_FILES | NET_NEEDS_SOCKETS, read_passwords, REFUSED},
    {"writing, with user networking", NET_NEEDS_FILES | NET_NEEDS_SOCKETS, write_file, EXIT_BROKE},
    {"programs", NET_NEEDS_FILES | NET_NEEDS_SOCKETS | NET_NEEDS_UNIX, run_program, EXIT_BROKE},
    {"processes", NET_NEEDS_FILES | NET_NEEDS_SOCKETS | NET_NEEDS_UNIX, fork_child, EXIT_BROKE},
    {"code", 0, map_code, EXIT_BROKE},
    {"code made of data", 0, make_code, EXIT_BROKE},
    {"internet", 0, open_internet, EXIT_BROKE},
    {"internet, with stream", NET_NEEDS_UNIX, open_internet, EXIT_BROKE},
    {"internet, with user networking", NET_NEEDS_SOCKETS, open_internet, FINE},
    {"unix sockets, with user networking", NET_NEEDS_SOCKETS, open_unix, EXIT_BROKE},
    {"unix sockets, with stream", NET_NEEDS_UNIX, open_unix, FINE},
    {"raw sockets", NET_NEEDS_SOCKETS | NET_NEEDS_UNIX, open_packet, EXIT_BROKE},
    {"other processes", 0, trace_parent, EXIT_BROKE},
    {"being root again", 0, be_root, EXIT_BROKE},
};
#define CASES (int)(sizeof cases / sizeof *cases)

#ifndef SANDBOX_NO_FILTER
START_TEST(calls_that_serving_does_not_need_end_the_program)
{
    const int status = inside(cases[_i].needs, NULL, cases[_i].act);

    ck_assert_msg(status == cases[_i].status, "%s: %d", cases[_i].what, status);
}
END_TEST
#endif

/* Root only: below it there is nothing to drop. */
START_TEST(root_becomes_somebody_else)
{
    unsetenv("SUDO_UID");
    if (geteuid() == 0)
        ck_assert_int_eq(inside(0, NULL, is_nobody), FINE);
}
END_TEST

#ifndef SANDBOX_NO_FILTER
START_TEST(with_tftp_only_its_folder_can_be_read)
{
    const int fd = open(file, O_WRONLY | O_CREAT, 0644);

    close(fd);
    ck_assert_int_eq(chmod(net_folder, 0755), 0);
    ck_assert_int_eq(inside(NET_NEEDS_FILES, net_folder, read_file), FINE);
    if (syscall(444 /* landlock_create_ruleset */, NULL, 0, 1) >= 1)
        ck_assert_int_eq(inside(NET_NEEDS_FILES, "/bin", read_file), REFUSED);
    else
        fprintf(stderr, "skipped: this kernel has no Landlock\n");
}
END_TEST
#endif

START_TEST(users_are_checked)
{
    struct sandbox sandbox = {.user = "no-such-user"};
    char why[256] = "";
    uid_t uid;
    gid_t gid;

    ck_assert(!sandbox_identity(&sandbox, &uid, &gid, why, sizeof why));
    ck_assert_ptr_nonnull(strstr(why, geteuid() == 0 ? "there is no such user" : "only root"));
    if (geteuid() != 0)
        return;
    sandbox.user = "root";
    ck_assert(!sandbox_identity(&sandbox, &uid, &gid, why, sizeof why));
    sandbox.user = NULL;
    setenv("SUDO_UID", "1234", 1);
    setenv("SUDO_GID", "1235", 1);
    ck_assert(sandbox_identity(&sandbox, &uid, &gid, why, sizeof why));
    ck_assert_uint_eq(uid, 1234);
    ck_assert_uint_eq(gid, 1235);
    setenv("SUDO_UID", "0", 1); /* root who called sudo */
    ck_assert(sandbox_identity(&sandbox, &uid, &gid, why, sizeof why));
    ck_assert_uint_ne(uid, 0);
    unsetenv("SUDO_UID");
    unsetenv("SUDO_GID");
}
END_TEST

START_TEST(the_keeper_opens_new_files_and_removes_sockets)
{
    char a[128], socket[128];
    const char *files[KEEPER_FILES] = {a}, *sockets[KEEPER_SOCKETS] = {socket, file};
    struct keeper *keeper;
    int fd;

    snprintf(a, sizeof a, "%s/a", net_folder);
    snprintf(socket, sizeof socket, "%s/socket", net_folder);
    keeper = keeper_new(files, sockets);
    ck_assert_ptr_nonnull(keeper);
    fd = keeper_open(keeper, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "x", 1), 1);
    close(fd);
    ck_assert_int_eq(access(a, R_OK), 0);
    ck_assert_int_eq(keeper_open(keeper, 0), -EEXIST); /* nothing is overwritten */
    ck_assert_int_eq(keeper_open(keeper, 1), -EBADF);
    ck_assert_int_eq(keeper_open(keeper, 77), -EBADF);
    close(open(socket, O_WRONLY | O_CREAT, 0600));
    close(open(file, O_WRONLY | O_CREAT, 0600));
    keeper_own(keeper, 0);
    keeper_free(keeper);
    ck_assert_int_eq(access(socket, F_OK), -1);
    ck_assert_int_eq(access(file, F_OK), 0); /* was not ours */
}
END_TEST

static void setup(void)
{
    net_setup();
    snprintf(file, sizeof file, "%s/file", net_folder);
}

Suite *sandbox_suite(void)
{
    Suite *const suite = suite_create("sandbox");
    TCase *const tcase = tcase_create("sandbox");

    tcase_add_checked_fixture(tcase, setup, net_teardown);
#ifndef SANDBOX_NO_FILTER
    tcase_add_loop_test(tcase, calls_that_serving_does_not_need_end_the_program, 0, CASES);
    tcase_add_test(tcase, with_tftp_only_its_folder_can_be_read);
#else
    (void)cases;
    (void)read_file;
#endif
    tcase_add_test(tcase, root_becomes_somebody_else);
    tcase_add_test(tcase, users_are_checked);
    tcase_add_test(tcase, the_keeper_opens_new_files_and_removes_sockets);
    suite_add_tcase(suite, tcase);
    return suite;
}
