#!/bin/sh
# The agent: a POSIX sh program that runs as root on a host for the length of one session.
# It arrives on stdin, leaves no file outside /run/fw-run, and ends with the session.
#
# What it promises, and how:
#  1. It knows states, not scripts. A step says how the set or the rules shall be (`set`, `rules`); carrying it out
#     twice, or after it never happened, is the same as once. So a change and its undo are the same kind of step.
#  2. Surgical. Rules are inserted one by one and deleted by value, sets are swapped whole. Never a flush or a restore
#     of a table: Felix, kube-proxy and docker keep writing meanwhile.
#  3. No instant without a guard: a rule that moves is covered by a marked copy at its new place until it is there,
#     a set is built aside and swapped in.
#  4. Nothing is lost before it is certain: the old set waits aside until `commit`, so that rollback brings back
#     the very same set, to the byte.
#  5. No word of a request is read by the shell: words come separated by tabs and are passed on as arguments.
#  6. A truncated program or request does nothing: the program comes as one group in braces, which sh reads to its end
#     before it runs any of it, and a request ends in a ".".
#  7. Whoever is left alone takes back: at the end of stdin an open transaction is undone.
#
# Requests: a line of words separated by tabs, then body lines, then a line ".". The first one comes as arguments.
#   facts SET                        everything a host can tell
#   apply SET RUN FINGERPRINT WHO    body: steps after "do", their undo after "undo"
#   rollback SET RUN WHO             body: steps after "undo"
#   commit SET RUN
# Steps: set NAME absent | set NAME present TYPE [MEMBERS] | ours RULE WORD… | want N FOREIGN RULE WORD… | rules
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
room=/run/fw-run
aside=fw-run-aside
moving=
patience=5
undo=
owned=
why=

# ---- answers ----

section() { # NAME COMMAND…
  printf '\n%s begin %s\n' "$mark" "$1"
  shift
  "$@" 2>&1 </dev/null
  printf '\n%s end %s\n' "$mark" "$?"
}

# ---- facts ----

facts() {
  section tools tools
  section iptables-version printf '%s\n' "$version"
  section ipset-version ipset -v
  section support support
  section links ip -o link show
  section addresses ip -4 -o addr show
  section routes ip -4 route show
  section flannel present /run/flannel/subnet.env
  section firewalls firewalls
  section lock holder
  section room df -P /run
  section other-rules other_rules
  state "$1"
}

# What a change can alter, read again after each; then the filter table is enough.
state() { # SET [iptables-save's OPTION…]
  set_name=$1
  shift
  # Asking for a table makes it.
  knows /proc/net/ip_tables_names filter || set --
  # The fingerprint first: what changes after it makes a plan stale, never a plan of old rules look fresh.
  section fingerprint fingerprint "$set_name"
  section rules iptables-save -c "$@"
  section sets ipset save
}

present() { # FILE
  [ ! -r "$1" ] || cat "$1"
}

tools() {
  for tool in iptables iptables-save ipset ip timeout cksum; do
    command -v "$tool" >/dev/null 2>&1 || printf '%s\n' "$tool"
  done
}

# Names the kernel knows already come from /proc; for the rest modprobe is asked, dry.
support() {
  knows /proc/net/ip_tables_matches set || loadable xt_set || echo 'match set'
  knows /proc/net/ip_tables_matches conntrack || loadable xt_conntrack || echo 'match conntrack'
  knows /proc/net/ip_tables_targets REJECT || loadable ipt_REJECT || echo 'target REJECT'
}

knows() { # FILE NAME
  grep -qsx "$2" "$1"
}

loadable() { # MODULE
  modprobe -n -q "$1" 2>/dev/null
}

firewalls() {
  if systemctl is-active --quiet firewalld 2>/dev/null || running /run/firewalld.pid; then
    echo firewalld
  fi
  if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then
    echo ufw
  fi
}

running() { # PIDFILE
  [ -r "$1" ] && read -r pid <"$1" && kill -0 "$pid" 2>/dev/null
}

# The backend that `iptables` does not speak to. Reading the legacy one only where it has tables: asking makes them.
other_rules() {
  if nft_backend; then
    [ -z "$(present /proc/net/ip_tables_names 2>/dev/null)" ] || iptables-legacy-save
  elif command -v iptables-nft-save >/dev/null 2>&1; then
    iptables-nft-save
  fi
}

