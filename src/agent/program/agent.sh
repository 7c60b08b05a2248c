# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The agent: a POSIX sh program that runs as root on a host for one session. It arrives on stdin, leaves no file outside
# /run/fw-run but a note of our table and boot files that it is asked for, and ends with the session. This is its first part; starting-text.ts joins all parts.
# An agent that only reads comes without those that change a host.
#
# Goals, and how each is met:
#  1. The runner sends states, not scripts (set-and-rules.sh, put-table.sh, put-chain.sh, put-boot-files.sh). A step says how a set, our
#     rules, table, chain or boot files shall be. So a change and its undo are the same kind of step.
#  2. Only our sets, rules, table and chain are touched. Rules are inserted one by one and deleted by value; sets are swapped
#     whole. No table of others is ever flushed or restored, because Felix, kube-proxy and docker keep writing to it.
#  3. A protected host stays protected at every instant. While a rule moves, a marked copy stands at its new position. A set
#     is built aside and swapped in.
#  4. Nothing is lost before the commit. The old set waits aside, so that rollback brings back the very same set.
#  5. The shell never evaluates a word of a request. Words come separated by tabs and are passed on as arguments.
#  6. A program or a request that is cut off does nothing. The program is one group in braces, which sh reads to its end
#     before it runs any of it. A request ends in a ".".
#  7. A host that is left alone rolls back (watchdog.sh): when stdin ends, when the agent dies, and when the runner was
#     not heard for the lease.
#  8. One run at a time changes a host (lock.sh). Commit or rollback is decided once, by a rename (transaction.sh).
#
# A request is a line of words separated by tabs, then body lines, then a line ".". The first one comes as arguments.
#   facts SET [whole]                      everything a host can tell; whole: of a large host, too, all rules and members
#   apply SET RUN FINGERPRINT WHO LEASE    body: steps after "do", their undo after "undo"
#   renew RUN [SET]                        the runner lives, and wants the change to stay for another lease
#   alive                                  the runner lives
#   commit SET RUN WHO                     keeps the change
#   rollback SET RUN WHO [PID SINCE]       rolls the change back; that agent, which went silent, is ended first
#   clear SET RUN WHO                      ends what dead runs left
#
# An answer is sections between lines "MARK begin NAME" and "MARK end CODE", then "MARK done". Where they are long, one section
# `packed` holds them, by gzip and base64. The section `result` has
# a code word in its first line and details in the others. The runner makes sentences of them (answers.ts).

PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077
set -f

nl='
'
tab='	'
blank=" $tab$nl"
why=
# A pipe holds 64 kB: a longer answer may have to wait for the runner.
long=60000
answering=
changes=

# ---- answers ----

# Adds a section to $told: what a function says, by `say` or `run`. It is called in this shell, because a shell of its own is
# a process.
section() { # NAME FUNCTION [WORD…]
  told=$told$nl$mark' begin '$1$nl
  at_work
  said=
  shift
  "$@" </dev/null
  told=$told$said$nl$mark' end '$?$nl
}

say() { # LINE
  said=$said$1$nl
}

run() { # TOOL [WORD…]: says what it prints, and what it warns of only where it fails (try_quietly)
  at_work
  {
    out=$(exec "$@" 2>/dev/null </dev/null)
    code=$?
    [ "$code" -eq 0 ] || { out=$(exec "$@" 2>&1 </dev/null); code=$?; }
  } 2>/dev/null
  said=$said$out
  return "$code"
}

# Gives a command a text to read. It is called in a subshell. Bash puts a here-document into a file outside our room, and other
# shells start one more process for a long one.
feed() { # TEXT COMMAND…
  text=$1
  shift
  if [ -z "${BASH_VERSION-}" ] && [ "${#text}" -lt 4000 ]; then
    "$@" <<END
$text
END
  else
    printf '%s\n' "$text" | "$@"
  fi
}

