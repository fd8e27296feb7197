/*
 * The driver's side of the preload shim, as its own files see it.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "harness/vtime/backend.h"
#include "harness/vtime/page.h"

struct shim_backend {
    struct vtime_backend base;
    struct vtime_page *page;
    int page_fd, loadavg_fd;
    char *library, *page_path;
    pid_t last_pid;
    pid_t stranger; /* a process without a slot, seen since then */
    uint64_t stranger_since_us;
    uint32_t void_look; /* words of looks up to this one are void; 0 = of none */
    uint32_t deaf_look; /* the look of a wait that bytes were seen not to end; 0 = none */
    bool is_word_due;   /* bytes are to end the wait that the void word was about */
    bool was_resting;   /* by its word, right before bytes were sent */
};

static inline struct shim_backend *shim_of(struct vtime_backend *backend)
{
    return (struct shim_backend *)backend;
}

/* The slot of a thread; NULL when it has none. */
struct vtime_slot *shim_slot_of(const struct shim_backend *shim, pid_t tid);

/* Whether its thread waits, and was not released. */
static inline bool shim_is_waiting(const struct vtime_slot *slot)
{
    return atomic_load(&slot->used) && atomic_load(&slot->state) == VTIME_WAIT &&
           atomic_load(&slot->granted) != atomic_load(&slot->seq);
}

/* ---- shim_word.c ---- */

/* As in struct vtime_backend_ops. */
enum vtime_word shim_word(struct vtime_backend *backend);
void shim_sending(struct vtime_backend *backend);
void shim_sent(struct vtime_backend *backend, size_t len);
void shim_hold_words(struct vtime_backend *backend);
/* Its wait is about to be ended. */
void shim_void_words(struct shim_backend *shim);
/* Sleep until a host is about to wait or to end; for_word: unless it has spoken already. */
void shim_listen(struct shim_backend *shim, unsigned limit_us, bool for_word);