nft_backend() {
  case $version in *nf_tables*) return 0 ;; esac
  return 1
}

# One number for the FORWARD chain and the set: another number means that the world has moved since it was read.
# Not asked of nf_tables, nor where the filter table is not there yet: asking would make it.
fingerprint() { # SET
  chain=
  if ! nft_backend && knows /proc/net/ip_tables_names filter; then
    chain=$(ipt -S FORWARD 2>&1) || {
      code=$?
      printf '%s\n' "$chain"
      return "$code"
    }
  fi
  # Only rules and members count, not the counters of members, nor what iptables says while it waits for the lock.
  printf '%s\n%s\n' "$chain" "$(ipset save "$1" 2>/dev/null)" |
    sed -n -e '/^-/p' -e '/^create /p' -e 's/^\(add [^ ]* [^ ]*\).*/\1/p' | cksum
}

# ---- iptables, waiting for the lock as its version can ----

ipt() {
  case $version in
    'iptables v1.4.2'[01]*) timeout "$patience" iptables -w "$@" ;;
    'iptables v1.4.'[0-9] | 'iptables v1.4.1'[0-9]*) iptables "$@" ;;
    *) iptables -w "$patience" "$@" ;;
  esac
}

try() { # COMMAND…: runs it; when it fails, $why says so
  out=$("$@" 2>&1)
  code=$?
  [ "$code" -ne 0 ] || return 0
  case $1 in
    ipt)
      shift
      set -- iptables "$@"
      [ "$code" -ne 124 ] || out="the xtables lock is held by another program (waited $patience s)"
      ;;
    build) set -- ipset restore ;;
  esac
  why="$* failed with exit code $code: ${out:-it printed nothing}"
  return 1
}

# ---- the lock: one runner at a time ----

lock() { # RUN WHO; 1: it cannot be taken, 2: somebody holds it
  out=$(mkdir -p "$room" 2>&1) || {
    why="cannot make $room: $out"
    return 1
  }
  until out=$(mkdir "$room/lock" 2>&1); do
    [ -d "$room/lock" ] || {
      why="cannot take the lock $room/lock: $out"
      return 1
    }
    # A lock without an owner may have been taken this very moment: its owner is written next.
    [ -r "$room/lock/owner" ] || sleep 1
    busy=$(holder)
    [ -z "$busy" ] || {
      why="another run holds this host: $busy"
      return 2
    }
    rm -rf "$room/lock"
  done
  owned=1
  # The redirection itself fails when /run is full, so its words are caught as well.
  out=$({ printf 'pid %s started %s run %s by %s\n' "$$" "$(started "$$")" "$1" "$2" >"$room/lock/owner"; } 2>&1) || {
    why="cannot write $room/lock/owner: $out"
    unlock
    return 1
  }
}

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

holder() { # who holds the lock, if they still live
  [ -r "$room/lock/owner" ] && read -r _ pid _ since rest <"$room/lock/owner" || return 0
  [ "$pid" = "$$" ] || [ "$(started "$pid")" != "$since" ] || printf '%s\n' "$rest"
}

# An agent of the same run, whose link went silent, would take the change back whenever it notices, even over a later
# run's. So the one that was opened to settle it ends the other's whole session for good: a command that the agent was
# waiting for, and that lived on, would still carry out its half of the change.
supersede() { # RUN
  [ -r "$room/lock/owner" ] && read -r _ pid _ since _ run _ <"$room/lock/owner" || return 1
  [ "$run" = "$1" ] && [ "$(started "$pid")" = "$since" ] || return 1
  session=$(session_of "$pid")
  [ -n "$session" ] && [ "$session" != "$(session_of "$$")" ] || return 1
  waited=0
  while doomed=$(living "$session") && [ -n "$doomed" ]; do
    # shellcheck disable=SC2086 # numbers separated by blanks
    kill -KILL $doomed 2>/dev/null
    waited=$((waited + 1))
    [ "$waited" -le "$patience" ] || return 1
    sleep 1
  done
}

session_of() { # PID
  status "$1" || return 1
  # shellcheck disable=SC2086 # fields are separated by blanks
  set -- $fields
  printf '%s\n' "$4"
}

