/* SPDX-License-Identifier: MIT */
/*
 * lines TTY: asks for the modem-control lines as a host on a serial port would: drops DTR for a
 * second, and waits for the ring that announces a URC.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void say(const char *when, int tty)
{
    int bits = 0;

    if (ioctl(tty, TIOCMGET, &bits) < 0) {
        printf("%s: %s\n", when, strerror(errno));
    } else {
        printf("%s:%s%s%s%s%s%s\n", when, bits & TIOCM_DTR ? " DTR" : "",
               bits & TIOCM_RTS ? " RTS" : "", bits & TIOCM_CTS ? " CTS" : "",
               bits & TIOCM_DSR ? " DSR" : "", bits & TIOCM_CD ? " DCD" : "",
               bits & TIOCM_RI ? " RI" : "");
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int tty = argc == 2 ? open(argv[1], O_RDWR | O_NOCTTY) : -1, dtr = TIOCM_DTR;

    if (tty < 0)
        return 2;
    say("open", tty);
    ioctl(tty, TIOCMBIC, &dtr);
    say("DTR dropped", tty);
    sleep(1);
    ioctl(tty, TIOCMBIS, &dtr);
    say("DTR raised", tty);
    if (ioctl(tty, TIOCMIWAIT, TIOCM_RI) < 0)
        return 1;
    say("ring", tty);
    ioctl(tty, TIOCMIWAIT, TIOCM_RI);
    say("ring over", tty);
    return 0;
}
