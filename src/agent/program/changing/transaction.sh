# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# A transaction on this host: open from `apply` until it is committed or rolled back.
#
# Goals, and how each is met:
#  1. A change can be rolled back before anything is changed. Its undo is written into the lock, and a watchdog runs.
#  2. It is committed or rolled back, never both. The undo's file is named by the state: armed.RUN becomes committed.RUN
#     or rolling-back.RUN by one rename. If several try, one succeeds.
#  3. Anybody can go on where a process died: the watchdog, `clear` and the next run see the state by that name.
#  4. What a host rolled back by itself is told to the next run, in the file `note`.

# Why a change is rolled back: asked, found (left by a dead run), connection-ended, session-ended, unheard<tab>SECONDS.
cause=
changes=yes

apply() { # SET RUN FINGERPRINT WHO LEASE; $body
  take_lock "$2" "$4" untouched || return 0
  # First what a dead run left is rolled back. If that changes anything, the plan is stale, and the note tells it to the
  # next plan. Else there is nothing to tell.
  cause=found
  if ! { end_transaction && forget; }; then
    owned=
    printf 'untouched\ncannot finish the change of an earlier run on this host:\n%s\n' "$why"
    return
  fi
  moving=$moving_mark-$2
  lease=$5
  names=
  if take_fingerprint "$1"; then
    if [ "$print" = "$3" ]; then why=; else why=stale; fi
  else
    why="untouched$nl$why"
  fi
  # While the watchdog starts, the old sets are looked for, and it is proven that no rule in FORWARD is forged. Without that
  # proof, FORWARD is read again.
  marked undo "$body"
  if [ -z "$why" ] && ! { arm "$2" "$5" "$steps" && known_names && discard && prove_before && watched_over "$2" "$5"; }; then
    why="untouched$nl$why"
  fi
  if [ -n "$why" ]; then
    unlock
    printf '%s\n' "$why"
    return
  fi
  [ ! -e "$room/note" ] || rm -f "$room/note"
  marked 'do' "$body"
  if perform "$steps"; then echo applied; else printf 'failed\n%s\n' "$why"; fi
}

prove_before() { # if rules are to be changed
  case $nl$body in *"${nl}do${tab}rules$nl"*) ;; *) return 0 ;; esac
  case $chain in '-P FORWARD '*) prove "$chain" || why= ;; esac
}

take_lock() { # RUN WHO WORD: takes the lock, or answers why not; WORD is the code word for a failure
  lock "$1" "$2"
  case $? in
    0) return 0 ;;
    1) printf '%s\n%s\n' "$3" "$why" ;;
    2)
      printf 'locked\n%s\n%s\n' "$run" "$who"
      tell_note "$run"
      ;;
  esac
  return 1
}

renew() { # RUN
  progress
  if [ ! -e "$lock/armed.$1" ]; then
    decided "$1"
  elif watched || { start_watchdog "$1" "$lease" && watched_over "$1" "$lease"; }; then
    echo renewed
  else
    printf 'unwatched\n%s\n' "$why"
  fi
}

# A sign of life for the watchdog, once a second at most: the agent has a request, or works on it while its runner waits. The
# runner waits so long for an answer; it may be gone, so later work is no sign. It is written over the one before, because that
# works where /run is full.
progress() {
  look
  [ "$uptime" != "$shown_at" ] && [ "$((uptime - asked_at))" -le "$answer_limit" ] && [ -e "$lock/lease" ] || return 0
  shown_at=$uptime
  printf '%s\n' "$uptime" 1<>"$lock/lease"
} 2>/dev/null
shown_at=

commit() { # SET RUN WHO
  if ! out=$(mv "$lock/armed.$2" "$lock/committed.$2" 2>&1) && [ ! -e "$lock/committed.$2" ]; then
    if [ -e "$lock/armed.$2" ]; then printf 'failed\ncannot commit: %s\n' "$out"; else decided "$2"; fi
    return
  fi
  made=
  if [ -n "$owned" ]; then known_guard; else names=; fi
  why=
  if inherit "$2" "$3" && end_transaction; then unlock; fi
  if [ -e "$lock/committed.$2" ] && [ -e "$lock/boot" ]; then
    printf 'failed\n%s\n' "$why"
    return
  fi
  echo committed
  [ -z "$why" ] || printf '%s\n' "$why"
}

decided() { # RUN: what became of a change that is not open any more
  if [ -e "$lock/rolling-back.$1" ]; then
    echo rolling-back
  else
    clear_away
    echo gone
  fi
}

# A request that a silent agent has not read yet must not be carried out after this one.
rollback() { # SET RUN WHO [PID SINCE]
  why=
  [ -z "${4-}" ] || ! started "$4" || end_agent "$4" "$5" "$its_session" || {
    printf 'failed\n%s\n' "$unending"
    return
  }
  [ -n "$owned" ] || trusted || {
    printf 'failed\n%s\n' "$why"
    return
  }
  if [ -z "$owned" ] && ! concerns "$2"; then
    echo already
    own_note "$2"
    # An agent that died before it signed leaves it empty.
    rmdir "$lock" 2>/dev/null
    clear_away
    return
  fi
  mv "$lock/armed.$2" "$lock/rolling-back.$2" 2>/dev/null
  cause=asked
  names=
  if inherit "$2" "$3" && end_transaction; then
    echo rolled-back
    own_note "$2"
    unlock
  else
    printf '%s\n%s\n' "${busy:-failed}" "$why"
  fi
}