living() { # SESSION: its processes, but for zombies
  set +f
  for path in /proc/[0-9]*; do
    one=${path#/proc/}
    [ -z "$(started "$one")" ] || [ "$(session_of "$one")" != "$1" ] || printf '%s ' "$one"
  done
}

unlock() {
  [ -n "$owned" ] || return 0
  owned=
  rm -rf "$room/lock"
  rmdir "$room" 2>/dev/null
}

# ---- the transaction ----

apply() { # SET RUN FINGERPRINT WHO; $body
  moving=fw-run-moving-$2
  lock "$2" "$4"
  case $? in
    1) printf 'untouched\n%s\n' "$why" && return ;;
    2) printf 'locked\n%s\n' "$why" && return ;;
  esac
  if now=$(fingerprint "$1"); then
    if [ "$now" = "$3" ]; then why=; else why=stale; fi
  else
    why="untouched$nl$now"
  fi
  if [ -z "$why" ] && ! discard; then why="untouched$nl$why"; fi
  if [ -n "$why" ]; then
    unlock
    printf '%s\n' "$why"
    return
  fi
  undo=$(marked undo "$body")$nl
  if perform "$(marked 'do' "$body")$nl"; then echo applied; else printf 'failed\n%s\n' "$why"; fi
}

rollback() { # SET RUN WHO; $body
  moving=fw-run-moving-$2
  if [ -z "$owned" ]; then
    waited=0
    until lock "$2" "$3"; do
      waited=$((waited + 1))
      if [ "$waited" -gt "$patience" ] && ! supersede "$2"; then
        printf 'failed\n%s\n' "$why"
        return
      fi
      sleep 1
    done
  fi
  if perform "$(marked undo "$body")$nl" && discard; then
    undo=
    unlock
    echo rolled-back
  else
    printf 'failed\n%s\n' "$why"
  fi
}

commit() {
  undo=
  why=
  discard
  unlock
  echo committed
  [ -z "$why" ] || printf '%s\n' "$why"
}

discard() { # the set that was put aside
  ! exists "$aside" || try ipset destroy "$aside"
}

marked() { # WORD LINES: the lines that begin with WORD, without it
  rest=$2
  while [ -n "$rest" ]; do
    line=${rest%%"$nl"*}
    rest=${rest#*"$nl"}
    case $line in "$1$tab"*) printf '%s\n' "${line#"$1$tab"}" ;; esac
  done
}

perform() { # STEPS
  todo=$1
  ours=
  want=
  while [ -n "$todo" ]; do
    line=${todo%%"$nl"*}
    todo=${todo#*"$nl"}
    words "$line" || return 1
  done
}

words() { # STEP: carries out one
  IFS=$tab
  # shellcheck disable=SC2086 # split at tabs, with globbing off: this is how words travel
  set -- $1
  IFS=$blank
  case ${1-} in
    '') ;;
    set) shift && put_set "$@" ;;
    ours) ours=$ours$line$nl ;;
    want) want=$want$line$nl ;;
    rules) put_rules ;;
    *) why="unknown step $1" && return 1 ;;
  esac
}

# ---- the set ----

exists() { # SET
  ipset -q -t list "$1" >/dev/null 2>&1
}

holds() { # SET MEMBERS: whether these are its members
  # shellcheck disable=SC2086 # members are addresses separated by blanks
  [ "$(ipset save "$1" 2>/dev/null | sed -n 's/^add [^ ]* \([^ ]*\).*/\1/p' | sort)" = "$(printf '%s\n' $2 | sort)" ]
}

put_set() { # NAME absent | NAME present TYPE MEMBERS
  if [ "$2" = absent ]; then
    exists "$1" || return 0
    if exists "$aside"; then try ipset destroy "$1"; else try ipset rename "$1" "$aside"; fi
    return
  fi
  if exists "$1" && holds "$1" "$4"; then return 0; fi
  if ! { exists "$aside" && holds "$aside" "$4"; }; then
    discard || return 1
    try build "$3" "$4" || return 1
  fi
  if exists "$1"; then try ipset swap "$aside" "$1"; else try ipset rename "$aside" "$1"; fi
}

build() { # TYPE MEMBERS
  {
    printf 'create %s %s\n' "$aside" "$1"
    for member in $2; do printf 'add %s %s\n' "$aside" "$member"; done
  } | ipset restore
}

# ---- the rules ----

put_rules() { # $ours, $want (last first)
  survey 0 || return 1
  expected=
  each_want expect
  if [ "$present" != "$expected" ]; then
    [ -z "$present" ] || each_want cover || return 1
    delete_present || return 1
    each_want insert || return 1
  fi
  uncover
}

