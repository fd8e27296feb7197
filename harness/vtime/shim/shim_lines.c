/*
 * Modem-control lines on a pty, which has none: TIOCMGET and its relatives.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/serial.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "harness/vtime/shim/shim.h"

#define HOST_LINES (TIOCM_DTR | TIOCM_RTS)

/* The lines of a modem's tty; NULL for anything else. */
static struct vtime_lines *lines_of(int fd)
{
    struct stat info;

    if (fstat(fd, &info) < 0 || !S_ISCHR(info.st_mode))
        return NULL;
    for (size_t i = 0; i < VTIME_LINES_MAX; i++) {
        if (atomic_load(&shim_page->lines[i].tty) == info.st_rdev)
            return &shim_page->lines[i];
    }
    return NULL;
}

/* Wait until one of the wanted lines changes. */
static int wait_for_change(struct vtime_lines *lines, uint32_t wanted)
{
    uint32_t before = atomic_load(&lines->modem);

    for (;;) {
        uint32_t change = atomic_load(&lines->change);

        if ((atomic_load(&lines->modem) ^ before) & wanted)
            return 0;
        if (real.syscall(SYS_futex, &lines->change, FUTEX_WAIT, change, NULL, NULL, 0) < 0 &&
            errno == EINTR)
            return -1;
    }
}

static int line_request(struct vtime_lines *lines, unsigned long request, void *arg)
{
    int *bits = arg;

    switch (request) {
    case TIOCMGET:
        *bits = (int)(atomic_load(&lines->host) | atomic_load(&lines->modem));
        return 0;
    case TIOCMSET:
        atomic_store(&lines->host, (uint32_t)*bits & HOST_LINES);
        return 0;
    case TIOCMBIS:
        atomic_fetch_or(&lines->host, (uint32_t)*bits & HOST_LINES);
        return 0;
    case TIOCMBIC:
        atomic_fetch_and(&lines->host, ~((uint32_t)*bits & HOST_LINES));
        return 0;
    case TIOCMIWAIT:
        return wait_for_change(lines, (uint32_t)(uintptr_t)arg);
    case TIOCGICOUNT:
        memset(arg, 0, sizeof(struct serial_icounter_struct));
        return 0;
    }
    return -1;
}

static bool is_line_request(unsigned long request)
{
    return request == TIOCMGET || request == TIOCMSET || request == TIOCMBIS ||
           request == TIOCMBIC || request == TIOCMIWAIT || request == TIOCGICOUNT;
}

SHIM_EXPORT int ioctl(int fd, unsigned long request, ...)
{
    struct vtime_lines *lines = NULL;
    va_list args;
    void *arg;

    va_start(args, request);
    arg = va_arg(args, void *);
    va_end(args);
    shim_ready();
    if (shim_page && shim_page->has_lines && is_line_request(request))
        lines = lines_of(fd);
    return lines ? line_request(lines, request, arg) : real.ioctl(fd, request, arg);
}
