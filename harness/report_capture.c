/* A pcapng file, or an asciicast, for each case. SPDX-License-Identifier: MIT */
#include "harness/capture.h"
#include "harness/recording.h"
#include "harness/report.h"

typedef void (*write_fn)(const struct recording *recording, FILE *file);

static void write_case(struct report *report, const struct trial_case *item, const char *suffix,
                       write_fn write)
{
    struct recording own;
    const struct recording *recording = report_recording(report, item, &own);
    char *path;
    FILE *file = recording ? report_open_case(report, item, suffix, &path) : NULL;

    if (file) {
        write(recording, file);
        report_close_case(report, file, path);
    }
    recording_deinit(&own);
}

static void tell_pcapng(struct report *report, const struct trial_case *item)
{
    write_case(report, item, ".pcapng", capture_write_pcapng);
}

static void tell_asciicast(struct report *report, const struct trial_case *item)
{
    write_case(report, item, ".cast", capture_write_asciicast);
}

const struct reporter reporter_pcapng = {
    .name = "pcapng",
    .target = REPORT_TO_FOLDER,
    .needs_trace = true,
    .tell = tell_pcapng,
};

const struct reporter reporter_asciicast = {
    .name = "asciicast",
    .target = REPORT_TO_FOLDER,
    .needs_trace = true,
    .tell = tell_asciicast,
};
