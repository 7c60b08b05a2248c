# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Our table of nft: how it shall be, and how it is.
#
# Goals, and how each is met:
#  1. Never half a table, and no instant without one. Making it, deleting it and making it anew are one `nft -f`, which
#     the kernel carries out wholly or not at all.
#  2. Twice is the same as once. The old table is deleted first; what is deleted was made just before, so it is there.
#  3. Only our table is read or written, by its name. A list of all tables takes many seconds on a large host.
#  4. What cannot be read is never taken for absent. nft has one message for a table that does not exist.
#  5. A host is read by one nft a request. Only a step for the table makes the agent read it again.
#
#  table absent | table present LINE…

has() { # TOOL
  command -v "$1" >/dev/null 2>&1
}

nfts() { # as ipt and ips
  exec nft "$@" 8</dev/null
}

put_table() { # absent | present LINE…
  if ! has nft; then
    [ "$1" = present ] || return 0
    why='nft is not installed'
    return 1
  fi
  ! stands "$@" || return 0
  table_read=
  try load_table "$@"
}

# Whether the table is as wanted already, but for counters. An undo has the words in which nft printed it, so where nothing
# was changed nothing needs nft.
stands() { # absent | present LINE…
  read_table
  [ -z "$table_fault" ] || return 1
  if [ "$1" = absent ]; then
    [ -z "$table" ]
    return
  fi
  shift
  without_counters "$table"
  there=$lasting
  IFS=$nl
  lines="$*"
  IFS=$blank
  without_counters "table $guard_table {$nl$lines$nl}"
  [ "$there" = "$lasting" ]
}

# Old versions of nft do not know `-`. Shells say "Terminated" of what the clock ends in a pipe; nft alone has a say.
load_table() { # absent | present LINE…
  table_text "$@"
  feed "$text" nfts -f /dev/stdin 2>&1
} 2>/dev/null

# Sets $text.
table_text() { # absent | present LINE…
  text="table $guard_table${nl}delete table $guard_table"
  [ "$1" = present ] || return 0
  shift
  IFS=$nl
  text="$text${nl}table $guard_table {$nl$*$nl}"
  IFS=$blank
}

# Leaves of $out what nft found wrong, without the text it repeats: that may be a whole table.
only_faults() {
  faults=
  IFS=$nl
  for line in $out; do
    case $line in *'Error: '*) faults=$faults${faults:+ }$line ;; esac
  done
  IFS=$blank
  out=${faults:-${out%%"$nl"*}}
  [ "${#out}" -le 500 ] || out=$(printf '%.500s' "$out")
}

# ---- the table as it is ----

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
  set -- 'chain outsider {' 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept' 'ct direction reply accept' 'ct state invalid,untracked counter drop' "counter $2" '}' \
    "chain $1 {" "type filter hook $1 priority -155; policy accept" \
    "iifname { \"eth0\", \"eth1\" } ${original}ip daddr { 192.0.2.0/25, 198.51.100.0/24 } ip saddr != { 203.0.113.1, 203.0.113.3 } jump outsider" \
    "iifname { \"eth0\", \"eth1\" } ${original}ip6 daddr { 2001:db8:1::/64, 2001:db8:3::/64 } ip6 saddr != { 2001:db8::1, 2001:db8::3 } jump outsider" '}'
  IFS=$nl
  text="table ${guard_table}_check {$nl$*$nl}"
  IFS=$blank
}