# Makes one section of all of them, which is far shorter, where the host has the tools for it. What they print is not taken
# if they fail: base64 never prints the "!".
pack() {
  has gzip && has base64 || return 0
  { packed=$({ { printf '%s\n' "$told" | gzip -1 || echo ! >&3; } | base64 || echo !; } 3>&1); } 2>/dev/null
  # Each text of gzip begins so.
  case $packed in *!*) ;; H4sI*) told="$nl$mark begin packed$nl$packed$nl$mark end 0$nl" ;; esac
}

# ---- the conversation ----

agent() { # MARK IDLE GUARD REQUEST…
  mark=$1
  idle=$2
  guard=$3
  answering=yes
  shift 3
  # A reader that went away must not kill the agent in the middle of a change. HUP, INT and TERM are caught, not
  # ignored: children inherit what is ignored, and the clock could then not end them.
  trap '' PIPE
  trap : HUP INT TERM
  # A shell that cannot start a process ends, and most often cannot say so. Bash must begin with `exec` (come_back).
  trap 'exec echo "$mark unstarted" >&2' EXIT
  # What logged in may have left these open. The clock would take the agent for a tool.
  exec 8<&- 9<&-
  start_clock "$idle"
  learn_version
  find_manager
  choose_guard
  body=
  while :; do
    told=
    known_room=
    unchanged=
    saved=
    rules_read=
    table_read=
    sets_read=
    chains_read=
    boot_read=
    case $1 in renew) our_set=${3-} ;; *) our_set=$2 ;; esac
    # It ends where the host can start no process for its pause.
    clock_lives || start_clock "$idle"
    look
    asked_at=$uptime
    only=filter
    whole=
    [ "$1" != facts ] || {
      only=
      whole=${3-}
    }
    case $1 in
      facts) facts "$2" ;;
      apply | rollback | clear)
        answer "$@"
        state
        ;;
      renew)
        answer "$@"
        [ -z "${3-}" ] || state
        ;;
      commit) answer "$@" ;;
    esac
    [ "${#told}" -lt "$long" ] || pack
    told=$told$nl$nl$mark' done'
    [ "${#told}" -lt "$long" ] || {
      (printf '%s\n' "$told") 9</dev/null 2>/dev/null || break
      told=
    }
    # Shells say "Terminated" of what the clock ends.
    { request=$(hear "$told" 9</dev/null); heard=$?; } 6>&1 2>/dev/null
    [ "$heard" -ne 143 ] || echo "$mark unheard" >&2
    [ "$heard" -eq 0 ] || break
    body=${request#*"$nl"}$nl
    [ "$body" != "$request$nl" ] || body=
    IFS=$tab
    # shellcheck disable=SC2086 # as in words()
    set -- ${request%%"$nl"*}
    IFS=$blank
  done
  farewell
  stop_clock
  trap - EXIT
}

# Sends the end of an answer and prints the next request without its ".". Fails when the runner has gone, or was silent for
# too long: a link that was cut is silent, and the agent must not outlive it. So the clock may end this, and the subshell of
# a long answer, which has that time for itself. Making an answer may take longer.
hear() { # TEXT
  [ -z "$1" ] || printf '%s\n' "$1" >&6 || return 1
  while IFS= read -r line; do
    [ "$line" != . ] || return 0
    printf '%s\n' "$line"
  done
  return 1
}

# The end of the session: no runner will ask again. What fails now, the watchdog does later. Without a watchdog the agent
# goes on trying.
farewell() {
  [ -n "$owned" ] || return 0
  cause=connection-ended
  look
  asked_at=$uptime
  tries=6
  until end_transaction; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] && ! watched || return 1
    sleep 5
  done
  unlock
}

# Like section, but in this shell, because a transaction's variables must outlive the answer.
answer() { # REQUEST…
  printf '\n%s begin result\n' "$mark"
  if [ -n "$changes" ]; then "$@" </dev/null; else refuse "$1"; fi
  printf '\n%s end %s\n' "$mark" "$?"
}

refuse() { # REQUEST
  case $1 in apply) echo untouched ;; renew) echo unwatched ;; *) echo failed ;; esac
  echo 'this session only reads'
}
