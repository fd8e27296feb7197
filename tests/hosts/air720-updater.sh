#!/bin/bash
# SPDX-License-Identifier: MIT
#
# air720-updater.sh TTY URL|service: upgrade a Luat Air720 over the air, as its guide asks.
#
# A host as it is written on a gateway that has nothing but a shell: stty, read, printf. UART2, where
# the bootloader tells its progress, is left alone: what counts is said on the AT port.
#
# Exit status: 0 upgraded, or nothing newer; 2 usage; 3 the download failed after all tries; 4 the
# package or the URL is wrong; 5 no room; 6 the version did not change; 7 out of time; 8 refused.

readonly TRIES=3 BACKOFF=10 LIMIT=1800
readonly COMMAND=5   # seconds for a reply
readonly QUERY=15    # no progress for so long: ask for the result
readonly FLASH=300   # writing takes up to three minutes, and may begin anew
readonly REPORT=90   # a silent service costs the module 60 s

say() { printf 'air720-updater.sh: %s\n' "$*" >&2; }
finish() { say "$2"; exit "$1"; }

[ $# -eq 2 ] || finish 2 'usage: air720-updater.sh TTY URL|service'
tty=$1 what=$2
case $what in
  service | http://?*) ;;
  *) finish 2 "not a URL that the module can fetch (plain http:// only): $what" ;;
esac

{ stty -F "$tty" raw -echo clocal 115200 && exec 3<>"$tty"; } || finish 7 "$tty can not be opened"

base='' tries=0
events=()   # lines of the upgrade that came within a reply
piece=''    # of a line that is not over yet

# The next line of the tty into $line; status 1 after $1 seconds without the end of one. A read that
# ran out of time leaves what it got in $part: the rest of that line is still to come.
read_line() {
  local part
  while :; do
    if IFS= read -r -t "$1" -u 3 part; then
      line=$piece${part%$'\r'} piece=''
      line=${line#$'\r'}
      [ -z "$line" ] || return 0
    else
      piece+=$part
      return 1
    fi
  done
}

next_line() {
  if [ ${#events[@]} -gt 0 ]; then
    line=${events[0]} events=("${events[@]:1}")
    return 0
  fi
  read_line "$1"
}

# Send a command. Its lines are in $reply, its result in $result ('' for none in time).
ask() {
  reply='' result=''
  printf '%s\r' "$1" >&3
  while read_line "${2:-$COMMAND}"; do
    case $line in
      "$1") ;; # the echo
      OK | ERROR | '+CME ERROR'*) result=$line; return 0 ;;
      +UPGRADEIND* | +UPGRADEVER* | +UPGRADEDL* | +UPGRADDL* | RDY) events+=("$line") ;;
      *) reply+=$line$'\n' ;;
    esac
  done
  return 1
}

is_late() { [ "$SECONDS" -ge "$LIMIT" ]; }

# AT until it is answered, $1 seconds at most; then what is left of earlier answers is dropped.
synchronise() {
  local stop=$((SECONDS + $1))
  until ask AT 0.5 && [ "$result" = OK ]; do
    [ "$SECONDS" -lt "$stop" ] && ! is_late || return 1
  done
  while read_line 0.2; do
    case $line in OK | AT) ;; *) events+=("$line") ;; esac
  done
}

# The version into $version.
read_version() {
  ask ATI && [ "$result" = OK ] && version=$(grep -o -m 1 'AirM2M_[A-Za-z0-9_]*' <<<"$reply")
}

# Success is another version than before; $1 is what to do otherwise.
judge() {
  say "the module runs $version"
  [ -n "$base" ] || base=$version
  [ "$version" = "$base" ] || finish 0 "upgraded to $version"
}

has_network() {
  ask AT+CREG? && [[ $reply =~ \+CREG:\ ?[0-9],[15] ]] && ask AT+CGATT? && [[ $reply =~ \+CGATT:\ ?1 ]]
}

prepare() {
  local command
  synchronise 60 || return 1
  for command in ATE0 AT+CMEE=1 'AT+IPR=115200;&W' 'AT+UPGRADE="AUTO",0'; do
    ask "$command" && [ "$result" = OK ] || return 1
  done
  read_version || return 1
  judge
  until has_network; do
    is_late && return 1
    read_line 3 && events+=("$line")
  done
}

# A failed attempt: pause before the next one, or give up with status $1.
failed() {
  tries=$((tries + 1))
  say "try $tries of $TRIES failed: $2"
  [ "$tries" -lt "$TRIES" ] || finish "$1" "$2"
  local stop=$((SECONDS + BACKOFF * 2 ** tries))
  while [ "$SECONDS" -lt "$stop" ]; do read_line 1; done
  return 1
}

# Why it ended: state, error, http, cause. Status 0: it goes on.
result() {
  ask AT+UPGRADE? || return 1
  [[ $reply =~ \+UPGRADE:\ ?([0-9]+)(,(-?[0-9]+),([0-9]+),([0-9]+))? ]] || return 0
  local state=${BASH_REMATCH[1]} error=${BASH_REMATCH[3]} http=${BASH_REMATCH[4]} cause=${BASH_REMATCH[5]}
  [ "$state" = 2 ] || { [ "$state" = 1 ]; return; }
  say "the upgrade ended with error $error, HTTP $http, cause $cause"
  case $error,$cause in
    0,*) return 0 ;;
    -1000,*) finish 4 'the URL is invalid (-1000)' ;;
    -1003,0) finish 4 'the package is not for this module (-1003)' ;;
    -1003,27) finish 0 'nothing is newer (27)' ;;
    -1003,43) failed 8 'the package is being made (43)' ;;
    -1003,*) finish 8 "the service refuses the module (cause $cause)" ;;
    -1005,*) finish 5 'the module has no room (-1005)' ;;
    *) failed 3 "the download failed ($error)" ;;
  esac
}

verify() {
  synchronise 20 && read_version || return 0 # it will say when it is there
  judge
  case $1 in
    loaded) failed 6 'the version did not change' ;;
    *) return 1 ;;
  esac
}

# Follow the upgrade. Status 1: begin anew.
watch() {
  local phase=asked limit=$QUERY
  while :; do
    is_late && finish 7 'out of time'
    if ! next_line "$limit"; then
      case $phase in
        asked) result || return 1 ;;
        *) verify "$phase" || return 1 ;;
      esac
      continue
    fi
    case $line in
      '+UPGRADEIND: -'*) result || return 1 ;;
      '+UPGRADEIND: 100') phase=loaded limit=$FLASH; say downloaded ;;
      +UPGRADEDL* | +UPGRADDL*) phase=loaded limit=$FLASH ;;
      '+UPGRADEVER: "'*) limit=$REPORT ;;
      '+UPGRADEVER: 0') say 'the service was not told; the upgrade is complete'; verify told || return 1 ;;
      '+UPGRADEVER: 1') verify told || return 1 ;;
      RDY) if [ "$phase" = loaded ]; then limit=$REPORT; else verify "$phase" || return 1; fi ;;
    esac
  done
}

while :; do
  is_late && finish 7 'out of time'
  prepare || continue
  if [ ${#events[@]} -eq 0 ] || [[ ! ${events[*]} =~ UPGRADEIND ]]; then
    events=()
    say "asking for $what"
    if [ "$what" != service ]; then ask "AT+UPGRADE=\"URL\",\"$what\""; fi
    ask AT+UPGRADE || continue # an ERROR means that one runs already: it is followed like ours
  fi
  watch
done
