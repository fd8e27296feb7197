/* SPDX-License-Identifier: MIT */
#ifdef __x86_64__
#include <elf.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/vtime/ptrace.h"

#define LOAD                     BPF_LD | BPF_W | BPF_ABS
#define FIELD(name)              BPF_STMT(LOAD, offsetof(struct seccomp_data, name))
#define RETURN(what)             BPF_STMT(BPF_RET | BPF_K, what)
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define TRAP(number)             IF_EQUAL(number, 0, 1), RETURN(SECCOMP_RET_TRACE)

/* Programs of another word size are trapped at every call, and refused. */
static const struct sock_filter filter[] = {
    FIELD(arch),
    IF_EQUAL(AUDIT_ARCH_X86_64, 1, 0),
    RETURN(SECCOMP_RET_TRACE),
    FIELD(nr),
    /* A futex call only when it waits, and has a limit: the rest is frequent and timeless. */
    IF_EQUAL(SYS_futex, 0, 9),
    FIELD(args[1]),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, FUTEX_CMD_MASK & 0xff),
    IF_EQUAL(FUTEX_WAIT, 2, 0),
    IF_EQUAL(FUTEX_WAIT_BITSET, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    FIELD(args[3]),
    IF_EQUAL(0, 0, 1),
    RETURN(SECCOMP_RET_ALLOW),
    RETURN(SECCOMP_RET_TRACE),
    TRAP(SYS_read),
    TRAP(SYS_clock_gettime),
    TRAP(SYS_gettimeofday),
    TRAP(SYS_time),
    TRAP(SYS_nanosleep),
    TRAP(SYS_clock_nanosleep),
    TRAP(SYS_poll),
    TRAP(SYS_ppoll),
    TRAP(SYS_select),
    TRAP(SYS_pselect6),
    TRAP(SYS_epoll_wait),
    TRAP(SYS_epoll_pwait),
    TRAP(SYS_epoll_pwait2),
    TRAP(SYS_rt_sigtimedwait),
    TRAP(SYS_timerfd_settime),
    TRAP(SYS_timerfd_gettime),
    TRAP(SYS_alarm),
    TRAP(SYS_setitimer),
    TRAP(SYS_getitimer),
    TRAP(SYS_timer_create),
    TRAP(SYS_timer_settime),
    TRAP(SYS_timer_gettime),
    TRAP(SYS_timer_delete),
    TRAP(SYS_timer_getoverrun),
    TRAP(SYS_getrandom),
    TRAP(SYS_io_uring_setup),
    RETURN(SECCOMP_RET_ALLOW),
};

void ptrace_filter_install(void)
{
    struct sock_fprog program = {
        .len = sizeof(filter) / sizeof(filter[0]),
        .filter = (struct sock_filter *)filter,
    };

    personality(ADDR_NO_RANDOMIZE);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        _exit(126);
}

/* The auxiliary vector lies behind argc, the arguments and the environment. */
static uint64_t auxiliary_vector(const struct tracee *tracee, uint64_t stack)
{
    uint64_t word;

    if (!tracee_read(tracee, stack, &word, sizeof(word)))
        return 0;
    stack += 8 * (word + 2);
    do {
        if (!tracee_read(tracee, stack, &word, sizeof(word)))
            return 0;
        stack += 8;
    } while (word != 0);
    return stack;
}

/* Without vDSO every C library, and Go, reads the clock by a system call. */
void ptrace_hide_vdso(const struct tracee *tracee)
{
    static const char bytes[16] = "HayeswireHostRun";
    struct user_regs_struct regs;
    uint64_t at, pair[2];

    if (ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs) < 0)
        return;
    at = auxiliary_vector(tracee, regs.rsp);
    for (; at && tracee_read(tracee, at, pair, sizeof(pair)) && pair[0] != AT_NULL;
         at += sizeof(pair)) {
        if (pair[0] == AT_SYSINFO_EHDR) {
            pair[0] = AT_IGNORE;
            tracee_write(tracee, at, pair, sizeof(pair));
        } else if (pair[0] == AT_RANDOM) {
            tracee_write(tracee, pair[1], bytes, sizeof(bytes));
        }
    }
}
#endif
