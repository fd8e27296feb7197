/* SPDX-License-Identifier: MIT */
#include "harness/vtime/choose.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "harness/program.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define SCRIPT_DEPTH_MAX 4
#define SEGMENT_MAX      128
#define NOTE_BYTES_MAX   65536u
#define DYNAMIC_MAX      4096u

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#else
#define OWN_MACHINE EM_NONE
#endif

struct elf {
    int fd;
    Elf64_Ehdr head;
    Elf64_Phdr segments[SEGMENT_MAX];
    size_t count;
};

static bool read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    return pread(fd, bytes, size, (off_t)offset) == (ssize_t)size;
}

static const Elf64_Phdr *segment(const struct elf *elf, uint32_t type, size_t nth)
{
    for (size_t i = 0; i < elf->count; i++) {
        if (elf->segments[i].p_type == type && nth-- == 0)
            return &elf->segments[i];
    }
    return NULL;
}

/* Return: whether it is a 64-bit ELF file for this machine. */
static bool elf_read(struct elf *elf)
{
    if (!read_at(elf->fd, &elf->head, sizeof(elf->head), 0) ||
        memcmp(elf->head.e_ident, ELFMAG, SELFMAG) != 0 ||
        elf->head.e_ident[EI_CLASS] != ELFCLASS64 || elf->head.e_machine != OWN_MACHINE ||
        elf->head.e_phentsize != sizeof(Elf64_Phdr))
        return false;
    elf->count = elf->head.e_phnum < SEGMENT_MAX ? elf->head.e_phnum : SEGMENT_MAX;
    return read_at(elf->fd, elf->segments, elf->count * sizeof(Elf64_Phdr), elf->head.e_phoff);
}

/* Go's linker leaves a note; its programs call the kernel by themselves, dynamic or not. */
static bool is_go(const struct elf *elf)
{
    const Elf64_Phdr *notes;
    bool found = false;

    for (size_t i = 0; !found && (notes = segment(elf, PT_NOTE, i)) != NULL; i++) {
        size_t size = notes->p_filesz < NOTE_BYTES_MAX ? notes->p_filesz : NOTE_BYTES_MAX;
        char *bytes = xcalloc(1, size + 1);

        if (read_at(elf->fd, bytes, size, notes->p_offset))
            found = memmem(bytes, size, "Go\0\0\4\0\0\0", 4) != NULL;
        free(bytes);
    }
    return found;
}

/* The place in the file of an address in memory. */
static bool offset_of(const struct elf *elf, uint64_t address, uint64_t *offset_out)
{
    for (size_t i = 0; i < elf->count; i++) {
        const Elf64_Phdr *load = &elf->segments[i];

        if (load->p_type == PT_LOAD && address >= load->p_vaddr &&
            address - load->p_vaddr < load->p_filesz) {
            *offset_out = address - load->p_vaddr + load->p_offset;
            return true;
        }
    }
    return false;
}

/* The name of the library that the program needs and that begins so; "" if there is none. */
static void find_library(const struct elf *elf, const char *prefix, char name[32])
{
    const Elf64_Phdr *dynamic = segment(elf, PT_DYNAMIC, 0);
    uint64_t needed[64], strings = 0, offset;
    size_t count = 0;
    Elf64_Dyn entry;

    for (uint64_t i = 0; dynamic && i < DYNAMIC_MAX; i++) {
        if (!read_at(elf->fd, &entry, sizeof(entry), dynamic->p_offset + i * sizeof(entry)) ||
            entry.d_tag == DT_NULL)
            break;
        if (entry.d_tag == DT_STRTAB)
            strings = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_NEEDED && count < ARRAY_LEN(needed))
            needed[count++] = entry.d_un.d_val;
    }
    name[0] = '\0';
    if (!offset_of(elf, strings, &offset))
        return;
    for (size_t i = 0; i < count; i++) {
        if (pread(elf->fd, name, 31, (off_t)(offset + needed[i])) > 0 &&
            strncmp(name, prefix, strlen(prefix)) == 0)
            return;
    }
    name[0] = '\0';
}

static bool has_glibc_loader(const struct elf *elf, const Elf64_Phdr *interpreter)
{
    char path[PATH_MAX] = "";
    size_t size = interpreter->p_filesz < sizeof(path) ? interpreter->p_filesz : sizeof(path) - 1;

    return read_at(elf->fd, path, size, interpreter->p_offset) && strstr(path, "/ld-linux");
}

