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

queue=10

lock() { # RUN WHO; 0: it is ours; 1: it cannot be taken, says $why; 2: $run by $who holds it
  take "$@"
  set -- "$?"
  # Who has it stays there, with all that it starts: so these are known, also when it is dead (some_in_lock).
  [ "$1" -eq 0 ] || cd /
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
    if { [ -n "$last" ] && ! end_agent "$pid" "$since" "$session"; } || { [ -n "$dog" ] && ! end_agent "$dog" "$dog_since" "$dog"; }; then
      why=$unending
      return 1
    fi
    link=$next
    # shellcheck disable=SC3013 # all shells that this runs under have it
    if out=$(exec ln -sn "$signature" "${link##*/}" 2>&1); then
      [ . -ef "$lock" ] && break
      # That lock is gone meanwhile.
      rm -f "${link##*/}"
    elif [ ! -h "${link##*/}" ] && [ . -ef "$lock" ]; then
      why="cannot make the link $link: $out"
      rmdir "$lock" "$room" 2>/dev/null
      return 1
    fi
  done
  owned=$1
  why=
}

# The lock disappears at once, with all that lies in it. Its watchdog goes after it.
unlock() {
  [ -n "$owned" ] || return 0
  watched || dog=
  clear_staged
  cd /
  mv "$lock" "$room/gone.$owned.$$" || rm -rf "$lock"
  clear_away
  owned=
  # Its process group. By TERM, because systemd keeps a service that was killed in its list of failed ones.
  [ -z "$dog" ] || [ "$dog" = "$$" ] || kill -TERM "-$dog" 2>/dev/null
}
