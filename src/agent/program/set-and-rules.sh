# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Steps: each says how the set or the rules shall be, and this file makes them so. A step that is carried out twice has
# the same effect as once. The undo of a change is such steps, too, and works if the change never happened.
#
#  set NAME absent | set NAME present TYPE [MEMBERS] | ours RULE WORD… | want N FOREIGN RULE WORD… | rules

moving=
plenty=500
proven=

# ---- the tools; each version of iptables waits for the xtables lock in its own way ----
# Each takes the place of its shell, which saves a process: they are called in a subshell, by `try` or $(…). The clock
# ends what takes too long. 143 is the exit code of what it ended.

ipt() {
  case $version in
    'iptables v1.4.2'[01]*) exec iptables -w "$@" 7</dev/null ;;
    'iptables v1.4.'[0-9] | 'iptables v1.4.1'[0-9]*) exec iptables "$@" 8</dev/null ;;
    *) exec iptables -w "$patience" "$@" 8</dev/null ;;
  esac
}

ips() {
  exec ipset "$@" 8</dev/null
}

try() { # COMMAND…: runs it; when it fails, $why says so
  { out=$("$@" 2>&1); code=$?; } 2>/dev/null
  [ "$code" -ne 0 ] || return 0
  case $1 in
    ipt)
      shift
      set -- iptables "$@"
      case $code,$version in
        143,'iptables v1.4.2'[01]*) out="the xtables lock is held by another program (waited $patience s)" ;;
      esac
      ;;
    ips) shift && set -- ipset "$@" ;;
    build) set -- ipset restore ;;
  esac
  [ "$code" -ne 143 ] || out=${out:-"it did not end within $limit s"}
  why="$* failed with exit code $code: ${out:-it printed nothing}"
  return 1
}

# ---- steps ----

# A step may hold 65,536 members. So text is split into lines by `for`: `${text#*"$nl"}` takes the square of their length.
perform() { # STEPS
  ours=
  want=
  IFS=$nl
  for line in $1; do
    progress
    words "$line" || return 1
  done
  IFS=$blank
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

# A set that cannot be read is never taken for absent.
read_names() { # sets $names to the names of all sets, one a line, unless it is known
  [ -z "$names" ] || return 0
  try ips -n list || return 1
  names=$nl$out$nl
}

named() { # SET: whether it is among $names
  case $names in *"$nl$1$nl"*) return 0 ;; esac
  return 1
}

holds() { # SET MEMBERS; 1: it has other members; 2: it cannot be read
  try ips save "$1" || return 2
  # shellcheck disable=SC2086 # members are addresses separated by blanks
  [ "$(unquoted "$out" | sed -n 's/^add [^ ]* \([^ ]*\).*/\1/p' | sort)" = "$(printf '%s\n' $2 | sort)" ]
}

# Prints the output of `ipset save` without comments, which may hold line breaks. A comment never holds a quote.
unquoted() { # TEXT
  inside=
  IFS='"'
  for part in $1; do
    if [ -z "$inside" ]; then
      printf '%s' "$part"
      inside=yes
    else
      inside=
    fi
  done
  IFS=$blank
  echo
}

alter_set() { # destroy, rename or swap, and the sets
  names=
  try ips "$@"
}

put_set() { # NAME absent | NAME present TYPE MEMBERS
  read_names || return 1
  named "$1"
  there=$?
  named "$aside"
  spare=$?
  if [ "$2" = absent ]; then
    [ "$there" -eq 0 ] || return 0
    if [ "$spare" -eq 0 ]; then alter_set destroy "$1"; else alter_set rename "$1" "$aside"; fi
    return
  fi
  if [ "$there" -eq 0 ]; then
    holds "$1" "$4"
    case $? in 0) return 0 ;; 2) return 1 ;; esac
  fi
  if [ "$spare" -eq 0 ]; then
    holds "$aside" "$4"
    spare=$?
    [ "$spare" -ne 2 ] || return 1
  fi
  if [ "$spare" -ne 0 ]; then
    ! named "$aside" || alter_set destroy "$aside" || return 1
    names=
    try build "$3" "$4" || return 1
  fi
  if [ "$there" -eq 0 ]; then alter_set swap "$aside" "$1"; else alter_set rename "$aside" "$1"; fi
}

build() { # TYPE MEMBERS
  {
    printf 'create %s %s\n' "$aside" "$1"
    # shellcheck disable=SC2086 # members are addresses separated by blanks
    [ -z "$2" ] || printf "add $aside %s\n" $2
  } | ips restore
}

