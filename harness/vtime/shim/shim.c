/*
 * Start of the shim in a process, slots of its threads, and the ways to wait.
 * SPDX-License-Identifier: MIT
 */
#include "harness/vtime/shim/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct shim_real real;
struct vtime_page *shim_page;
_Thread_local volatile sig_atomic_t shim_woke;

static _Thread_local struct vtime_slot *my_slot;
static _Thread_local struct vtime_spin spin;
static pthread_key_t slot_key;
static bool is_ready;
static uint64_t image; /* the children of a fork have the same */

/* ---- the start ---- */

/* Without a page of the right layout the host would run on the wrong clock: better not at all. */
static _Noreturn void refuse(const char *why)
{
    static const char head[] = "libhayeswire-vtime: ";

    if (write(2, head, sizeof(head) - 1) < 0 || write(2, why, strlen(why)) < 0 ||
        write(2, "\n", 1) < 0)
        _exit(126);
    _exit(125);
}

/* dlsym() gives the oldest version of these, from before POSIX threads were native. */
static void *of_version(const char *name, const char *version)
{
    void *found = dlvsym(RTLD_NEXT, name, version);

    return found ? found : dlsym(RTLD_NEXT, name);
}

static void find_waits(void)
{
    *(void **)&real.clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    *(void **)&real.clock_nanosleep = dlsym(RTLD_NEXT, "clock_nanosleep");
    *(void **)&real.ppoll = dlsym(RTLD_NEXT, "ppoll");
    *(void **)&real.pselect = dlsym(RTLD_NEXT, "pselect");
    *(void **)&real.epoll_pwait = dlsym(RTLD_NEXT, "epoll_pwait");
    *(void **)&real.sigaction = dlsym(RTLD_NEXT, "sigaction");
    *(void **)&real.pthread_sigmask = dlsym(RTLD_NEXT, "pthread_sigmask");
    *(void **)&real.sigtimedwait = dlsym(RTLD_NEXT, "sigtimedwait");
    *(void **)&real.sem_wait = dlsym(RTLD_NEXT, "sem_wait");
    *(void **)&real.sem_timedwait = dlsym(RTLD_NEXT, "sem_timedwait");
    *(void **)&real.sem_clockwait = dlsym(RTLD_NEXT, "sem_clockwait");
    *(void **)&real.cond_wait = of_version("pthread_cond_wait", "GLIBC_2.3.2");
    *(void **)&real.cond_timedwait = of_version("pthread_cond_timedwait", "GLIBC_2.3.2");
    *(void **)&real.cond_broadcast = of_version("pthread_cond_broadcast", "GLIBC_2.3.2");
    *(void **)&real.cond_init = of_version("pthread_cond_init", "GLIBC_2.3.2");
    *(void **)&real.cond_clockwait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    *(void **)&real.mutex_timedlock = dlsym(RTLD_NEXT, "pthread_mutex_timedlock");
    *(void **)&real.mutex_clocklock = dlsym(RTLD_NEXT, "pthread_mutex_clocklock");
}

static void find_the_rest(void)
{
    *(void **)&real.read = dlsym(RTLD_NEXT, "read");
    *(void **)&real.close = dlsym(RTLD_NEXT, "close");
    *(void **)&real.ioctl = dlsym(RTLD_NEXT, "ioctl");
    *(void **)&real.timerfd_settime = dlsym(RTLD_NEXT, "timerfd_settime");
    *(void **)&real.timerfd_gettime = dlsym(RTLD_NEXT, "timerfd_gettime");
    *(void **)&real.setitimer = dlsym(RTLD_NEXT, "setitimer");
    *(void **)&real.getitimer = dlsym(RTLD_NEXT, "getitimer");
    *(void **)&real.timer_create = of_version("timer_create", "GLIBC_2.3.3");
    *(void **)&real.timer_settime = of_version("timer_settime", "GLIBC_2.3.3");
    *(void **)&real.timer_gettime = of_version("timer_gettime", "GLIBC_2.3.3");
    *(void **)&real.timer_delete = of_version("timer_delete", "GLIBC_2.3.3");
    *(void **)&real.timer_getoverrun = of_version("timer_getoverrun", "GLIBC_2.3.3");
    *(void **)&real.pthread_create = dlsym(RTLD_NEXT, "pthread_create");
    *(void **)&real.fork = dlsym(RTLD_NEXT, "fork");
    *(void **)&real.syscall = dlsym(RTLD_NEXT, "syscall");
}