# Reads FORWARD. $present: "N<tab>RULE" lines of ours; $covers: our marked copies; $slot: the place after FOREIGN
# rules that are not ours.
survey() { # FOREIGN
  try ipt -S FORWARD || return 1
  rest=$out$nl
  present=
  covers=
  number=0
  foreign=0
  slot=
  [ "$1" -ne 0 ] || slot=1
  while [ -n "$rest" ]; do
    rule=${rest%%"$nl"*}
    rest=${rest#*"$nl"}
    case $rule in '-A FORWARD'*) number=$((number + 1)) ;; *) continue ;; esac
    case $ours in *"${tab}$rule$tab"*) present=$present$number$tab$rule$nl && continue ;; esac
    case $rule in *"$moving"*) covers=$covers$rule$nl && continue ;; esac
    foreign=$((foreign + 1))
    [ "$foreign" -ne "$1" ] || slot=$((number + 1))
  done
  [ -n "$slot" ] || {
    why="FORWARD has only $foreign rules of others, $1 were expected before ours"
    return 1
  }
}

each_want() { # FUNCTION, called with N FOREIGN RULE WORD…
  left=$want
  while [ -n "$left" ]; do
    line=${left%%"$nl"*}
    left=${left#*"$nl"}
    IFS=$tab
    # shellcheck disable=SC2086 # as in words()
    set -- "$1" $line
    IFS=$blank
    call=$1
    shift 2
    "$call" "$@" || return 1
    set -- "$call"
  done
}

expect() {
  expected=$1$tab$3$nl$expected
}

insert() {
  held=$present
  survey "$2" || return 1
  present=$held
  shift 3
  try ipt -I FORWARD "$slot" "$@"
}

cover() {
  insert "$@" -m comment --comment "$moving"
}

# Takes off every marked copy, also those that a broken attempt of this run left.
uncover() {
  survey 0 || return 1
  [ -n "$covers" ] || return 0
  left=$ours
  while [ -n "$left" ]; do
    line=${left%%"$nl"*}
    left=${left#*"$nl"}
    IFS=$tab
    # shellcheck disable=SC2086 # as in words()
    set -- $line
    IFS=$blank
    shift 2
    while ipt -C FORWARD "$@" -m comment --comment "$moving" >/dev/null 2>&1; do
      try ipt -D FORWARD "$@" -m comment --comment "$moving" || return 1
    done
  done
}

delete_present() {
  gone=$present
  while [ -n "$gone" ]; do
    rule=${gone%%"$nl"*}
    rule=${rule#*"$tab"}
    gone=${gone#*"$nl"}
    line=${ours#*"ours$tab$rule$tab"}
    IFS=$tab
    # shellcheck disable=SC2086 # as in words()
    set -- ${line%%"$nl"*}
    IFS=$blank
    try ipt -D FORWARD "$@" || return 1
  done
}

# ---- the conversation ----

agent() { # MARK REQUEST…
  mark=$1
  shift
  # A reader that went away must not kill a transaction half way. HUP and TERM are caught, not ignored: ignoring is
  # inherited, and `timeout` could then not end what it started.
  trap '' PIPE
  trap : HUP INT TERM
  version=$(iptables -V 2>&1)
  body=
  while :; do
    case $1 in
      facts) facts "$2" ;;
      apply | rollback)
        answer "$@"
        state "$2" -t filter
        ;;
      commit) answer "$@" ;;
    esac
    printf '%s done\n' "$mark"
    IFS= read -r request || break
    body=
    whole=
    while IFS= read -r line; do
      [ "$line" != . ] || {
        whole=1
        break
      }
      body=$body$line$nl
    done
    [ -n "$whole" ] || break
    IFS=$tab
    # shellcheck disable=SC2086 # as in words()
    set -- $request
    IFS=$blank
  done
  [ -z "$undo" ] || take_back
  unlock
}

# Nobody is left who could ask again, so it is tried again while, say, the xtables lock is held.
take_back() {
  tries=6
  until perform "$undo"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 5
  done
  discard
}

# Like section, but in this shell: a transaction's state must outlive its answer.
answer() { # REQUEST…
  printf '\n%s begin result\n' "$mark"
  "$@" </dev/null
  printf '\n%s end %s\n' "$mark" "$?"
}
