# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Steps: each says how the set, the rules or our table shall be, and this file or one of put-*.sh makes them so. A step that is
# carried out twice has the same effect as once. The undo of a change is such steps, too, and works if the change never
# happened.
#
#  set | set6 NAME absent | set | set6 NAME present TYPE [MEMBERS] | ours RULE WORD… | want N FOREIGN RULE WORD… | rules [WHERE]
#  table … (put-table.sh) | filling …, chain … (put-chain.sh) | boot… (put-boot-files.sh)

moving=
plenty=500
proven=
names=
undoing=

# ---- steps ----

# A step may hold 65,536 members. So text is split into lines by `for`: `${text#*"$nl"}` takes the square of their length.
perform() { # STEPS
  ours=
  want=
  filling=
  IFS=$nl
  for line in $1; do
    at_work
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
    set6) shift && put_set6 "$@" ;;
    ours) ours=$ours$line$nl ;;
    want) want=$want$line$nl ;;
    rules) shift && put_rules "$@" ;;
    filling) filling=$filling${line#*"$tab"}$nl ;;
    chain) shift && put_chain "$@" ;;
    table) shift && put_table "$@" ;;
    boot-program) shift && join "$@" && new_program=$joined ;;
    boot-service) shift && join "$@" && new_service=$joined ;;
    boot) shift && put_boot "$@" ;;
    *) why="unknown step $1" && return 1 ;;
  esac
}

# ---- the set ----

# A set that cannot be read is never taken for absent.
read_names() { # sets $names to the names of all sets, one a line, unless it is known
  [ -z "$names" ] || return 0
  ! setless || {
    names=$nl
    return 0
  }
  # The answer of a session with guard nft tells the sets as they are, and most often no step changes one.
  [ "${guard-}" != nft ] || {
    read_sets
    known_names
    [ -z "$names" ] || return 0
  }
  try ips -n list || return 1
  names=$nl$out$nl
}

named() { # SET: whether it is among $names
  case $names in *"$nl$1$nl"*) return 0 ;; esac
  return 1
}

holds() { # SET MEMBERS; 1: it has other members; 2: it cannot be read
  try ips save "$1" || return 2
  # A shell that could not start one of these fails, and prints nothing: two of them would be alike.
  # shellcheck disable=SC2086 # members are addresses separated by blanks
  { there_are=$(unquoted "$out" | sed -n 's/^add [^ ]* \([^ ]*\).*/\1/p' | sort) && there_shall=$(printf '%s\n' $2 | sort); } 2>/dev/null || {
    why="the members of the set $1 cannot be compared: sort failed, or could not be started"
    return 2
  }
  [ "$there_are" = "$there_shall" ]
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
  sets_read='' few_sets=''
  if ! try ips "$@"; then
    names=
    return 1
  fi
  case $1 in destroy | rename) names=${names%%"$nl$2$nl"*}$nl${names#*"$nl$2$nl"} ;; esac
  [ "$1" != rename ] || names=$nl$3$names
}

put_set() { # NAME absent | NAME present TYPE MEMBERS
  read_names || return 1
  named "$1"
  there=$?
  named "$aside"
  spare=$?
  if [ "$2" = absent ]; then
    [ "$there" -eq 0 ] || return 0
    # What a change has made is not kept by its undo.
    if [ "$spare" -eq 0 ] || [ -n "$undoing" ]; then alter_set destroy "$1"; else alter_set rename "$1" "$aside"; fi
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
  if [ "$there" -eq 0 ]; then finish="swap $aside $1"; else finish="rename $aside $1"; fi
  if [ "$spare" -eq 0 ]; then
    # shellcheck disable=SC2086 # three words
    alter_set $finish
    return
  fi
  ! named "$aside" || alter_set destroy "$aside" || return 1
  others=$names
  names=
  sets_read='' few_sets=''
  try build "$3" "$4" "$finish" || return 1
  if [ "$there" -eq 0 ]; then names=$nl$aside$others; else names=$nl$1$others; fi
}

put_set6() { # as put_set, with the old set aside in another place
  aside=$aside6
  put_set "$@"
  changed=$?
  aside=$aside4
  return "$changed"
}

# The last command comes in the same restore, which ends with the first that fails.
build() { # TYPE MEMBERS FINISH
  if [ "${#2}" -lt 2000 ]; then
    lines="create $aside $1$nl"
    for member in $2; do lines="${lines}add $aside $member$nl"; done
    feed "$lines$3" ips restore
  else
    {
      printf 'create %s %s\n' "$aside" "$1"
      # shellcheck disable=SC2086 # members are addresses separated by blanks
      printf "add $aside %s\n" $2
      printf '%s\n' "$3"
    } | ips restore
  fi
}

# ---- the rules ----

put_rules() { # [WHERE]; as $ours and $want say, the last wanted rule first. WHERE is mangle4, mangle6, or else filter
  unchanged=
  if [ -z "${1-}" ]; then
    known_version && change_rules
    changed=$?
  else
    turn_to "$1"
    known_version && { { [ -z "$want" ] && tableless mangle; } || change_rules; }
    changed=$?
    turn_to filter
  fi
  ours=
  want=
  return "$changed"
}

