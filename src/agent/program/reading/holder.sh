# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Who holds the lock (lock.sh), dead or alive.

lock=$room/lock
owned=

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
