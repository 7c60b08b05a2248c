# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The sets of the kernel: all, or on a large host those that a plan needs; and how many rules use ours.

sets() {
  [ "$guard" != nft ] || ! setless || return 0
  read_sets
  said=$all_sets
  return "$sets_code"
}

# Sets $all_sets to what `ipset save` prints, once until a set is changed.
read_sets() {
  [ -z "$sets_read" ] || return 0
  sets_read=yes
  ! few_again || return 0
  few_sets=
  { all_sets=$(ips save 2>&1); sets_code=$?; } 2>/dev/null
  { [ "$guard" != nft ] || [ -n "$whole" ] || [ "$sets_code" -ne 0 ] || [ "${#all_sets}" -lt 50000 ]; } || fewer_members
}

# On a large host, others have tens of thousands of members. For the guard nft, only these count: of our set, of sets
# that an older guard may have, of sets of sets, and the pod networks and nodes of Calico. Of other sets, name and type are
# enough. A comment, which may hold line breaks, stands in quotes.
fewer_members() {
  case $all_sets in *'"'*) return 0 ;; esac
  case $our_set in '' | *[!-A-Za-z0-9_]*) return 0 ;; esac
  few=$(feed "$all_sets" exec sed -n -e '/^create /!{G;s/\n$//p;d;}' -e "/^create $our_set /b kept" \
    -e '/^create cali40[a-z]*-[a-z]*-pools /b kept' -e '/^create cali[46]0all-[a-z]*-net /b kept' \
    -e '/^create [^ ]* hash:ip /b kept' -e '/^create [^ ]* list:set /b kept' -e 's/^\(create [^ ]* [^ ]*\) .*/\1/p' \
    -e 's/.*/-/' -e 'h;d' -e ':kept' -e p -e 's/.*//' -e h) || return 0
  all_sets=$few
  few_sets=yes
}
our_set=
few_sets=

# Sets $users to how many rules and sets use each set of ours that stands, also those that are not read here: of ip6tables, or of
# the other backend. Only the facts ask; later answers say the same. $by_hand: with an nf_tables backend, more than our chain
# use the set.
count_users() {
  users=
  by_hand=
  ! setless || return 0
  read_chains
  own_chains
  read_sets
  usual_set6
  for name in "$our_set" "${own_set6:-$set6}"; do
    case $nl$all_sets in *"${nl}create ${name:-?} "*) ;; *) continue ;; esac
    ask_users "$name" || continue
    # Our rule is one. While another program exchanges the table, the kernel counts it in the old text and in the new one.
    [ "$used" -le 1 ] || early || {
      most=$used
      sleep 0.1 || sleep 1
      ask_users "$name" && [ "$used" -le "$most" ] || used=$most
    }
    users=$users$name$tab$used$nl
    { [ "$name" = "$our_set" ] && early && nft_backend; } || continue
    IFS=$nl
    for line in $own; do
      case $line in *" --match-set $name "*) used=$((used - 1)) ;; esac
    done
    IFS=$blank
    [ "$used" -le 0 ] || by_hand=yes
  done
}
users=
by_hand=

# Sets $set6 to the name that our set of IPv6 has, as setOf() makes it: its chain may stand where it is not read.
usual_set6() {
  set6=$our_set
  while [ "${#set6}" -gt 29 ]; do set6=${set6%?}; done
  case $our_set in *-6) set6=$set6.6 ;; *) set6=$set6-6 ;; esac
}

ask_users() { # SET; sets $used
  try ips list -t "$1" || return 1
  used=${out##*References: }
  used=${used%%"$nl"*}
  case $used in '' | *[!0-9]*) return 1 ;; esac
}

set_users() {
  said=$users
}

# Whether the fewer members do again for a change: none of the sets is ours, none has come and none has gone.
few_again() {
  [ -n "$few_sets" ] && [ -n "$only" ] || return 1
  known_names
  case $names in
    *"$nl$our_set$nl"* | *"$nl$own_set6$nl"*) ;;
    *) out=$(ips -n list) && [ "$names" = "$nl$out$nl" ] && return 0 ;;
  esac
  names=
  return 1
} 2>/dev/null

# Sets $names to the names of the sets that were read, one a line, or to nothing where they are not known.
known_names() {
  names=
  [ -n "$sets_read" ] && [ "$sets_code" -eq 0 ] || return 0
  case $all_sets in *'"'*) return 0 ;; esac
  IFS=$nl
  for line in $all_sets; do
    case $line in 'create '*) line=${line#create } && names=$names$nl${line%% *} ;; esac
  done
  IFS=$blank
  names=$names$nl
}