clear() { # SET RUN WHO
  take_lock "$2" "$3" failed || return 0
  cause=found
  names=
  if end_transaction; then
    rm -f "$room/note"
    unlock
    echo cleared
  else
    owned=
    printf 'failed\n%s\n' "$why"
  fi
}

concerns() { # RUN: whether it holds the lock
  owner
  [ -n "$last" ] && [ "$run" = "$1" ]
}

# Makes the lock ours. A silent agent of the same run is ended first: later it could roll back, or its command go on.
inherit() { # RUN WHO; $busy: the watchdog of that agent is still at work, and nothing is known to be wrong
  busy=
  [ -z "$owned" ] || return 0
  if concerns "$1" && [ "$pid" != "$$" ]; then
    end_agent "$pid" "$since" "$session" || {
      why=$unending
      return 1
    }
  fi
  patient=0
  while :; do
    lock "$1" "$2"
    case $? in
      0) return 0 ;;
      1) return 1 ;;
    esac
    # The watchdog of that agent is rolling back.
    patient=$((patient + 1))
    [ "$run" = "$1" ] || return 1
    [ "$patient" -le "$limit" ] || break
    sleep 1
  done
  why="the watchdog of this run did not finish its work within $limit s"
  busy=busy
  said=
  tell_note "$1" >/dev/null
  case $said in not-rolled-back*) why=${said#*"$tab"*"$tab"*"$tab"} busy= ;; esac
  return 1
}

# ---- the end of a transaction ----

# Rolls an open transaction back, or clears away after one that was committed. 0: no transaction is open any more. Only the
# file of its state is left: it goes with the lock, or by `forget`.
end_transaction() {
  transaction || return 0
  if [ "$state" = armed ]; then
    # If that file is gone meanwhile, another process has just decided.
    out=$(mv "$lock/armed.$of" "$lock/rolling-back.$of" 2>&1) || [ ! -e "$lock/armed.$of" ] || {
      why="cannot roll back: $out"
      return 1
    }
    end_transaction
    return
  fi
  case $state in
    rolling-back | fired)
      moving=$moving_mark-$of
      if [ "$of" = "$armed" ]; then
        undo=${armed_undo%"$nl"}
      elif [ "$state" = rolling-back ] && ! leased; then
        # The agent died while it wrote the undo, before it changed anything.
        undo=
      else
        undo=$(exec cat "$lock/$state.$of" 2>&1) || {
          why="cannot read the undo: ${undo##*"$nl"}"
          return 1
        }
      fi
      undoing=yes
      perform "$undo$nl"
      undone=$?
      undoing=
      [ "$undone" -eq 0 ] || return 1
      ;;
  esac
  if [ "$state" = committed ]; then
    settle_boot "$of" || return 1
    # The change stays committed even if the old set cannot be destroyed.
    attempts=5
    unguarded=$why${why:+$nl}
    until discard && why=; do
      [ "$code" -ne 143 ] || break
      [ "$attempts" -gt 0 ] || break
      attempts=$((attempts - 1))
      sleep 1
    done
    why=$unguarded$why
  else
    discard || return 1
    # The runner that asked for it knows. A host that had nothing to change has nothing to tell.
    [ "$cause" = asked ] || [ -z "${undo%"$nl"}" ] ||
      note "rolled-back$tab$of$tab$(now_utc)$tab$cause"
  fi
}
armed=

leased() { # An earlier version had two names for it
  [ -e "$lock/lease" ] || [ -e "$lock/lease.0" ] || [ -e "$lock/lease.1" ]
}

forget() { # after end_transaction
  [ -z "$state" ] || rm -f "$lock/$state.$of"
}

# Looks for the states in their order, so that a file is found that is renamed meanwhile. An earlier version, which may have
# died here, said `fired` for `rolling-back`.
transaction() { # sets $state and $of, the run, of the open transaction
  set +f
  for state in armed rolling-back fired committed ''; do
    for file in "$lock/$state".*; do
      [ -z "$state" ] || [ ! -e "$file" ] || break 2
    done
  done
  set -f
  of=${file##*"/$state."}
  [ -n "$state" ]
}

discard() { # destroys the sets that were put aside
  for spare in "$aside4" "$aside6"; do
    read_names || return 1
    ! named "$spare" || alter_set destroy "$spare" || return 1
  done
}

now_utc() {
  exec date -u +%Y-%m-%dT%H:%M:%SZ
}

# For the next run to tell. Where /run is full, it is not told.
note() { # TEXT
  printf '%s\n' "$1" >"$room/note" || rm -f "$room/note"
} 2>/dev/null

own_note() { # RUN: prints the note if it is about that run, whose own runner then tells it
  ! tell_note "$1" || rm -f "$room/note"
}

tell_note() { # RUN: prints the note, which is $said, if it is about that run
  said=
  [ ! -e "$room/note" ] || present "$room/note"
  case $said in *"$tab$1$tab"*) printf '%s' "$said" ;; *) return 1 ;; esac
}

marked() { # WORD LINES: sets $steps to the lines that begin with WORD, without it
  steps=
  IFS=$nl
  for line in $2; do
    case $line in "$1$tab"*) steps=$steps${line#"$1$tab"}$nl ;; esac
  done
  IFS=$blank
}
