# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The watchdog: a process outside the agent's session, which it outlives. It ends the transaction when the agent is gone,
# or when the runner was not heard for the lease.

# Writes the undo, starts the watchdog and waits until that runs. Before that, nothing may be changed.
arm() { # RUN LEASE UNDO
  out=$({
    printf '%s' "$3" >"$lock/arming" &&
      printf '%s\nwatchdog "$@"\n' "$program" >"$lock/program" &&
      : >"$lock/lease.0" && mv "$lock/arming" "$lock/armed.$1"
  } 2>&1) || {
    why="cannot write to $lock: $out"
    return 1
  }
  watch_over "$1" "$2"
}

# Under systemd the watchdog is a service: systemd may end all processes of a session when the session ends.
watch_over() { # RUN LEASE
  [ ! -h "$lock/watchdog" ] || rm -f "$lock/watchdog"
  if [ -d /run/systemd/system ] &&
    systemd-run --unit="fw-run-watchdog-$1-$$" /bin/sh "$lock/program" "$1" "$2" >/dev/null 2>&1 &&
    watchdog_signs; then
    return
  fi
  setsid /bin/sh "$lock/program" "$1" "$2" </dev/null >/dev/null 2>&1 &
  watchdog_signs || {
    why="the watchdog did not start within $patience s, by systemd-run or by setsid"
    return 1
  }
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

look() { # sets $uptime, in seconds: a clock that nobody can set
  read -r uptime _ </proc/uptime
  uptime=${uptime%.*}
}

watchdog() { # RUN LEASE
  trap '' HUP INT PIPE
  owner
  [ "$run" = "$1" ] || exit 1
  agent=$pid
  agent_since=$since
  agent_session=$session
  started "$$" && ln -sn "$$ $birth" "$lock/watchdog" || exit 1
  sign=
  until neglected "$2"; do
    sleep 1
    stand_by "$1"
  done
  version=$(iptables -V 2>&1)
  tries=60
  until end_session "$agent_session" "$agent_since" && stand_by "$1" && end_transaction; do
    tries=$((tries - 1))
    note "not-rolled-back$tab$1$tab$(now_utc)$tab$why"
    [ "$tries" -gt 0 ] || exit 1
    sleep 5
  done
  owned=$1
  unlock
}

# Ends the watchdog when its lock is gone: then the transaction has ended without it.
stand_by() { # RUN
  signed=$(readlink "$lock/watchdog")
  [ "${signed% *}" = "$$" ] || {
    clear_away
    exit 0
  }
}

neglected() { # LEASE; sets $cause
  look
  if [ -e "$lock/lease.0" ]; then now=0; else now=1; fi
  if [ "$sign" != "$now" ]; then
    sign=$now
    heard=$uptime
  fi
  if ! started "$agent" || [ "$birth" != "$agent_since" ]; then
    cause=session-ended
  elif [ "$((uptime - heard))" -ge "$1" ]; then
    cause=unheard$tab$1
  else
    return 1
  fi
}