# ---- the rules ----

put_rules() { # as $ours and $want say, the last wanted rule first
  unchanged=
  survey 0 || return 1
  expected=
  each_want expect
  if [ "$present" != "$expected" ]; then
    [ -z "$present" ] || each_want cover || return 1
    delete_present || return 1
    each_want insert || return 1
  fi
  uncover || return 1
  each_want missing || return 1
  [ -n "$want" ] || [ -z "$present" ] || {
    why="rules of ours are still in FORWARD after they were deleted"
    return 1
  }
}

# Reads FORWARD. $present: our rules as lines "N<tab>RULE"; $covers: our marked copies; $position: after FOREIGN rules of
# others. If others have removed some of theirs, it is the end of the chain: an undo must not fail for that, and the
# runner verifies what a change came to.
survey() { # FOREIGN
  read_forward || return 1
  present=
  covers=
  rule=
  number=0
  foreign=0
  position=
  [ "$1" -ne 0 ] || position=1
  IFS=$nl
  for line in $listing; do
    case $line in
      '-A FORWARD' | '-A FORWARD '*)
        sort_out "$1"
        number=$((number + 1))
        rule=$line
        ;;
      # The rest of a rule that has a line break. No rule of ours has one.
      *) rule=$rule$nl$line ;;
    esac
  done
  IFS=$blank
  sort_out "$1"
  position=${position:-$((number + 1))}
}

sort_out() { # FOREIGN; rule $number: ours, a marked copy, or of others
  [ "$number" -ne 0 ] || return 0
  case $ours in *"${tab}$rule$tab"*) present=$present$number$tab$rule$nl && return ;; esac
  case $rule in
    *"$nl"*) ;;
    *"$moving"*) covers=$covers$rule$nl && return ;;
  esac
  foreign=$((foreign + 1))
  [ "$foreign" -ne "$1" ] || position=$((number + 1))
}

# Sets $listing to the rules of FORWARD. A comment or a name may hold a line break, and what follows may look like a rule.
# But each rule begins a line. So all lines that look like rules are rules if FORWARD has as many rules as such lines.
# Else one rule is read at a time. $proven: the last listing that was found to be so. $unchanged: nothing was changed since.
read_forward() {
  [ -z "$unchanged" ] || return 0
  try ipt -S FORWARD || return 1
  unchanged=yes
  listing=$out
  [ "$listing" != "$proven" ] || return 0
  number=0
  IFS=$nl
  for line in $listing; do
    case $line in '-A FORWARD' | '-A FORWARD '*) number=$((number + 1)) ;; esac
  done
  IFS=$blank
  [ "$number" -ne 0 ] || return 0
  rule_at "$number" || return 1
  [ -z "$rule" ] || {
    proven=$listing
    return 0
  }
  listing=
  number=1
  while rule_at "$number" || return 1 && [ -n "$rule" ]; do
    case $rule in *"$nl"*) rule='-A FORWARD of several lines' ;; esac
    listing=$listing$rule$nl
    number=$((number + 1))
    [ "$number" -le "$plenty" ] || {
      why=forged-rules
      return 1
    }
  done
}

rule_at() { # N; sets $rule to the whole rule; empty if FORWARD has fewer rules
  try ipt -S FORWARD "$1" || return 1
  case $nl$out in
    *"$nl-A FORWARD"*) rule="-A FORWARD${out#*-A FORWARD}" ;;
    *) rule= ;;
  esac
}

alter() { # -I or -D and the rest
  unchanged=
  try ipt "$@"
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

missing() {
  case $present in *"$tab$3$nl"*) ;; *) why="the rule is not in FORWARD after fw-run put it there: $3" && return 1 ;; esac
}

insert() {
  held=$present
  survey "$2" || return 1
  present=$held
  shift 3
  alter -I FORWARD "$position" "$@"
}

cover() {
  insert "$@" -m comment --comment "$moving"
}

# Deletes every marked copy, also those that a broken attempt of this run left.
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
    while (ipt -C FORWARD "$@" -m comment --comment "$moving") >/dev/null 2>&1; do
      alter -D FORWARD "$@" -m comment --comment "$moving" || return 1
    done
  done
  survey 0 || return 1
  [ -z "$covers" ] || {
    why="temporary copies of our rule (comment $moving) are still in FORWARD"
    return 1
  }
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
    alter -D FORWARD "$@" || return 1
  done
}
