# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The watchdog: a process outside the agent's session, which it outlives. It ends the transaction when the agent is gone,
# or when the runner was not heard for the lease.

# Writes the undo and starts the watchdog. Nothing may be changed before watched_over.
arm() { # RUN LEASE UNDO
  # If it fails, it is tried again in a subshell, which catches the message of the shell itself.
  write_undo "$1" "$3" 2>/dev/null || out=$(write_undo "$1" "$3" 2>&1) || {
    why="cannot write to $lock: $out"
    return 1
  }
  armed=$1
  armed_undo=$3
  look
  shown_at=$uptime
  start_watchdog "$1" "$2"
}

# The lease comes last: without it, the undo is not whole (end_transaction). That of a dead run, or of a try that failed,
# goes first.
write_undo() { # RUN UNDO
  ! leased || rm -f "$lock/lease" "$lock/lease.0" "$lock/lease.1" || return 1
  printf '%s' "$2" >"$lock/armed.$1" &&
    printf '%s\nwatchdog "$@"\n' "$program" >"$lock/program" &&
    echo 0 >"$lock/lease"
}

# Under systemd the watchdog is a service: systemd may end all processes of a session when the session ends.
start_watchdog() { # RUN LEASE
  # That of an earlier version is a link to nothing.
  { [ ! -e "$lock/watchdog" ] && [ ! -h "$lock/watchdog" ]; } || rm -f "$lock/watchdog"
  started "$$"
  set -- /bin/sh "$lock/program" "$1" "$2" "$$" "$birth" "$its_session"
  if [ -d /run/systemd/system ] && systemd-run --unit="fw-run-watchdog-$3-$$" "$@" >/dev/null 2>&1; then
    served=yes
  else
    served=
    setsid "$@" </dev/null >/dev/null 2>&1 &
  fi
}

watched_over() { # RUN LEASE: waits until the watchdog runs
  ! watchdog_signs || return 0
  if [ -n "$served" ]; then
    started "$$"
    setsid /bin/sh "$lock/program" "$1" "$2" "$$" "$birth" "$its_session" </dev/null >/dev/null 2>&1 &
    ! watchdog_signs || return 0
  fi
  why="the watchdog did not start within $patience s, by systemd-run or by setsid"
  return 1
}

watchdog_signs() {
  look
  deadline=$((uptime + patience))
  until [ -s "$lock/watchdog" ]; do
    sleep 0.02 || sleep 1
    look
    [ "$uptime" -le "$deadline" ] || return 1
  done
} 2>/dev/null

# Ends at once where it comes too late: the transaction is over, or the lock has an heir.
watchdog() { # RUN LEASE PID SINCE SESSION; the last three are the agent's
  trap '' HUP INT PIPE
  agent=$3
  agent_since=$4
  agent_session=$5
  [ -e "$lock/armed.$1" ] && [ ! -h "$lock/heir.$agent.$agent_since" ] && started "$$" && put_signature || exit 1
  sign=
  until neglected "$2"; do
    sleep 1
    stand_by
  done
  start_clock "$limit"
  learn_version
  tries=60
  until end_session "$agent_session" "$agent_since" && stand_by && end_transaction; do
    tries=$((tries - 1))
    [ "$state" = committed ] || note "not-rolled-back$tab$1$tab$(now_utc)$tab$why"
    [ "$tries" -gt 0 ] || break
    sleep 5
  done
  stop_clock
  [ "$tries" -gt 0 ] || exit 1
  owned=$1
  unlock
}

# Signs as the watchdog, which only one can do, and only while its lock is there.
put_signature() {
  signature="$$ $birth"
  set -C
  printf '%s\n' "$signature" >"$lock/watchdog"
  set -- "$?"
  set +C
  return "$1"
} 2>/dev/null

# Ends the watchdog when its lock is gone: then the transaction has ended without it.
stand_by() {
  signed=
  read -r signed <"$lock/watchdog"
  [ "$signed" = "$signature" ] || {
    clear_away
    exit 0
  }
} 2>/dev/null

neglected() { # LEASE; sets $cause
  look
  now=
  read -r now <"$lock/lease"
  if [ "$sign" != "$now" ]; then
    sign=$now
    sign_at=$uptime
  fi
  if ! started "$agent" || [ "$birth" != "$agent_since" ]; then
    cause=session-ended
  elif [ "$((uptime - sign_at))" -ge "$1" ]; then
    cause=unheard$tab$1
  else
    return 1
  fi
} 2>/dev/null
