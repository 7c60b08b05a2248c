# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The clock: a process beside the agent that ends what takes too long, because a shell has no clock of its own.

# How many seconds a tool may take, and one that waits for the xtables lock and cannot be told how long.
limit=20
patience=5

# Every few seconds the clock looks at all processes of its session. One that may be ended has a descriptor to tell: 9 waits
# for the runner, 8 is a tool, and 7 is a tool that waits for the xtables lock.
start_clock() { # IDLE
  clock "$1" </dev/null >/dev/null 2>&1 &
  clock=$!
}

stop_clock() {
  kill "$clock" 2>/dev/null
}

clock() { # IDLE
  trap '' HUP INT
  trap 'kill "$nap"; exit' TERM
  started "$$"
  watched_session=$its_session
  watched_since=$birth
  while :; do
    sleep 3 &
    nap=$!
    wait "$nap"
    started "$$" && [ "$birth" = "$watched_since" ] || exit
    look
    living "$watched_session"
    for one in $living; do
      if [ -e "/proc/$one/fd/9" ]; then
        overdue "$1"
      elif [ -e "/proc/$one/fd/8" ]; then
        overdue "$limit"
      elif [ -e "/proc/$one/fd/7" ]; then
        overdue "$patience"
      fi
    done
  done
}

overdue() { # SECONDS: ends process $one if it is older. There are 100 ticks in a second, whatever the kernel counts in.
  started "$one" || return
  age=$((uptime - birth / 100))
  [ "$age" -le "$1" ] || kill "$one"
  [ "$age" -le "$(($1 + limit))" ] || kill -KILL "$one"
}

look() { # sets $uptime, in seconds: a time that nobody can set
  read -r uptime _ </proc/uptime
  uptime=${uptime%.*}
}