change_rules() {
  covered=
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
    why="rules of fw-run are still in $hook after fw-run deleted them: another program may have put them back"
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
      "-A $hook" | "-A $hook "*)
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
  try_quietly ipt -S "$hook" || return 1
  outdate
  unchanged=yes
  listing=$out
  prove "$listing"
  case $? in 0) return 0 ;; 2) return 1 ;; esac
  listing=
  number=1
  while rule_at "$number" || return 1 && [ -n "$rule" ]; do
    case $rule in *"$nl"*) rule="-A $hook of several lines" ;; esac
    listing=$listing$rule$nl
    number=$((number + 1))
    [ "$number" -le "$plenty" ] || {
      why="forged-rules$tab$hook$tab$xtables${in:+ $in}"
      return 1
    }
  done
}

# Whether all lines that look like rules are rules; sets $proven. 2: that cannot be read.
prove() { # LISTING
  [ "$1" != "$proven" ] || return 0
  number=0
  IFS=$nl
  for line in $1; do
    case $line in "-A $hook" | "-A $hook "*) number=$((number + 1)) ;; esac
  done
  IFS=$blank
  if [ "$number" -ne 0 ]; then
    rule_at "$number" || return 2
    [ -n "$rule" ] || return 1
  fi
  proven=$1
}

# Changes $proven as one change of ours does: a rule of ours goes (number 0), or comes in at this number. Our rules have one
# line.
foretell() { # NUMBER RULE
  lines=
  number=0
  place=$1
  IFS=$nl
  for line in $proven; do
    case $line in
      "-A $hook" | "-A $hook "*)
        number=$((number + 1))
        [ "$number" -ne "$place" ] || lines=$lines$nl$2
        [ "$place,$line" != "0,$2" ] || {
          place=-1
          continue
        }
        ;;
    esac
    lines=$lines$nl$line
  done
  IFS=$blank
  [ "$place" -ne "$((number + 1))" ] || lines=$lines$nl$2
  proven=${lines#"$nl"}
}

# Reads the rules as the answer tells them, and takes FORWARD from there if it came out as foretold. Else it is read alone.
look_back() {
  [ -z "$unchanged" ] && [ -n "$answering" ] && [ "$hook" = FORWARD ] || return 0
  outdate
  read_rules
  lines=
  IFS=$nl
  for line in $saved; do
    case $line in
      ':FORWARD '*)
        line=${line#:FORWARD }
        lines="$nl-P FORWARD ${line%% *}"
        ;;
      '['*'] -A FORWARD'*) lines=$lines$nl${line#*] } ;;
    esac
  done
  IFS=$blank
  if [ "$rules_code" -eq 0 ] && [ "$lines" = "$nl$proven" ]; then
    listing=$proven
    unchanged=yes
  else
    outdate
  fi
}

# What was read of the rules counts no more. Those of filter, where only they are read, are not those of mangle.
outdate() {
  unchanged=
  [ -z "$in" ] || [ -z "$only" ] || return 0
  saved=
  rules_read=
}

rule_at() { # N; sets $rule to the whole rule; empty if FORWARD has fewer rules
  try ipt -S "$hook" "$1" || return 1
  case $nl$out in
    *"$nl-A $hook"*) rule="-A $hook${out#*"-A $hook"}" ;;
    *) rule= ;;
  esac
}

alter() { # -I or -D and the rest
  outdate
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
  case $present in *"$tab$3$nl"*) ;; *) why="the rule is not in $hook after fw-run put it there, so another program may have deleted it: $3" && return 1 ;; esac
}

insert() {
  put "$@" && foretell "$position" "$3"
}

put() {
  held=$present
  survey "$2" || return 1
  present=$held
  shift 3
  alter -I "$hook" "$position" "$@"
}

cover() {
  covered=yes
  put "$@" -m comment --comment "$moving"
}

# Deletes every marked copy, also those that a broken attempt of this run left.
uncover() {
  [ -n "$covered" ] || look_back
  survey 0 || return 1
  [ -n "$covers" ] || return 0
  left=$ours
  unclear=
  while [ -n "$left" ]; do
    line=${left%%"$nl"*}
    left=${left#*"$nl"}
    IFS=$tab
    # shellcheck disable=SC2086 # as in words()
    set -- $line
    IFS=$blank
    shift 2
    while try ipt -C "$hook" "$@" -m comment --comment "$moving"; do
      alter -D "$hook" "$@" -m comment --comment "$moving" || return 1
    done
    # 1: there is no such rule.
    [ "$code" -eq 1 ] || unclear=$why
  done
  survey 0 || return 1
  [ -z "$covers" ] || {
    why=${unclear:-"temporary copies of the rule of fw-run (comment $moving) are still in $hook: another program may have put them back"}
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
    alter -D "$hook" "$@" || return 1
    foretell 0 "$rule"
  done
}
