# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# A transaction on this host: open from `apply` until it is committed or taken back.
#
# What it is at lies in the lock, in one file that holds the undo and is named by its state: armed.RUN may still become
# committed.RUN or fired.RUN, by a rename, so that of all who decide one does. Whoever finds it later, the watchdog or
# the next run, knows from it what to do.

reason=

apply() { # SET RUN FINGERPRINT WHO LEASE; $body
  lock "$2" "$4"
  case $? in
    1) printf 'untouched\n%s\n' "$why" && return ;;
    2) printf 'locked\n%s\n' "$why" && return ;;
  esac
  # What a dead run left is taken back first. If that changed anything the plan is stale, and the next one comes with a
  # note of it; else there is nothing to tell.
  if ! settle; then
    owned=
    printf 'untouched\nwhat a former run left here cannot be taken back: %s\n' "$why"
    return
  fi
  moving=fw-run-moving-$2
  lease=$5
  if now=$(fingerprint "$1"); then
    if [ "$now" = "$3" ]; then why=; else why=stale; fi
  else
    why="untouched$nl$now"
  fi
  if [ -z "$why" ] && ! { discard && arm "$2" "$5" "$(marked undo "$body")$nl"; }; then
    why="untouched$nl$why"
  fi
  if [ -n "$why" ]; then
    unlock
    printf '%s\n' "$why"
    return
  fi
  rm -f "$room/note"
  if perform "$(marked 'do' "$body")$nl"; then echo applied; else printf 'failed\n%s\n' "$why"; fi
}

renew() { # RUN: the runner lives
  progress
  if [ ! -e "$lock/armed.$1" ]; then
    decided "$1"
  elif watched || watch_over "$1" "$lease"; then
    echo renewed
  else
    printf 'unwatched\n%s\n' "$why"
  fi
}

# A sign of life for the watchdog: by a rename, because that works also where /run is full.
progress() {
  mv "$lock/lease.0" "$lock/lease.1" || mv "$lock/lease.1" "$lock/lease.0"
} 2>/dev/null

commit() { # SET RUN WHO
  if ! out=$(mv "$lock/armed.$2" "$lock/committed.$2" 2>&1) && [ ! -e "$lock/committed.$2" ]; then
    if [ -e "$lock/armed.$2" ]; then printf 'failed\ncannot commit: %s\n' "$out"; else decided "$2"; fi
    return
  fi
  why=
  if inherit "$2" "$3" && settle; then unlock; fi
  echo committed
  [ -z "$why" ] || printf '%s\n' "$why"
}

decided() { # RUN
  if [ -e "$lock/fired.$1" ]; then
    echo fired
  else
    clear_away
    echo gone
  fi
}

# Takes the change of this run back. A session that went silent is ended first: it would do so later, or its command.
rollback() { # SET RUN WHO
  why=
  if [ -z "$owned" ] && ! concerns "$2"; then
    forget "$2"
    # An agent that died before it signed leaves it empty.
    rmdir "$lock" 2>/dev/null
    clear_away
    printf 'rolled-back\nalready\n'
    return
  fi
  mv "$lock/armed.$2" "$lock/fired.$2" 2>/dev/null
  if inherit "$2" "$3" && settle; then
    forget "$2"
    unlock
    echo rolled-back
  else
    printf 'failed\n%s\n' "$why"
  fi
}

# For a run that is dead: what it left here is brought to its end.
finish() { # SET RUN WHO
  lock "$2" "$3"
  case $? in
    1) printf 'failed\n%s\n' "$why" && return ;;
    2) printf 'locked\n%s\n' "$why" && return ;;
  esac
  if settle; then
    rm -f "$room/note"
    unlock
    echo settled
  else
    owned=
    printf 'failed\n%s\n' "$why"
  fi
}

concerns() { # RUN: whether it holds the lock
  owner
  [ -n "$last" ] && [ "$run" = "$1" ]
}

inherit() { # RUN WHO: the lock becomes ours, from an agent of the same run as well, and from its watchdog
  [ -z "$owned" ] || return 0
  if concerns "$1" && [ "$pid" != "$$" ]; then
    end_session "$session" "$since" || {
      why="the session that held this host cannot be ended"
      return 1
    }
  fi
  patient=0
  until lock "$1" "$2"; do
    # The watchdog of that session is at work.
    patient=$((patient + 1))
    [ "$run" = "$1" ] || return 1
    [ "$patient" -le "$limit" ] || {
      why="the watchdog of this run is at work, and was not done within $limit s"
      return 1
    }
    sleep 1
  done
}

# ---- what an open transaction asks for: to be taken back or, once committed, to be cleared away ----

settle() {
  open=$(transaction) || return 0
  state=${open%%.*}
  of=${open#*.}
  if [ "$state" = armed ]; then
    # Where that fails because it is gone, somebody has just decided otherwise.
    out=$(mv "$lock/armed.$of" "$lock/fired.$of" 2>&1) || [ ! -e "$lock/armed.$of" ] || {
      why="cannot take the change back: $out"
      return 1
    }
    settle
    return
  fi
  if [ "$state" = fired ]; then
    moving=fw-run-moving-$of
    undo=$(cat "$lock/fired.$of" 2>&1) || {
      why="cannot read the undo: $undo"
      return 1
    }
    perform "$undo$nl" || return 1
  fi
  if [ "$state" = committed ]; then
    # Committed it stays, whether or not the old set can be cleared away.
    attempts=5
    until discard || [ "$code" -eq 124 ] || [ "$attempts" -eq 0 ]; do
      attempts=$((attempts - 1))
      sleep 1
    done
  else
    discard || return 1
    # Of a host that was only held there is nothing to tell.
    [ -z "${undo%"$nl"}" ] || note "run $of took its change back at $(now_utc)${reason:+": $reason"}"
  fi
  rm -f "$lock/$state.$of"
}

# In this order, each looked for when its turn comes: so none is missed while it goes from one to the next.
transaction() ( # STATE.RUN, if one is open
  set +f
  for state in armed fired committed; do
    for file in "$lock/$state".*; do
      [ ! -e "$file" ] || { printf '%s\n' "${file##*/}" && return; }
    done
  done
  return 1
)

discard() { # the set that was put aside
  exists "$aside"
  case $? in 0) try ips destroy "$aside" ;; 1) ;; *) return 1 ;; esac
}

now_utc() {
  date -u +%Y-%m-%dT%H:%M:%SZ
}

# For the next run to tell; /run may be full, and then it is not told.
note() { # TEXT
  printf '%s\n' "$1" >"$room/note" || rm -f "$room/note"
} 2>/dev/null

forget() { # RUN: its own runner tells what became of it
  case $(present "$room/note") in "run $1 "*) rm -f "$room/note" ;; esac
}

marked() { # WORD LINES: the lines that begin with WORD, without it
  rest=$2
  while [ -n "$rest" ]; do
    line=${rest%%"$nl"*}
    rest=${rest#*"$nl"}
    case $line in "$1$tab"*) printf '%s\n' "${line#"$1$tab"}" ;; esac
  done
}
