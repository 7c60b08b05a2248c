# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Processes, as /proc shows them: whether one lives, and the end of a whole session.

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

# Anybody chooses the name of his process: it may hold blanks, parentheses, wildcards and line breaks. The kernel prints it as
# it is, and after it only a letter and numbers.
status() { # PID; sets $fields to those of stat after the name: state, parent, group, session, …
  fields=
  while IFS= read -r row; do fields=$row; done <"/proc/$1/stat"
  fields=${fields##*) }
  [ -n "$fields" ]
} 2>/dev/null

living() { # SESSION; sets $living to its processes that are no zombies
  living=
  set +f
  for path in /proc/[0-9]*; do
    set -f
    one=${path#/proc/}
    status "$one" || continue
    # shellcheck disable=SC2086 # fields are separated by blanks
    set -- "$1" $fields
    [ "$2" = Z ] || [ "$5" != "$1" ] || living="$living$one "
  done
  set -f
}

own_process() {
  started "$$"
  say "$$ $birth"
}

# Kills all processes of an agent's session. Else a command that the agent was waiting for could outlive it and still
# make its part of the change. If the leader is younger than the agent, its number belongs to another session now. If it fails,
# $unending says so.
end_session() { # SESSION SINCE
  started "$$"
  case $1 in '' | 0 | "$its_session") return 0 ;; esac
  ! started "$1" || [ "$birth" -le "$2" ] || return 0
  rounds=0
  while living "$1" && [ -n "$living" ]; do
    # shellcheck disable=SC2086 # numbers separated by blanks
    kill -KILL $living 2>/dev/null
    rounds=$((rounds + 1))
    unending="processes of an earlier session of this run do not end, even by kill -9: ${living% }. Perhaps they wait for a disk (state D of ps)"
    [ "$rounds" -le 50 ] || return 1
    sleep 0.1 || sleep 1
  done
}