static struct vtime_page *map_page(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct vtime_page *page;

    if (fd < 0)
        refuse("the page of virtual time is gone; the environment is an old one");
    page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    real.close(fd);
    if (page == MAP_FAILED)
        refuse("no memory for the page of virtual time");
    if (page->magic != VTIME_MAGIC || page->abi != VTIME_ABI || page->size_bytes != sizeof(*page))
        refuse("this shim and the running hayeswire are of different versions");
    return page;
}

static uint64_t read_image(void)
{
    char text[1024];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? real.read(fd, text, sizeof(text) - 1) : -1;
    const char *name_end;

    if (fd >= 0)
        real.close(fd);
    text[len > 0 ? len : 0] = '\0';
    name_end = strrchr(text, ')');
    return name_end ? vtime_image(name_end + 1) : 0;
}

static void on_wake_signal(int number)
{
    shim_woke = 1;
}

static void release_slot(void *arg)
{
    struct vtime_slot *slot = arg;

    atomic_store(&slot->state, VTIME_RUN);
    atomic_store(&slot->used, 0);
    my_slot = NULL;
}

static void after_fork_in_child(void)
{
    my_slot = NULL;
    shim_cond_forked();
    if (shim_ready())
        shim_slot();
}

/* Called from a sanitizer's own start, there is no environment yet: the next call will do. */
static void start(void)
{
    const char *path = environ ? getenv(VTIME_PAGE_VARIABLE) : NULL;
    /* Without SA_RESTART: a wait for a semaphore has to come back. */
    struct sigaction wake = {.sa_handler = on_wake_signal};
    sigset_t set;

    if (!real.clock_gettime) {
        find_waits();
        find_the_rest();
    }
    is_ready = environ != NULL;
    if (!path || !*path)
        return;
    shim_page = map_page(path);
    if (!shim_page->has_time)
        return;
    image = read_image();
    pthread_key_create(&slot_key, release_slot);
    real.sigaction(VTIME_WAKE_SIGNAL, &wake, NULL);
    sigemptyset(&set);
    sigaddset(&set, VTIME_WAKE_SIGNAL);
    real.pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_atfork(NULL, NULL, after_fork_in_child);
    shim_slot();
}

bool shim_ready(void)
{
    if (!is_ready)
        start();
    return shim_page && shim_page->has_time;
}

__attribute__((constructor)) static void construct(void)
{
    shim_ready();
}

/* ---- slots ---- */

static void count_slots(uint32_t count)
{
    uint32_t known = atomic_load(&shim_page->slot_count);

    while (known < count && !atomic_compare_exchange_weak(&shim_page->slot_count, &known, count))
        ;
}

static struct vtime_slot *find_slot(int tid)
{
    for (size_t i = 0; i < atomic_load(&shim_page->slot_count); i++) {
        struct vtime_slot *slot = &shim_page->slots[i];

        if (atomic_load(&slot->used) && atomic_load(&slot->tid) == tid)
            return slot; /* the same thread before an exec */
    }
    for (size_t i = 0; i < VTIME_SLOT_MAX; i++) {
        int expected = 0;

        if (atomic_compare_exchange_strong(&shim_page->slots[i].used, &expected, 1)) {
            count_slots((uint32_t)i + 1);
            return &shim_page->slots[i];
        }
    }
    refuse("more threads at a time than there is room for");
}

struct vtime_slot *shim_slot(void)
{
    int tid;

    if (my_slot)
        return my_slot;
    tid = gettid();
    my_slot = find_slot(tid);
    atomic_store(&my_slot->tid, tid);
    atomic_store(&my_slot->pid, getpid());
    atomic_store(&my_slot->image, image);
    atomic_store(&my_slot->deadline_ns, VTIME_NEVER);
    atomic_store(&my_slot->word, 0);
    atomic_store(&my_slot->state, VTIME_RUN);
    pthread_setspecific(slot_key, my_slot);
    return my_slot;
}

