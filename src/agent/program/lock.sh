# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The lock: one run at a time changes a host.
#
# Goals, and how each is met:
#  1. One of many gets it. The owner signs by a symbolic link whose target is its signature. A link is made with all its
#     words at once, and only if the name is free.
#  2. A dead owner does not keep it. An agent that finds a dead owner signs as the heir of that very process, by one more
#     link. So one of all that find it dead gets the lock, however late they come.
#  3. A dead owner does nothing more. Before the heir signs, it ends all that the owner and its watchdog were running.
#  4. Nobody but root has a say (run-directory.sh).
#  5. Of two runs that want the same hosts one gets them all: the older run waits, the younger gives way at once.

lock=$room/lock
queue=10
owned=

lock() { # RUN WHO; 0: it is ours; 1: it cannot be taken, says $why; 2: $run by $who holds it
  take "$@"
  set -- "$?"
  cd /
  return "$1"
}

take() { # RUN WHO
  started "$$"
  signature="pid $$ started $birth session $its_session run $1 by $2"
  waited=0
  while :; do
    trusted || return 1
    # Twice, because an agent that clears away may remove the parent in between.
    mkdir -p "$lock" 2>/dev/null || out=$(mkdir -p "$lock" 2>&1) || {
      why="cannot make $lock: $out"
      return 1
    }
    # From here on the lock is this directory, even if another one gets its name.
    cd "$lock" 2>/dev/null || continue
    owner
    [ "$last" != "$signature" ] || break
    if [ -n "$last" ] && attended; then
      why="another run holds this host: run $run by $who"
      # The id of a run begins with its time, so the older run has the smaller one.
      expr "$1" \< "$run" >/dev/null && [ "$waited" -lt "$queue" ] || return 2
      waited=$((waited + 1))
      sleep 1
      continue
    fi
    [ -z "$last" ] || end_session "$session" "$since"
    [ -z "$dog" ] || end_session "$dog" "$dog_since"
    link=$next
    if out=$(exec ln -sn "$signature" "${link##*/}" 2>&1); then
      # shellcheck disable=SC3013 # all shells that this runs under have it
      [ . -ef "$lock" ] && break
      # That lock is gone meanwhile.
      rm -f "${link##*/}"
    elif [ -d "$lock" ] && [ ! -h "$link" ]; then
      why="cannot make the link $link: $out"
      rmdir "$lock" "$room" 2>/dev/null
      return 1
    fi
  done
  owned=$1
  why=
}

# Sets $last to the signature of the present owner, dead or alive; empty without an owner. Its parts are in $pid, $since,
# $session, $run and $who. $next: the link by which an heir signs.
owner() {
  last=
  dog=
  next=$lock/owner
  while [ -h "$next" ] && words=$(exec readlink "$next" 2>/dev/null); do
    last=$words
    # shellcheck disable=SC2086 # words separated by blanks, with globbing off
    set -- $last
    pid=${2-} since=${4-} session=${6-} run=${8-}
    who=${last#*" by "}
    next=$lock/heir.$pid.$since
  done
}

attended() { # whether that owner lives, or its watchdog
  ! started "$pid" || [ "$birth" != "$since" ] || return 0
  watched
}

# An earlier version of the watchdog signs by a link.
watched() {
  dog=
  if [ ! -h "$lock/watchdog" ]; then
    read -r dog dog_since <"$lock/watchdog"
  else
    dog=$(exec readlink "$lock/watchdog")
    dog_since=${dog#* }
    dog=${dog% *}
  fi
  [ -n "$dog" ] && started "$dog" && [ "$birth" = "$dog_since" ]
} 2>/dev/null

# The lock disappears at once, with all that lies in it. Its watchdog goes after it.
unlock() {
  [ -n "$owned" ] || return 0
  watched || dog=
  clear_staged
  mv "$lock" "$room/gone.$owned.$$" || rm -rf "$lock"
  clear_away
  owned=
  # Its process group. By TERM, because systemd keeps a service that was killed in its list of failed ones.
  [ -z "$dog" ] || [ "$dog" = "$$" ] || kill -TERM "-$dog" 2>/dev/null
}

holder() { # RUN<tab>WHO of another agent that holds the lock and lives
  trusted || return 0
  owner
  [ -z "$last" ] || [ "$pid" = "$$" ] || ! attended || say "$run$tab$who"
}

unfinished() { # RUN<tab>WHO, or only RUN, of a dead run that left a transaction here, or only its lock
  trusted || return 0
  owner
  if [ -n "$last" ]; then
    attended || say "$run$tab$who"
    return 0
  fi
  set +f
  for old in "$room"/gone.*; do
    set -f
    [ ! -d "$old" ] || started "${old##*.}" || {
      old=${old##*/gone.}
      say "${old%.*}"
    }
  done
  set -f
}
