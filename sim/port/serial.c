/*
 * A tty that somebody else has made: a serial device with a board on the wire, or the slave side
 * of an emulator's own pty, whose path may become known only when the emulator has printed it.
 *
 * The other side's rate can not be seen from here, so that port_baud() is 0 (every rate fits), and
 * its opens and closes are invisible: an open tty counts as one host.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "sim/port/port.h"
#include "sim/port/rate.h"
#include "sim/port/stream.h"

struct serial {
    struct stream stream; /* first */
    long baud;            /* 0 = leave the rate as it is: a pty has none */
};

static void tell_hosts(struct port *port, unsigned hosts)
{
    if (port->hosts == hosts)
        return;
    port->hosts = hosts;
    if (port->up->hosts)
        port->up->hosts(port->arg, hosts);
}

static void serial_detach(struct port *port)
{
    stream_close((struct stream *)port);
    tell_hosts(port, 0);
}

static void serial_gone(struct stream *stream)
{
    serial_detach(&stream->port); /* unplugged, or the emulator ended */
}

static int set_raw(int fd, long baud)
{
    struct termios settings;

    if (tcgetattr(fd, &settings) < 0)
        return -errno;
    cfmakeraw(&settings);
    settings.c_cflag |= CREAD | CLOCAL | CS8;
    settings.c_cflag &= ~(tcflag_t)(CRTSCTS | CSTOPB | HUPCL);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    if (baud > 0)
        cfsetspeed(&settings, rate_to_speed(baud));
    return tcsetattr(fd, TCSANOW, &settings) < 0 ? -errno : 0;
}

static int open_tty(struct serial *serial)
{
    int fd = open(serial->stream.port.path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), r;

    if (fd < 0)
        return -errno;
    r = set_raw(fd, serial->baud);
    if (r == 0)
        r = stream_open(&serial->stream, fd);
    if (r < 0)
        close(fd);
    return r;
}

static int serial_attach(struct port *port)
{
    struct serial *serial = (struct serial *)port;
    int r;

    if (serial->stream.fd >= 0 || !port->path)
        return 0;
    r = open_tty(serial);
    if (r == 0)
        tell_hosts(port, 1);
    return r;
}

static void serial_flush(struct port *port)
{
    struct serial *serial = (struct serial *)port;

    if (serial->stream.fd >= 0 && serial->baud > 0)
        tcflush(serial->stream.fd, TCOFLUSH); /* what waits for the wire dies with the UART */
    stream_discard(&serial->stream);
}

static long serial_baud(struct port *port)
{
    return 0;
}

static bool serial_peer_echoes(struct port *port)
{
    return false;
}

static void serial_free(struct port *port)
{
    struct stream *stream = (struct stream *)port;

    stream_close(stream);
    buf_deinit(&stream->queue);
    free(port->path);
    free(port);
}

static const struct port_ops serial_ops = {
    .write = stream_write,
    .flush = serial_flush,
    .baud = serial_baud,
    .peer_echoes = serial_peer_echoes,
    .attach = serial_attach,
    .detach = serial_detach,
    .free = serial_free,
};

int serial_port_new(struct loop *loop, const struct port_up *up, void *arg, const char *path,
                    long baud, struct port **port_out)
{
    struct serial *serial;
    int r;

    if (baud != 0 && rate_to_speed(baud) == B0)
        return -EINVAL;
    serial = xcalloc(1, sizeof(*serial));
    serial->stream.port = (struct port){.ops = &serial_ops, .up = up, .arg = arg};
    serial->stream.loop = loop;
    serial->stream.fd = -1;
    serial->stream.gone = serial_gone;
    serial->stream.port.path = xstrdup(path);
    serial->baud = baud;
    r = path ? open_tty(serial) : 0;
    if (r < 0) {
        serial_free(&serial->stream.port);
        return r;
    }
    serial->stream.port.hosts = path != NULL; /* the owner is not ready to be told */
    *port_out = &serial->stream.port;
    return 0;
}

int serial_port_set_rate(struct port *port, long baud)
{
    struct serial *serial = (struct serial *)port;
    struct termios settings;
    speed_t speed = rate_to_speed(baud);

    if (speed == B0)
        return -EINVAL;
    if (serial->stream.fd < 0)
        return 0;
    if (tcgetattr(serial->stream.fd, &settings) < 0)
        return -errno;
    cfsetspeed(&settings, speed);
    return tcsetattr(serial->stream.fd, TCSANOW, &settings) < 0 ? -errno : 0;
}

bool port_is_serial(const struct port *port)
{
    return port->ops == &serial_ops;
}

int serial_port_point(struct port *port, const char *path)
{
    serial_detach(port);
    xstrset(&port->path, path);
    return serial_attach(port);
}
