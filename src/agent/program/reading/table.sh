# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Our table of nft as it is, and what the kernel and nft would take.
#
# Goals, and how each is met:
#  1. Only our table is read, by its name. A list of all tables takes many seconds on a large host.
#  2. What cannot be read is never taken for absent. nft has one message for a table that does not exist.
#  3. A host is read by one nft a request. Only a step for the table makes the agent read it again.

# Sets $table to the table with its counters, empty where there is none; $table_fault says why it cannot be read.
read_table() {
  [ -z "$table_read" ] || return 0
  table_read=yes
  table=
  table_fault=
  has nft || return 0
  # Two questions at once: whether it may be made anew, so that there is none, and whether nft takes the first form.
  if [ "$guard$support_said" = forward ] && [ -z "$only" ] && try check_form prerouting reject "create table $guard_table$nl"; then
    support_said="prerouting reject$nl"
    taken=$support_said
    supported=0
  elif try nfts list table "$guard_table"; then
    table=$out
  else
    # Exit code 127 of a program that lacks a library has the same words.
    case $code,$out in 1,*'Error: No such file or directory'*) ;; *) table_fault=$why ;; esac
  fi
}

# Guard forward does not need nft, so there its fault is none. A table that is left is not seen then.
table() {
  [ -z "$table_fault" ] || [ "$guard" != nft ] || {
    say "$table_fault"
    return 1
  }
  [ -z "$table" ] || say "$table"
}

# Sets $lasting to a table without counters, which each packet changes, and without blanks before its lines. Lines are
# gathered in pieces, because adding each to the whole takes the square of their number.
without_counters() { # TEXT
  lasting=
  piece=
  IFS=$nl
  for line in $1; do
    line=${line#"${line%%[!"$tab" ]*}"}
    while :; do
      case $line in *'packets '[0-9]*' bytes '[0-9]*) ;; *) break ;; esac
      piece=$piece${line%%packets [0-9]* bytes [0-9]*}
      line=${line#*packets [0-9]* bytes }
      line=${line#"${line%%[!0-9]*}"}
    done
    piece=$piece$line$nl
    [ "${#piece}" -lt 4000 ] || {
      lasting=$lasting$piece
      piece=
    }
  done
  IFS=$blank
  lasting=$lasting$piece
}

# ---- what a guard of this kind needs to know ----

# The forms of our table that the kernel and nft take. Each is tried: versions do not tell what was built in. Who takes
# the first form needs no other. 1: none is taken; 2: nft could not be asked.
nft_support() {
  [ -z "$support_said" ] || [ "$guard" = mangle ] || {
    said=$support_said
    return "$supported"
  }
  taken=
  [ "$guard" != mangle ] || return 0
  has nft || {
    say 'nft is not installed'
    return 1
  }
  refused=
  for form in 'prerouting reject' 'prerouting drop' 'forward reject'; do
    if try check_form "${form% *}" "${form#* }"; then
      taken=$taken$form$nl
      [ "$form" != 'prerouting reject' ] || break
    else
      # nft refuses with exit code 1 and says why. All else is a fault of the moment, and no reason for a weaker form.
      case $code,$out in
        1,*'Error: '*) refused=${refused:-$why} ;;
        *)
          say "$why"
          return 2
          ;;
      esac
    fi
  done
  said=${taken:-$refused}
  [ -n "$taken" ]
}

# The table that is checked has a name of its own and deletes nothing: while the kernel gives up a batch that has made and
# deleted a table, that table can be seen, and a run beside this one would take it for ours.
check_form() { # HOOK VERDICT [TEXT]: with a text before it
  sample "$1" "$2"
  feed "${3-}$text" nfts -c -f /dev/stdin 2>&1
} 2>/dev/null

sample() { # HOOK VERDICT
  case $1 in
    prerouting) original= ;;
    forward) original='ct direction original ct original ' ;;
  esac
  set -- 'chain outsider {' 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept' 'ct direction reply accept' \
    'icmp type { destination-unreachable, time-exceeded, parameter-problem } ct state related accept' \
    'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ct state related accept' \
    'ct state invalid,untracked counter drop' "counter $2" '}' \
    "chain $1 {" "type filter hook $1 priority -155; policy accept" \
    "iifname { \"eth0\", \"eth1\" } ${original}ip daddr { 192.0.2.0/25, 198.51.100.0/24 } ip saddr != { 203.0.113.1, 203.0.113.3 } jump outsider" \
    "iifname { \"eth0\", \"eth1\" } ${original}ip6 daddr { 2001:db8:1::/64, 2001:db8:3::/64 } ip6 saddr != { 2001:db8::1, 2001:db8::3 } jump outsider" '}'
  IFS=$nl
  text="table ${guard_table}_check {$nl$*$nl}"
  IFS=$blank
}
