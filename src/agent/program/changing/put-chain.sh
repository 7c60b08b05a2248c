# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Our chain in mangle PREROUTING, of iptables and of ip6tables, as it shall be.
#
# Goals, and how each is met:
#  1. No instant without it. A new chain is filled before anything leads to it. One that packets pass is exchanged by one
#     iptables-restore. Or it is refilled while its first rule sends packets to a whole chain aside. Rules that lead to it
#     are moved as those in FORWARD are.
#  2. Twice is the same as once, whole or broken off. Each attempt reads what stands, and goes on from there.
#  3. Nothing of others is lost. iptables-restore of old versions takes no lock. With them, each rule is one command.
#
#  filling RULE WORD… | chain 4 | 6 absent | present | rules mangle4 | mangle6 (set-and-rules.sh)

# Which built-in chain put_rules works on.
hook=FORWARD

turn_to() { # filter | mangle4 | mangle6. What was read of our chains does not count from then on
  chains_read=
  chainless4=
  chainless6=
  unchanged=
  proven=
  case $1 in
    mangle4) xtables=iptables in='-t mangle' hook=PREROUTING ;;
    mangle6) xtables=ip6tables in='-t mangle' hook=PREROUTING ;;
    *) xtables=iptables in='' hook=FORWARD ;;
  esac
}

no_such_chain() { # after `try ipt`
  case $code,$out in 1,*'No chain/target/match by that name'*) return 0 ;; esac
  return 1
}

put_chain() { # 4 | 6, absent | present; as $filling says
  turn_to "mangle$1"
  known_version && change_chain "$2"
  changed=$?
  turn_to filter
  filling=
  return "$changed"
}

change_chain() { # absent | present
  if [ "$1" = absent ]; then
    ! tableless mangle || return 0
    without_chain "$guard_chain" && without_chain "$aside_chain"
    return
  fi
  has "$xtables" || {
    why="$xtables is not installed"
    return 1
  }
  read_one "$guard_chain" || return 1
  wanted_chain
  if [ "$standing" != "$expected" ]; then
    if restores && plain_filling; then
      outdate
      try restore_chain || return 1
    else
      refill_chain || return 1
    fi
  fi
  without_chain "$aside_chain" && read_one "$guard_chain" || return 1
  # Another version may print a rule in other words. The runner reads what it means.
  count_rules "$expected"
  expected=$number
  count_rules "$standing"
  [ "$number" = "$expected" ] || {
    why="fw-run made chain $guard_chain with $expected rules, but it has $number: another program may have changed it"
    return 1
  }
}

# Whether iptables-restore takes the lock, and flushes a chain that it declares.
restores() {
  case "$version " in
    'iptables v1.8.'[0-3]' '*) return 1 ;;
    'iptables v1.8.'* | 'iptables v1.9'*) has "$xtables-restore" ;;
    *) return 1 ;;
  esac
}

# Whether no word of the wanted rules needs quotes. An undo has the words of a rule that somebody may have written by hand.
plain_filling() {
  case $filling in *[!-A-Za-z0-9_./:,+!" $tab$nl"]*) return 1 ;; esac
}

# Makes our chain, or exchanges all its rules at once.
restore_chain() {
  text="*mangle$nl:$guard_chain - [0:0]$nl"
  IFS=$nl
  for line in $filling; do text=$text${line%%"$tab"*}$nl; done
  IFS=$blank
  feed "${text}COMMIT" restore_tables 2>&1
} 2>/dev/null

restore_tables() {
  exec "$xtables-restore" -w "$patience" -n 8</dev/null
}

refill_chain() {
  if [ -z "$standing" ]; then
    alter -N "$guard_chain"
  else
    cover_chain && clear_behind_cover
  fi && each_filling "$guard_chain" || return 1
  [ -z "$standing" ] || alter -D "$guard_chain" 1
}

# Sets $standing to a chain as `-S` prints it, without counters; empty where there is none.
read_one() { # CHAIN
  standing=
  if try ipt -S "$1"; then
    # iptables may warn of other tables first, or in the middle, or tell that it waited for its lock.
    case $out in *'# Warning: '*) try_quietly ipt -S "$1" || return 1 ;; esac
    standing="-N $1${out#*"-N $1"}"
    return
  fi
  ! no_such_chain || return 0
  # What iptables of nf_tables says of a chain that is missing, it also says of one that it cannot show.
  case $code,$out in
    1,*"is incompatible, use 'nft' tool"*)
      try_quietly save_table mangle || return 1
      case $nl$out in
        *"$nl:$1 "* | *"is incompatible, use 'nft' tool"*)
          why="$xtables cannot show chain $1 of the table mangle"
          return 1
          ;;
      esac
      ;;
    *) return 1 ;;
  esac
}

wanted_chain() { # sets $expected to our chain as `-S` prints it
  expected="-N $guard_chain"
  IFS=$nl
  for line in $filling; do expected=$expected$nl${line%%"$tab"*}; done
  IFS=$blank
}

count_rules() { # TEXT; sets $number
  number=0
  IFS=$nl
  for line in $1; do
    case $line in -A*) number=$((number + 1)) ;; esac
  done
  IFS=$blank
}

each_filling() { # CHAIN: appends each wanted rule
  left=$filling
  while [ -n "$left" ]; do
    line=${left%%"$nl"*}
    left=${left#*"$nl"}
    IFS=$tab
    # shellcheck disable=SC2086 # as in words()
    set -- "$1" $line
    IFS=$blank
    chain=$1
    shift 2
    alter -A "$chain" "$@" || return 1
    set -- "$chain"
  done
}

# Sends packets from our chain to a copy aside. A copy that they pass already is a whole one, of this attempt or an earlier.
cover_chain() {
  first=${standing#*"$nl"}
  [ "${first%%"$nl"*}" != "-A $guard_chain -g $aside_chain" ] || return 0
  kept=$standing
  read_one "$aside_chain" || return 1
  if [ -n "$standing" ]; then alter -F "$aside_chain"; else alter -N "$aside_chain"; fi || return 1
  standing=$kept
  each_filling "$aside_chain" && alter -I "$guard_chain" 1 -g "$aside_chain"
}

# Deletes all rules of our chain but the first, which leads aside.
clear_behind_cover() {
  kept=$standing
  read_one "$guard_chain" || return 1
  count_rules "$standing"
  standing=$kept
  while [ "$number" -gt 1 ]; do
    alter -D "$guard_chain" 2 || return 1
    number=$((number - 1))
  done
}

without_chain() { # CHAIN
  if try ipt -F "$1"; then
    alter -X "$1"
    return
  fi
  no_such_chain
}