static void ring(void)
{
    if (!atomic_load(&shim_page->is_listening))
        return;
    atomic_fetch_add(&shim_page->bell, 1);
    real.syscall(SYS_futex, &shim_page->bell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The driver would listen in vain for a word of ours. */
__attribute__((destructor)) static void take_leave(void)
{
    if (shim_ready())
        ring();
}

/* It may be a look of a signal's handler inside a wait, whose word is void from now on. */
uint32_t shim_look_begin(struct vtime_slot *slot)
{
    uint32_t look = atomic_load(&slot->look) + 1;

    if (look == 0)
        look = 1;
    atomic_store(&slot->word, 0);
    atomic_store(&slot->look, look);
    return look;
}

uint32_t shim_wait_begin(struct vtime_slot *slot, int64_t deadline_ns, int wake_tid, uint32_t look)
{
    uint32_t seq = atomic_load(&slot->seq) + 1;

    shim_forget_spin();
    atomic_store(&slot->deadline_ns, deadline_ns);
    atomic_store(&slot->order, atomic_fetch_add(&shim_page->order, 1));
    atomic_store(&slot->wake_tid, wake_tid ? wake_tid : atomic_load(&slot->tid));
    atomic_store(&slot->seq, seq);
    atomic_store(&slot->state, VTIME_WAIT);
    atomic_store(&slot->word, look);
    ring();
    return seq;
}

void shim_wait_end(struct vtime_slot *slot)
{
    atomic_store(&slot->word, 0);
    atomic_store(&slot->state, VTIME_RUN);
}

/* ---- waiting ---- */

void shim_count_spin(void)
{
    struct vtime_spin kept;
    int error = errno;

    if (!vtime_spin_strikes(&spin))
        return;
    kept = spin; /* the wait below is not the host's */
    atomic_fetch_add(&shim_page->spins, 1);
    atomic_store(&shim_page->spin_tid, gettid());
    shim_sleep_until(shim_now_ns() + VTIME_SPIN_NS);
    spin = kept;
    errno = error;
}

void shim_forget_spin(void)
{
    spin = (struct vtime_spin){0};
}

int shim_sleep_until(int64_t deadline_ns)
{
    struct vtime_slot *slot = shim_slot();
    bool is_granted = false, is_interrupted = false;
    sigset_t mask;
    uint32_t seq;

    if (deadline_ns <= shim_now_ns())
        return 0;
    real.pthread_sigmask(SIG_BLOCK, NULL, &mask);
    sigdelset(&mask, VTIME_WAKE_SIGNAL);
    shim_woke = 0;
    seq = shim_wait_begin(slot, deadline_ns, 0, 0);
    while (!is_granted && !is_interrupted) {
        /* poll() comes back from every handler, as the sleeps do, even with SA_RESTART. */
        int r = real.ppoll(NULL, 0, NULL, &mask);

        is_granted = shim_is_granted(slot, seq);
        is_interrupted = r < 0 && errno == EINTR && !shim_woke;
        shim_woke = 0;
    }
    shim_wait_end(slot);
    return is_granted ? 0 : EINTR;
}

/*
 * One look and, if it found nothing, one sleep. All signals are held back from the word that we
 * rest to the sleep itself, which lets them through: one that came in between would be handled
 * before the sleep instead of ending it. Return: as the call; with shim_woke, EINTR is the
 * driver's.
 */
static int look_and_sleep(shim_wait_fn fn, void *arg, int64_t deadline_ns,
                          const sigset_t *user_mask)
{
    struct vtime_slot *slot = shim_slot();
    uint32_t look = shim_look_begin(slot);
    int64_t timer_ns;
    sigset_t all, before, mask;
    int r, error;

    shim_woke = 0;
    shim_timerfd_fire();
    r = fn(arg, false, user_mask);
    if (r != 0 || deadline_ns <= shim_now_ns())
        return r;
    timer_ns = shim_timerfd_next();
    sigfillset(&all);
    real.pthread_sigmask(SIG_BLOCK, &all, &before);
    mask = user_mask ? *user_mask : before;
    sigdelset(&mask, VTIME_WAKE_SIGNAL);
    shim_woke = 0;
    shim_wait_begin(slot, timer_ns < deadline_ns ? timer_ns : deadline_ns, 0, look);
    r = fn(arg, true, &mask);
    error = errno;
    shim_wait_end(slot);
    real.pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return r;
}

int shim_wait_for(shim_wait_fn fn, void *arg, int64_t deadline_ns, const sigset_t *user_mask)
{
    int r;

    if (deadline_ns <= shim_now_ns()) {
        shim_look_begin(shim_slot());
        shim_timerfd_fire();
        r = fn(arg, false, user_mask);
        if (r == 0)
            shim_count_spin();
        return r;
    }
    do {
        r = look_and_sleep(fn, arg, deadline_ns, user_mask);
    } while (r < 0 && errno == EINTR && shim_woke);
    return r;
}
