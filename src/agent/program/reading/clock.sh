# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The clock: a process beside the agent that ends what takes too long, because a shell has no clock of its own.

# Every few seconds the clock looks at all that the agent has started, unless the agent waits for the runner. To find them among
# those of a large host takes longer than most requests, so it begins when the first can be overdue. A process that may be ended
# has a descriptor to tell: 9 waits for the runner, and 8 is a tool. All else that the agent has started may take as long as a
# runner waits for an answer, plus the time limit of one tool.
start_clock() { # IDLE
  clock "$1" "$$" </dev/null >/dev/null 2>&1 &
  clock=$!
}

stop_clock() {
  ! clock_lives || kill "$clock" 2>/dev/null
}

clock_lives() { # one of others may have got the number of a clock that has ended
  [ -n "$clock" ] && started "$clock" && [ "$its_parent" = "$$" ]
}

clock() { # IDLE PID: of the process beside which it is
  trap '' HUP INT
  # Until the first pause, $! is a process of the shell that started the clock. The pause ends by KILL: TERM would get lost in a
  # process that has not become `sleep` yet and still has the trap of the shell.
  none=$!
  trap 'trap - EXIT; [ "$!" = "$none" ] || kill -KILL "$!"; exit' TERM
  # Here $$ may be the agent's.
  read -r own _ </proc/self/stat
  started "$2"
  watched_session=$its_session
  watched_since=$birth
  hearing=
  offset=0
  look
  start=$uptime
  while :; do
    sleep 3 &
    learn_offset "$!"
    wait "$!"
    { started "$2" && [ "$birth" = "$watched_since" ]; } || {
      trap - EXIT
      exit
    }
    look
    still_hears "$1" && continue
    find_hearing "$2"
    still_hears "$1" && continue
    [ "$((uptime - start))" -ge "$limit" ] || continue
    living "$2" "$watched_session"
    late=' '
    stubborn=
    # Twice, because a child may come before its parent. Find all before ending one: when a parent has ended, its children
    # can no longer be found by descent.
    for one in $living $living; do
      if [ -e "/proc/$one/fd/9" ]; then
        hearing=$one
        find_late "$1"
      elif [ -e "/proc/$one/fd/8" ]; then
        find_late "$limit"
      elif [ "$one" != "$2" ] && [ "$one" != "$own" ]; then
        find_late "$((answer_limit + limit))"
      fi
    done
    # shellcheck disable=SC2086 # numbers separated by blanks
    [ "$late" = ' ' ] || kill $late
    # shellcheck disable=SC2086 # as above
    [ -z "$stubborn" ] || kill -KILL $stubborn
  done
}

# Sets $hearing to the child that waits for the runner, where the kernel tells children (CONFIG_PROC_CHILDREN).
find_hearing() { # PID
  hearing=
  children=
  read -r children <"/proc/$1/task/$1/children"
  for one in $children; do
    [ ! -e "/proc/$one/fd/9" ] || hearing=$one
  done
} 2>/dev/null

# Whether process $hearing still waits for the runner, and not for too long. Nothing else runs then, and to look at all
# processes of a large host costs time.
still_hears() { # SECONDS
  [ -n "$hearing" ] && started "$hearing" && [ "$its_session" = "$watched_session" ] && [ -e "/proc/$hearing/fd/9" ] &&
    age && [ "$age" -le "$1" ]
}

find_late() { # SECONDS: adds process $one to $late if it is older, or its parent is there; to $stubborn if it was to end long ago
  case $late in *" $one "*) return ;; esac
  started "$one" || return
  age
  [ "$age" -gt "$1" ] || case $late in *" $its_parent "*) ;; *) return ;; esac
  late="$late$one "
  [ "$age" -le "$(($1 + limit))" ] || stubborn="$stubborn$one "
}

# Sets $age, in seconds, by $birth. There are 100 ticks in a second, whatever the kernel counts in.
age() {
  age=$((uptime - offset - birth / 100))
}

# In a container, /proc/uptime may begin with the container (lxcfs), and births still count from the boot of the machine. Sets $offset
# to the difference, in seconds. The look comes last: a tool must not seem older than it is.
learn_offset() { # PID: of a process that was born just now
  started "$1" || return
  look
  offset=$((uptime - birth / 100))
}

look() { # sets $uptime, in seconds: a time that nobody can set
  IFS=' ' read -r uptime _ </proc/uptime
  uptime=${uptime%.*}
}
