/*
 * The word of a host: that it rests. It saves looking into /proc, which costs more than many a turn
 * of a host.
 *
 * A host of one thread can be woken by nobody but us. Before it waits for descriptors it looks at
 * them, and if there was nothing, its wait is its word that it rests (see page.h). The word holds
 * until something reaches the host; then that look, and every look that may have been before it, is
 * void, and the next one speaks. What counts is when a look has begun: it makes the kernel deliver
 * what its worker still holds back, so it sees whatever was written before.
 *
 * Only what is void is judged here. Whether words are worth anything at all at the moment is the
 * driver's matter: after a signal, for one, only a look into /proc will do.
 * SPDX-License-Identifier: MIT
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness/vtime/shim_private.h"

#define ONE_PIECE_MAX 1024 /* bytes of a write that a tty surely takes in one piece */

static const struct vtime_slot *slot_of_only_one(const struct shim_backend *shim)
{
    const struct vtime_tasks *tasks = &shim->base.tasks;

    return tasks->count == 1 ? shim_slot_of(shim, tasks->items[0]->tid) : NULL;
}

enum vtime_word shim_word(struct vtime_backend *backend)
{
    const struct shim_backend *shim = shim_of(backend);
    const struct vtime_slot *slot = slot_of_only_one(shim);
    uint32_t look;

    if (!slot || atomic_load(&slot->image) != backend->tasks.items[0]->image)
        return VTIME_WORD_NONE;
    look = atomic_load(&slot->word);
    if (look != 0 && look != shim->void_look && shim_is_waiting(slot))
        return VTIME_WORD_RESTS;
    return shim->is_word_due ? VTIME_WORD_AWAITED : VTIME_WORD_NONE;
}

void shim_void_words(struct shim_backend *shim)
{
    const struct vtime_slot *slot = slot_of_only_one(shim);
    uint32_t word = slot ? atomic_load(&slot->word) : 0;

    shim->void_look = slot ? atomic_load(&slot->look) : 0;
    /* A stopped one will not speak, nor one that waits for something else than bytes. */
    shim->is_word_due = word != 0 && word != shim->deaf_look &&
                        shim->base.tasks.items[0]->state == 'S';
}

/* Nothing but these bytes can wake a host that rests: all that it says from now on is good. */
void shim_sending(struct vtime_backend *backend)
{
    struct shim_backend *shim = shim_of(backend);

    shim->was_resting = shim_word(backend) == VTIME_WORD_RESTS;
    if (shim->was_resting)
        shim_void_words(shim);
}

/*
 * If it did not rest, a look that it has begun meanwhile may have been before these bytes: void as
 * well. So it is if the bytes were too many for the kernel to take them in one piece.
 */
void shim_sent(struct vtime_backend *backend, size_t len)
{
    struct shim_backend *shim = shim_of(backend);
    const struct vtime_slot *slot = slot_of_only_one(shim);

    if ((shim->was_resting && len <= ONE_PIECE_MAX) || !slot ||
        atomic_load(&slot->look) == shim->void_look)
        return;
    shim->void_look = atomic_load(&slot->look);
    shim->is_word_due = false;
}

void shim_hold_words(struct vtime_backend *backend)
{
    struct shim_backend *shim = shim_of(backend);
    const struct vtime_slot *slot = slot_of_only_one(shim);

    /* It sleeps as before, and has slept through whatever made its word void. */
    if (slot && shim->void_look != 0 && atomic_load(&slot->word) == shim->void_look)
        shim->deaf_look = shim->void_look;
    shim->void_look = 0;
    shim->is_word_due = false;
}

/*
 * The bell is rung only while somebody listens: what was said before is looked for once more, or it
 * would be waited for in vain.
 */
void shim_listen(struct shim_backend *shim, unsigned limit_us, bool for_word)
{
    struct vtime_page *page = shim->page;
    uint32_t bell = atomic_load(&page->bell);
    struct timespec limit = {.tv_nsec = (long)limit_us * 1000};

    atomic_store(&page->is_listening, 1);
    if (!for_word || shim_word(&shim->base) != VTIME_WORD_RESTS)
        syscall(SYS_futex, &page->bell, FUTEX_WAIT, bell, &limit, NULL, 0);
    atomic_store(&page->is_listening, 0);
}
