// SPDX-License-Identifier: MIT

// A day on Go: goroutines, channels, a ticker, and system calls past every C library.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func makeRaw(fd uintptr) {
	var t syscall.Termios
	syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TCGETS, uintptr(unsafe.Pointer(&t)))
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cc[syscall.VMIN], t.Cc[syscall.VTIME] = 1, 0
	syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TCSETS, uintptr(unsafe.Pointer(&t)))
}

func say(words ...interface{}) {
	fmt.Print(time.Now().UTC().Format("02.15:04:05.000 "), fmt.Sprintln(words...))
}

func main() {
	tty, err := os.OpenFile(os.Args[1], os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		panic(err)
	}
	makeRaw(tty.Fd())
	lines := make(chan string, 100)
	go func() {
		scanner := bufio.NewScanner(tty)
		for scanner.Scan() {
			if line := strings.TrimSpace(scanner.Text()); line != "" {
				lines <- line
			}
		}
	}()
	command := func(text string, limit time.Duration) {
		tty.Write([]byte(text + "\r"))
		late := time.After(limit)
		for {
			select {
			case line := <-lines:
				if line == "OK" || line == "ERROR" {
					say(text, line)
					return
				}
			case <-late:
				say(text, "no answer")
				return
			}
		}
	}
	end := time.After(24*time.Hour - 10*time.Second)
	ticker := time.NewTicker(787 * time.Second)
	command("ATE0", 5*time.Second)
	for {
		select {
		case line := <-lines:
			say("URC", line)
		case <-ticker.C:
			command("AT+CSQ", 5*time.Second)
		case <-end:
			say("end")
			return
		}
	}
}