static struct vtime_choice judge(const struct elf *elf, struct buf *reason_out)
{
    const Elf64_Phdr *interpreter = segment(elf, PT_INTERP, 0);
    struct vtime_choice choice = {.way = VTIME_WAY_PTRACE, .is_go = is_go(elf)};

    if (choice.is_go) {
        buf_add_text(reason_out, "a Go program");
    } else if (!interpreter) {
        buf_add_text(reason_out, "static");
    } else if (!has_glibc_loader(elf, interpreter)) {
        buf_add_text(reason_out, "not built for the GNU C library");
    } else {
        buf_add_text(reason_out, "dynamic");
        choice.way = VTIME_WAY_SHIM;
    }
    find_library(elf, "libasan.", choice.asan);
    return choice;
}

/* A program that gains rights at its start may be looked into by nobody. */
static const char *gains_rights(int fd)
{
    struct stat info;

    if (fstat(fd, &info) < 0)
        return NULL;
    if ((info.st_mode & S_ISUID) && info.st_uid != geteuid())
        return "setuid";
    if ((info.st_mode & S_ISGID) && info.st_gid != getegid())
        return "setgid";
    if (geteuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0)
        return "it has file capabilities";
    return NULL;
}

/* "#!/usr/bin/env -S python3 -u" to python3's file. Return: it, or NULL when there is none. */
static char *interpreter_of(char *line)
{
    char *rest = line + 2 + strspn(line + 2, " \t"), *word = strsep(&rest, " \t\n"), *path = NULL;
    struct buf ignored = {0};

    if (!word || !*word)
        return NULL;
    if (strcmp(strrchr(word, '/') ? strrchr(word, '/') + 1 : word, "env") != 0)
        return xstrdup(word);
    while ((word = strsep(&rest, " \t\n")) != NULL) {
        if (*word && *word != '-' && !strchr(word, '='))
            break;
    }
    if (word && program_find(word, &path, &ignored) < 0)
        path = NULL;
    buf_deinit(&ignored);
    return path;
}

static struct vtime_choice choose(const char *program, unsigned depth, struct buf *reason_out)
{
    struct elf elf = {.fd = open(program, O_RDONLY | O_CLOEXEC)};
    struct vtime_choice choice = {.way = VTIME_WAY_NONE};
    char line[PATH_MAX] = "";
    const char *rights;

    if (elf.fd < 0) {
        buf_printf(reason_out, "it cannot be read: %s", strerror(errno));
        return choice;
    }
    rights = gains_rights(elf.fd);
    if (rights) {
        buf_add_text(reason_out, rights);
    } else if (elf_read(&elf)) {
        choice = judge(&elf, reason_out);
    } else if (pread(elf.fd, line, sizeof(line) - 1, 0) > 2 && line[0] == '#' && line[1] == '!' &&
               depth < SCRIPT_DEPTH_MAX) {
        char *interpreter = interpreter_of(line);

        if (interpreter)
            choice = choose(interpreter, depth + 1, reason_out);
        else
            buf_add_text(reason_out, "its interpreter is not found");
        free(interpreter);
    } else {
        buf_add_text(reason_out, "not a 64-bit program for this machine");
    }
    close(elf.fd);
    return choice;
}

struct vtime_choice vtime_choose(const char *program, struct buf *reason_out)
{
    return choose(program, 0, reason_out);
}

const char *vtime_ptrace_obstacle(void)
{
#if !defined(__x86_64__)
    return "ptrace works on x86-64 only";
#else
    char text[8] = "";
    int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        if (read(fd, text, sizeof(text) - 1) < 0)
            text[0] = '\0';
        close(fd);
    }
    if (text[0] == '3' || (text[0] == '2' && geteuid() != 0))
        return "kernel.yama.ptrace_scope forbids to look into programs (1 would do)";
    return NULL;
#endif
}

char *vtime_shim_library(void)
{
    static const char *const places[] = {"vtime/",
                                         "",
                                         "../lib/hayeswire/",
                                         "../lib/x86_64-linux-gnu/hayeswire/",
                                         "../lib64/hayeswire/",
                                         "../harness/vtime/"};
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    self[len > 0 ? len : 0] = '\0';
    slash = strrchr(self, '/');
    if (!slash)
        return NULL;
    slash[1] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        char *path = xasprintf("%s%slibhayeswire-vtime.so", self, places[i]), *real;

        real = realpath(path, NULL);
        free(path);
        if (real)
            return real;
    }
    return NULL;
}
