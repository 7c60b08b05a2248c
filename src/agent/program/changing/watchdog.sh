# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The watchdog: a process outside the agent's session, which it outlives. It ends the transaction when the agent is gone,
# or when the runner was not heard for the lease. Where the host can start no process for a while, it comes back.

# Writes the undo and starts the watchdog. Nothing may be changed before watched_over.
arm() { # RUN LEASE UNDO
  # If it fails, it is tried again in a subshell, which catches the message of the shell itself.
  write_undo "$1" "$3" 2>/dev/null || out=$(write_undo "$1" "$3" 2>&1) || {
    why="cannot write to $lock: ${out:-is /run full?}"
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
    printf '%s\n"$@"\n' "$program" >"$lock/program" &&
    echo 0 >"$lock/lease"
}

# Under systemd the watchdog is a service: systemd may end all processes of a session when the session ends. Each has a name of its
# own, because systemd keeps that of one that was killed.
start_watchdog() { # RUN LEASE
  dogs=$((dogs + 1))
  # That of an earlier version is a link to nothing.
  { [ ! -e "$lock/watchdog" ] && [ ! -h "$lock/watchdog" ]; } || rm -f "$lock/watchdog"
  started "$$"
  set -- /bin/sh "$lock/program" watchdog "$1" "$2" "$$" "$birth" "$its_session"
  if [ -d /run/systemd/system ] && { (exec systemd-run --unit="fw-run-watchdog-$4-$$-$dogs" "$@" 8</dev/null); } >/dev/null 2>&1; then
    served=yes
  else
    served=
    setsid "$@" </dev/null >/dev/null 2>&1 &
  fi
}

dogs=0

watched_over() { # RUN LEASE: waits until the watchdog runs
  ! watchdog_signs || return 0
  if [ -n "$served" ]; then
    started "$$"
    setsid /bin/sh "$lock/program" watchdog "$1" "$2" "$$" "$birth" "$its_session" </dev/null >/dev/null 2>&1 &
    ! watchdog_signs || return 0
  fi
  why="the watchdog did not start within $patience s (by systemd-run or setsid). It is the process that rolls this host back if fw-run dies. The host may be overloaded"
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

# Ends at once where it comes too late: the transaction is over, or the lock has an heir. One that comes back (come_back) is
# told what it had seen before.
watchdog() { # RUN LEASE PID SINCE SESSION [SIGN SIGN_AT CAUSE CLOCK]; PID, SINCE and SESSION are the agent's
  trap '' HUP INT PIPE
  exec 3<&- 4<&- 5<&- 6<&- 8<&- 9<&-
  watched_run=$1
  lease=$2
  agent=$3
  agent_since=$4
  agent_session=$5
  sign=${6-}
  sign_at=${7-0}
  cause=${8-}
  clock=${9-}
  # As its agent. Systemd starts it elsewhere.
  cd "$lock" 2>/dev/null || exit 0
  started "$$"
  signature="$$ $birth"
  if [ "$#" -gt 5 ]; then
    signed || exit 0
    breathe
  else
    [ -e "$lock/armed.$1" ] && [ ! -h "$lock/heir.$agent.$agent_since" ] && put_signature || exit 0
  fi
  # Bash would come back also when a signal ends it.
  trap 'end_watch 0' TERM
  # shellcheck disable=SC2016 # as in come_back
  come_back 'watchdog "$watched_run" "$lease" "$agent" "$agent_since" "$agent_session" "$sign" "$sign_at" "$cause" "$clock"'
  [ -n "$cause" ] || until neglected "$2"; do
    sleep 1
    stand_by
  done
  clock_lives || start_lasting_clock
  learn_version
  tries=60
  until end_agent "$agent" "$agent_since" "$agent_session" && stand_by && end_transaction; do
    tries=$((tries - 1))
    [ "$state" = committed ] || note "not-rolled-back$tab$1$tab$(now_utc)$tab$why"
    [ "$tries" -gt 0 ] || break
    sleep 5
  done
  stop_clock
  [ "$tries" -gt 0 ] || end_watch 1
  owned=$1
  unlock
  end_watch 0
}

end_watch() { # CODE
  trap - EXIT
  exit "$1"
}

# Signs as the watchdog, which only one can do, and only while its lock is there.
put_signature() {
  set -C
  printf '%s\n' "$signature" >"$lock/watchdog"
  set -- "$?"
  set +C
  return "$1"
} 2>/dev/null

signed() { # whether the lock is there, and this is its watchdog
  name=
  read -r name <"$lock/watchdog"
  [ "$name" = "$signature" ]
} 2>/dev/null

# Ends the watchdog when its lock is gone: then the transaction has ended without it.
stand_by() {
  signed || {
    trap - EXIT
    clear_away
    exit 0
  }
} 2>/dev/null

# ---- on a host where no process can be started ----

# A shell that cannot start a process ends. Then the program takes its own place, which needs no process: number and birth
# stay, and so does the signature. Bash waits 15 s for a process before it ends. What it does then must begin with `exec`:
# after any other command, it may wait for a child that goes on.
come_back() { # COMMAND: a line of our program
  by=/bin/sh
  ! has bash || by='bash --posix'
  # shellcheck disable=SC2064 # the shell is known now, and the rest when it ends
  trap "exec $by \"\$lock/program\" $1" EXIT
}

# A pause without a process, where the shell can: nobody writes to a new pseudo-terminal. Dash cannot.
breathe() {
  # shellcheck disable=SC3045 # as it says
  read -r -t 1 _ <>/dev/ptmx
} 2>/dev/null

# The watchdog's clock comes back, too: else what hangs then would hold the watchdog for ever.
start_lasting_clock() {
  lasting_clock "$$" </dev/null >/dev/null 2>&1 &
  clock=$!
}

lasting_clock() { # PID [AGAIN]; PID is the watchdog's
  dog=$1
  [ -z "${2-}" ] || breathe
  # shellcheck disable=SC2016 # as in come_back
  come_back 'lasting_clock "$dog" again'
  clock "$limit" "$1"
}

neglected() { # LEASE; sets $cause
  look
  now=
  read -r now <"$lock/lease"
  if [ "$sign" != "$now" ]; then
    sign=$now
    sign_at=$uptime
  fi
  # From the decision on, a short lease means nothing. A tool may take its time, and a few seconds until the clock ends it.
  [ ! -e "$lock/committed.$watched_run" ] || [ "$1" -gt "$((limit + 10))" ] || set -- "$((limit + 10))"
  if ! started "$agent" || [ "$birth" != "$agent_since" ]; then
    cause=session-ended
  elif [ "$((uptime - sign_at))" -ge "$1" ]; then
    cause=unheard$tab$1
  else
    return 1
  fi
} 2>/dev/null
