# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The agent: a POSIX sh program that runs as root on a host for the length of one session. It arrives on stdin, leaves no
# file outside /run/fw-run, and ends with the session. This is its first part; program.ts puts all of them together.
#
# What it promises, and where:
#  1. It knows states, not scripts (firewall.sh). A step says how the set or the rules shall be; so a change and its undo
#     are the same kind of step.
#  2. Surgical. Rules are inserted one by one and deleted by value, sets are swapped whole. Never a flush or a restore
#     of a table: Felix, kube-proxy and docker keep writing meanwhile.
#  3. No instant without a guard: a rule that moves is covered by a marked copy at its new place until it is there,
#     a set is built aside and swapped in.
#  4. Nothing is lost before it is certain: the old set waits aside until `commit`, so that rollback brings back
#     the very same set, to the byte.
#  5. No word of a request is read by the shell: words come separated by tabs and are passed on as arguments.
#  6. A truncated program or request does nothing: the program comes as one group in braces, which sh reads to its end
#     before it runs any of it, and a request ends in a ".".
#  7. Whoever is left alone takes back (watchdog.sh): at the end of stdin, when the agent dies, and when the runner has
#     not been heard for the lease.
#  8. One run at a time (lock.sh), and one decision (transaction.sh): committed or taken back, by a rename.
#
# Requests: a line of words separated by tabs, then body lines, then a line ".". The first one comes as arguments.
#   facts SET                              everything a host can tell
#   apply SET RUN FINGERPRINT WHO LEASE    body: steps after "do", their undo after "undo"
#   renew RUN [SET]                        the runner lives, and wants the change to stay for another lease
#   alive                                  the runner lives
#   commit SET RUN WHO
#   rollback SET RUN WHO
#   settle SET RUN WHO                     ends what dead runs left
# Answers: sections between lines "MARK begin NAME" and "MARK end CODE", then "MARK done".

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

# ---- answers ----

section() { # NAME COMMAND…
  printf '\n%s begin %s\n' "$mark" "$1"
  shift
  "$@" 2>&1 </dev/null
  printf '\n%s end %s\n' "$mark" "$?"
}

# ---- the conversation ----

agent() { # MARK IDLE REQUEST…
  mark=$1
  idle=$2
  shift 2
  # A reader that went away must not kill a transaction half way. HUP and TERM are caught, not ignored: ignoring is
  # inherited, and `timeout` could then not end what it started.
  trap '' PIPE
  trap : HUP INT TERM
  version=$(iptables -V 2>&1)
  body=
  while :; do
    told=
    case $1 in
      facts) told=$(facts "$2") ;;
      apply | rollback | settle)
        answer "$@"
        told=$(state "$2" -t filter)
        ;;
      renew)
        answer "$@"
        [ -z "${3-}" ] || told=$(state "$3" -t filter)
        ;;
      commit) answer "$@" ;;
    esac
    send "$told$nl$nl$mark done" || break
    request=$(hear) || {
      # As coreutils and as busybox tell it.
      case $? in 124 | 143) echo "nothing was heard from fw-run for $idle s" >&2 ;; esac
      break
    }
    body=${request#*"$nl"}$nl
    [ "$body" != "$request$nl" ] || body=
    IFS=$tab
    # shellcheck disable=SC2086 # as in words()
    set -- ${request%%"$nl"*}
    IFS=$blank
  done
  farewell
}

# The next request whole, but for its ".", or a failure when the runner has gone, or was silent for too long: a link that
# was cut tells nothing, and an agent must not outlive it. Another shell reads, because this one has no clock; it takes
# no byte beyond the request, and holds nothing of the session open should this one be killed.
hear() {
  # shellcheck disable=SC2016 # it is for the other shell to expand
  within_idle /bin/sh -c '
    while IFS= read -r line; do
      [ "$line" != . ] || exit 0
      printf "%s\n" "$line"
    done
    exit 1'
} 2>/dev/null

# An answer may be more than a link holds that was cut. It is put together first, however long the host takes for that.
# A short one always fits, because the one before it has been read.
send() { # TEXT
  if [ "${#1}" -lt 2000 ]; then
    printf '%s\n' "$1"
  else
    printf '%s\n' "$1" 2>/dev/null | within_idle cat
  fi
}

# A host that has no `timeout` must be able to say so.
within_idle() { # COMMAND…
  if command -v timeout >/dev/null 2>&1; then timeout "$idle" "$@"; else "$@"; fi
}

# Nobody is left who could ask again. What cannot be done now the watchdog will do; if that is gone, this is the last.
farewell() {
  [ -n "$owned" ] || return 0
  reason='the connection of its runner had ended'
  tries=6
  until settle; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] && ! watched || return 1
    sleep 5
  done
  unlock
}

# Like section, but in this shell: a transaction's state must outlive its answer.
answer() { # REQUEST…
  printf '\n%s begin result\n' "$mark"
  case $1 in settle) shift && finish "$@" ;; *) "$@" ;; esac </dev/null
  printf '\n%s end %s\n' "$mark" "$?"
}
