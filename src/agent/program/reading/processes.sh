# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Processes, as /proc shows them: whether one lives, and the end of an agent with all that it has started.

# Whether a process lives. Sets $birth, when it started, in ticks since boot: it tells a process from a later one with the
# same number. Sets $its_parent and $its_session. A zombie does nothing any more. proc(5): fields 22, 4 and 6 of stat.
started() { # PID
  birth=
  status "$1" || return 1
  # shellcheck disable=SC2086 # fields are separated by blanks
  set -- $fields
  [ "$1" != Z ] || return 1
  birth=${20} its_parent=$2 its_session=$4
}

# Anybody chooses the name of his process: it may hold blanks, parentheses, wildcards and line breaks. The kernel prints it as
# it is, and after it only a letter and numbers.
status() { # PID; sets $fields to those of stat after the name: state, parent, group, session, …
  fields=
  while IFS= read -r row; do fields=$row; done <"/proc/$1/stat"
  fields=${fields##*) }
  [ -n "$fields" ]
} 2>/dev/null

# Sets $living to an agent, or a watchdog, and all that it has started, without zombies. It leads its session (root-command.ts), so
# all there is its own. Else an SSH server may be in that session, with all that it serves. Then its own are its process group, if
# it leads that, and what descends from it. After its end the latter is not known, but a host without setsid is never changed.
living() { # PID SESSION
  living=' '
  more=yes
  while [ -n "$more" ]; do
    more=
    set +f
    for path in /proc/[0-9]*; do
      set -f
      one=${path#/proc/}
      case $living in *" $one "*) continue ;; esac
      status "$one" || continue
      # shellcheck disable=SC2086 # fields are separated by blanks
      set -- "$1" "$2" $fields
      case $3,$6 in Z,*) continue ;; *,"$2") ;; *) continue ;; esac
      case $1 in
        "$2") ;;
        "$one" | "$5") more=yes ;;
        *) case $living in *" $4 "*) more=yes ;; *) continue ;; esac ;;
      esac
      living="$living$one "
    done
    set -f
  done
  [ "$living" != ' ' ]
}

# Whether $living are ours, where the one that gave its number to their session or group is gone: later, others may have got that
# number. Not while one of ours is there, so all are ours, or none. Who holds the lock works in its directory (lock.sh).
some_in_lock() {
  for one in $living; do
    # shellcheck disable=SC3013 # all shells that this runs under have it
    [ ! "/proc/$one/cwd" -ef "$lock" ] || return 0
  done
  return 1
}

own_process() {
  started "$$"
  say "$$ $birth"
}

# Kills an agent and all that it has started. Else a command that it was waiting for could outlive it and still make its part
# of the change. If a process with its number is younger, the number belongs to another one now. If it fails, $unending says so.
end_agent() { # PID SINCE SESSION
  case $1 in '' | 0 | "$$") return 0 ;; esac
  if started "$1"; then
    [ "$birth" = "$2" ] || return 0
  else
    living "$1" "$3" && some_in_lock || return 0
  fi
  rounds=0
  while living "$1" "$3"; do
    # shellcheck disable=SC2086 # numbers separated by blanks
    kill -KILL $living 2>/dev/null
    rounds=$((rounds + 1))
    unending="processes of an earlier session of fw-run do not end, even by kill -9:${living% }. Perhaps they wait for a disk (state D of ps)"
    [ "$rounds" -le 50 ] || return 1
    sleep 0.1 || sleep 1
  done
}
