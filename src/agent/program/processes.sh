# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Processes, as /proc shows them; and the clock, which ends those that take too long.

# Whether a process lives. Sets $birth, when it started, in ticks since boot: it tells a process from a later one with the
# same number. Sets $its_session, its session. A zombie does nothing any more. proc(5): fields 22 and 6 of stat.
started() { # PID
  birth=
  status "$1" || return 1
  # shellcheck disable=SC2086 # fields are separated by blanks
  set -- $fields
  [ "$1" != Z ] || return 1
  birth=${20} its_session=$4
}

status() { # PID; sets $fields to those of stat after the name: state, parent, group, session, …
  read -r fields <"/proc/$1/stat" || return 1
  fields=${fields##*) }
} 2>/dev/null

living() ( # SESSION: its processes that are no zombies
  set +f
  for path in /proc/[0-9]*; do
    one=${path#/proc/}
    status "$one" || continue
    # shellcheck disable=SC2086 # fields are separated by blanks
    set -- "$1" $fields
    [ "$2" = Z ] || [ "$5" != "$1" ] || printf '%s ' "$one"
  done
)

# Kills all processes of an agent's session. Else a command that the agent was waiting for could outlive it and still
# make its part of the change. If the leader is younger than the agent, its number belongs to another session now.
end_session() { # SESSION SINCE
  started "$$"
  case $1 in '' | 0 | "$its_session") return 0 ;; esac
  ! started "$1" || [ "$birth" -le "$2" ] || return 0
  rounds=0
  while doomed=$(living "$1") && [ -n "$doomed" ]; do
    # shellcheck disable=SC2086 # numbers separated by blanks
    kill -KILL $doomed 2>/dev/null
    rounds=$((rounds + 1))
    [ "$rounds" -le 50 ] || return 1
    sleep 0.1 || sleep 1
  done
}

# ---- the clock ----

# A shell has no clock of its own. So another process looks at all of its session every few seconds. A process that may be
# ended has a descriptor to tell: 9 waits for the runner, 8 is a tool, and 7 is a tool that waits for a lock. In seconds:
limit=20
patience=5

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
    for one in $(living "$watched_session"); do
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
