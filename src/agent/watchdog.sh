# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The watchdog: a process apart from the agent's session, which outlives it and brings the transaction to its end when
# the agent is gone, or when the runner has not been heard for the lease.

# Writes the undo, starts the watchdog and waits until it says that it runs: before that, nothing may be changed.
arm() { # RUN LEASE UNDO
  out=$({
    printf '%s' "$3" >"$lock/arming" &&
      printf '%s\nwatchdog "$@"\n' "$program" >"$lock/program" &&
      : >"$lock/lease.0" && rm -f "$lock/watchdog" && mv "$lock/arming" "$lock/armed.$1"
  } 2>&1) || {
    why="cannot write to $lock: $out"
    return 1
  }
  # Where systemd rules, a service of its own outlives the session also where sessions are cleaned up at their end.
  set -- "$1" /bin/sh "$lock/program" "$1" "$2"
  unit=fw-run-watchdog-$1-$$
  shift
  if ! { [ -d /run/systemd/system ] && systemd-run --unit="$unit" "$@" >/dev/null 2>&1; }; then
    setsid "$@" </dev/null >/dev/null 2>&1 &
  fi
  asked=0
  until [ -s "$lock/watchdog" ]; do
    asked=$((asked + 1))
    [ "$asked" -le 250 ] || {
      why="the watchdog did not start: neither systemd-run nor setsid brought it up within 5 s"
      return 1
    }
    sleep 0.02 || sleep 1
  done
}

watchdog() { # RUN LEASE
  trap '' HUP INT PIPE
  version=$(iptables -V 2>&1)
  owner
  [ "$run" = "$1" ] || exit 1
  agent=$pid
  agent_since=$since
  agent_session=$session
  printf '%s %s\n' "$$" "$(started "$$")" >"$lock/watching" || exit 1
  mv "$lock/watching" "$lock/watchdog" || exit 1
  sign=
  until neglected "$2"; do
    sleep 1
    guards || {
      clear_away "$1"
      exit 0
    }
  done
  end_session "$agent_session" "$agent_since"
  owned=$1
  tries=60
  until settle; do
    tries=$((tries - 1))
    note "run $1 could not take its change back, last tried at $(now_utc): $why"
    [ "$tries" -gt 0 ] || exit 1
    sleep 5
  done
  unlock
}

guards() { # whether the lock is still the one that this watchdog was started for
  read -r dog _ <"$lock/watchdog" && [ "$dog" = "$$" ]
} 2>/dev/null

neglected() { # LEASE; $reason
  read -r uptime _ </proc/uptime
  uptime=${uptime%.*}
  if [ -e "$lock/lease.0" ]; then now=0; else now=1; fi
  if [ "$sign" != "$now" ]; then
    sign=$now
    heard=$uptime
  fi
  if [ "$(started "$agent")" != "$agent_since" ]; then
    reason="its session had ended"
  elif [ "$((uptime - heard))" -ge "$1" ]; then
    reason="nothing was heard from its runner for $1 s"
  else
    return 1
  fi
}
