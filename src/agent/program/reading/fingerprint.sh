# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The fingerprint: a name for the FORWARD chain, our sets, table, chain and boot files as they were read. Another one means that somebody
# changed them. The agent keeps the text itself, so the name holds for this session only. With a guard before routing only
# the rules of FORWARD count that name our set: others may write theirs at any time.

fingerprint() {
  say "${print:-$unprinted}"
  [ -n "$print" ]
}

# Sets $print: the number of the text that was read, among the texts of this session.
take_fingerprint() { # SET
  print=
  unnamed=
  ! nameless || unnamed=yes
  begin_rules
  read_table
  read_boot
  ! early || setless || read_sets
  # FORWARD comes before all other rules: a change between them makes the plan stale.
  if ! { counted_table && counted_boot && read_chain "$1" && read_chains && counted_chains && read_own "$1"; }; then
    unprinted=$why
    return 1
  fi
  without_counters "$table"
  seen=$chain$nl$members$nl$lasting$own$boot_said$program_text$service_text
  [ "$texts" -ne 0 ] && [ "$printed" = "$seen" ] || texts=$((texts + 1))
  printed=$seen
  print="$texts of $mark"
}
print=
texts=0

# Sets $own and $members to our chains and the members of our sets.
read_own() { # SET
  own_chains
  members=
  [ -z "$own_set6" ] || read_members "$own_set6" || return 1
  own=$own$members
  read_members "$1"
}

# Whether the table is known as far as it counts. Guard forward does not need nft: where that fails, nothing counts.
counted_table() {
  [ "$guard" = nft ] && [ -n "$table_fault" ] || return 0
  why=$table_fault
  return 1
}

counted_chains() {
  [ -n "$chain_fault" ] || return 0
  why=$chain_fault
  return 1
}

counted_boot() {
  [ -n "$boot_fault" ] || return 0
  why=$boot_fault
  return 1
}

read_naming() { # SET
  read_rules
  code=$rules_code out=$saved
  succeeded iptables-save || return 1
  within=
  IFS=$nl
  for line in $saved; do
    case $line in
      '*'*) within=$line ;;
      *" -A FORWARD "*" --match-set $1 "*) [ "$within" != '*filter' ] || chain=$chain${line#*"] "}$nl ;;
    esac
  done
  IFS=$blank
}

# Sets $members to the lines of the set among all sets; fails where they cannot be read. A member counts without its
# counters.
read_members() { # SET
  members=
  ! setless || return 0
  read_sets
  code=$sets_code out=$all_sets
  succeeded ips save || return 1
  case $nl$all_sets in *"${nl}create $1 "*) ;; *) return 0 ;; esac
  piece=
  counted=
  IFS=$nl
  for line in $all_sets; do
    case $line in
      "create $1 "*) case $line in *' counters'* | *' timeout '*) counted=yes ;; esac ;;
      "add $1 "*)
        [ -z "$counted" ] || {
          line=${line#"add $1 "}
          line="add $1 ${line%% *}"
        }
        ;;
      *) continue ;;
    esac
    piece=$piece$line$nl
    [ "${#piece}" -lt 4000 ] || {
      members=$members$piece
      piece=
    }
  done
  IFS=$blank
  members=$members$piece
}

# Sets $chain; a rule counts with all its lines. It stays empty for nf_tables, and where the filter table is not loaded:
# asking would create it. With a guard before routing it is only the rules that name our set, also those of nf_tables that
# somebody made by hand.
read_chain() { # SET
  chain=
  [ -z "$by_hand" ] || {
    read_naming "$1"
    return
  }
  ! nft_backend && knows /proc/net/ip_tables_names filter || return 0
  ! early || {
    [ -n "$unnamed" ] || ! legacy || read_naming "$1"
    return
  }
  # What iptables prints while it waits for its lock does not count.
  try_quietly ipt -S FORWARD && chain=$out
}
