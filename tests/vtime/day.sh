#!/bin/bash
# SPDX-License-Identifier: MIT
# A day in a shell: read -t, sleep, date, and a process for each.
exec 3<>"$1"
stty -F "$1" raw -echo

say() {
  echo "$(date -u +%d.%H:%M:%S.%N) $*"
}

start=$(date +%s)
polls=0
while [ $(($(date +%s) - start)) -lt 86400 ]; do
  printf 'AT+CSQ\r' >&3
  answer=none
  while IFS= read -r -t 5 -u 3 line; do
    line=${line%$'\r'}
    if [ "$line" = OK ]; then
      answer=OK
      break
    fi
  done
  say "AT+CSQ $answer"
  polls=$((polls + 1))
  sleep 870
done
say "end $polls"
timeout 60 cat <&3 >/dev/null
say "cat is done"
