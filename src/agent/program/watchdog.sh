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

write_undo() { # RUN UNDO
  printf '%s' "$2" >"$lock/arming" &&
    printf '%s\nwatchdog "$@"\n' "$program" >"$lock/program" &&
    true >"$lock/lease.0" && mv "$lock/arming" "$lock/armed.$1"
}

# Under systemd the watchdog is a service: systemd may end all processes of a session when the session ends.
start_watchdog() { # RUN LEASE
  our_dog=
  [ ! -h "$lock/watchdog" ] || rm -f "$lock/watchdog"
  if [ -d /run/systemd/system ] &&
    systemd-run --unit="fw-run-watchdog-$1-$$" /bin/sh "$lock/program" "$1" "$2" >/dev/null 2>&1; then
    served=yes
  else
    served=
    setsid /bin/sh "$lock/program" "$1" "$2" </dev/null >/dev/null 2>&1 &
    child=$!
  fi
}

watched_over() { # RUN LEASE: waits until the watchdog runs
  if watchdog_signs; then
    # Some setsid start it as a child of theirs.
    [ -n "$served" ] || ! started "$child" || [ "$its_session" != "$child" ] || our_dog="$child $birth"
    return 0
  fi
  if [ -n "$served" ]; then
    setsid /bin/sh "$lock/program" "$1" "$2" </dev/null >/dev/null 2>&1 &
    ! watchdog_signs || return 0
  fi
  why="the watchdog did not start within $patience s, by systemd-run or by setsid"
  return 1
}

watchdog_signs() {
  look
  deadline=$((uptime + patience))
  until [ -h "$lock/watchdog" ]; do
    sleep 0.02 || sleep 1
    look
    [ "$uptime" -le "$deadline" ] || return 1
  done
} 2>/dev/null

watchdog() { # RUN LEASE
  trap '' HUP INT PIPE
  owner
  [ "$run" = "$1" ] || exit 1
  agent=$pid
  agent_since=$since
  agent_session=$session
  started "$$" && true >"$lock/watching.$$" && ln -sn "$$ $birth" "$lock/watchdog" || exit 1
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

# Ends the watchdog when its lock is gone: then the transaction has ended without it. A file of its own tells its lock from a
# later one; reading the link would take a process each second.
stand_by() {
  [ -e "$lock/watching.$$" ] || {
    clear_away
    exit 0
  }
}

neglected() { # LEASE; sets $cause
  look
  if [ -e "$lock/lease.0" ]; then now=0; else now=1; fi
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
}
