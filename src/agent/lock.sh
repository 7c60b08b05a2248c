# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The lock: one run at a time on a host.
#
# Its owner is the target of a symbolic link, because such a link is made with all its words at once, and only if the
# name is free. The first owner is `owner`; whoever takes over from one that died signs as `heir` of that very process.
# So of any number that find a dead owner, whenever they come, one gets the lock.

room=/run/fw-run
lock=$room/lock
queue=10
owned=

lock() { # RUN WHO; 0: it is ours; 1: it cannot be taken; 2: another run holds it
  signature="pid $$ started $(started "$$") session $(session_of "$$") run $1 by $2"
  waited=0
  while :; do
    # Twice, because whoever clears away may take the parent in between.
    mkdir -p "$lock" 2>/dev/null || out=$(mkdir -p "$lock" 2>&1) || {
      why="cannot make $lock: $out"
      return 1
    }
    owner
    [ "$last" != "$signature" ] || break
    if [ -n "$last" ] && attended; then
      why="another run holds this host: run $run by $who"
      # Of two runs that want the same hosts the older waits and the younger gives way, so that one of them gets all.
      expr "$1" \< "$run" >/dev/null && [ "$waited" -lt "$queue" ] || return 2
      waited=$((waited + 1))
      sleep 1
      continue
    fi
    # What a dead agent or watchdog was running must not go on under the next.
    [ -z "$last" ] || end_session "$session" "$since"
    [ -z "$dog" ] || end_session "$dog" "$dog_since"
    link=$next
    if out=$(ln -sn "$signature" "$link" 2>&1); then
      owner
      [ "$last" = "$signature" ] && break
      # The lock that was looked at has gone meanwhile; in the next one this signature means nothing.
      rm -f "$link"
    elif [ -d "$lock" ] && [ ! -h "$link" ]; then
      why="cannot sign $link: $out"
      rmdir "$lock" "$room" 2>/dev/null
      return 1
    fi
  done
  owned=$1
  why=
}

# $last: the words of the one who has the lock, or had it when it died; empty if nobody has. They are also in $pid,
# $since, $session, $run and $who. $next: where its heir signs.
owner() {
  last=
  dog=
  next=$lock/owner
  while words=$(readlink "$next" 2>/dev/null); do
    last=$words
    # shellcheck disable=SC2086 # words separated by blanks, with globbing off
    set -- $last
    pid=${2-} since=${4-} session=${6-} run=${8-}
    who=${last#*" by "}
    next=$lock/heir.$pid.$since
  done
}

attended() { # whether that owner lives, or a watchdog does in its place
  [ "$(started "$pid")" = "$since" ] || watched
}

watched() {
  signed=$(readlink "$lock/watchdog")
  dog=${signed% *}
  dog_since=${signed#* }
  [ -n "$dog" ] && [ "$(started "$dog")" = "$dog_since" ]
}

# The lock goes in one instant, with all that lies in it; then its watchdog.
unlock() {
  [ -n "$owned" ] || return 0
  watched || dog=
  mv "$lock" "$room/gone.$owned.$$" || rm -rf "$lock"
  clear_away
  owned=
  # Its process group; by TERM, after which systemd forgets a service.
  [ -z "$dog" ] || [ "$dog" = "$$" ] || kill -TERM "-$dog" 2>/dev/null
}

# Locks that have gone, whoever died before clearing them away.
clear_away() (
  set +f
  rm -rf "$room/gone."*
  rmdir "$room" 2>/dev/null
)

holder() { # who holds the lock, if they still live
  owner
  [ -z "$last" ] || [ "$pid" = "$$" ] || ! attended || printf 'run %s by %s\n' "$run" "$who"
}

unfinished() ( # whose run left something here that nobody looks after any more: a transaction, or only its lock
  owner
  if [ -n "$last" ]; then
    attended || printf 'run %s by %s\n' "$run" "$who"
    return 0
  fi
  set +f
  for old in "$room"/gone.*; do
    [ ! -d "$old" ] || [ -n "$(started "${old##*.}")" ] || {
      old=${old##*/gone.}
      printf 'run %s\n' "${old%.*}"
    }
  done
)

# ---- processes ----

# When a process started, in ticks since boot: with it, a number that another process got later is not taken for the
# first. Nothing for a zombie, which does nothing any more. proc(5): field 22 of stat.
started() { # PID
  status "$1" || return 1
  # shellcheck disable=SC2086 # fields are separated by blanks
  set -- $fields
  [ "$1" != Z ] && printf '%s\n' "${20}"
}

status() { # PID; $fields: what stat tells behind the name, which may hold blanks: state, parent, group, session, …
  read -r fields <"/proc/$1/stat" || return 1
  fields=${fields##*) }
} 2>/dev/null

session_of() { # PID
  status "$1" || return 1
  # shellcheck disable=SC2086 # fields are separated by blanks
  set -- $fields
  printf '%s\n' "$4"
}

living() ( # SESSION: its processes, but for zombies
  set +f
  for path in /proc/[0-9]*; do
    one=${path#/proc/}
    status "$one" || continue
    # shellcheck disable=SC2086 # fields are separated by blanks
    set -- "$1" $fields
    [ "$2" = Z ] || [ "$5" != "$1" ] || printf '%s ' "$one"
  done
)

# Ends the session of an agent for good, with all that it was running: a command that the agent was waiting for, and
# that lived on, would still carry out its half of the change. A leader younger than the agent got the number later.
end_session() { # SESSION SINCE
  case $1 in '' | 0 | "$(session_of "$$")") return 0 ;; esac
  leader=$(started "$1")
  [ -z "$leader" ] || [ "$leader" -le "$2" ] || return 0
  rounds=0
  while doomed=$(living "$1") && [ -n "$doomed" ]; do
    # shellcheck disable=SC2086 # numbers separated by blanks
    kill -KILL $doomed 2>/dev/null
    rounds=$((rounds + 1))
    [ "$rounds" -le 50 ] || return 1
    sleep 0.1 || sleep 1
  done
}
