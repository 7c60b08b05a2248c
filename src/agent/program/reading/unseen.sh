# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# A guard of ours that the tools of today do not show, because the host has other tools than when it was made.

# The rules of ours in the backend of iptables that is not read, after a line "# PROGRAM"; or "! PROGRAM", and why it cannot be asked.
# It is asked only if the kernel counts more users of our set than what was read has.
unseen_rules() {
  IFS=$nl
  for line in $users; do
    IFS=$blank
    name=${line%%"$tab"*}
    used=${line#*"$tab"}
    all_seen || ask_other_backend
    IFS=$nl
  done
  IFS=$blank
}

all_seen() { # whether rules and sets that were read use the set $name as often as the kernel counts
  case $saved$nl$own in *"-set $name "*) [ "$used" -ne 1 ] || return 0 ;; esac
  IFS=$nl
  for line in $saved $own $all_sets; do
    case "$line " in
      '['*" -A $guard_chain "*) ;;
      *"-set $name "* | "add "*" $name "*) used=$((used - 1)) ;;
    esac
  done
  IFS=$blank
  [ "$used" -le 0 ]
}

ask_other_backend() {
  family=4
  [ "$name" = "$our_set" ] || family=6
  of_family "$family"
  # ip6tables may have another backend than iptables. Where no chain of it was read, both are asked.
  both=
  [ "$family$own_set6" != 6 ] || both=yes
  { [ -z "$both" ] && nft_backend; } || ask_backend nft
  { [ -z "$both" ] && legacy; } || ask_backend legacy
  xtables=iptables
}

ask_backend() { # legacy | nft
  case $1 in
    # Asking creates the tables.
    legacy) loaded "/proc/net/${xtables%tables}_tables_names" || return 0 ;;
    nft) [ ! -d /sys/module ] || [ -d /sys/module/nft_compat ] || has "$xtables-nft-save" || return 0 ;;
  esac
  asked=$xtables-$1
  if ! has "$asked-save"; then
    # Rules of others may use a set of that name for IPv6. Both programs come in one package.
    [ "$family" -eq 6 ] || say "! $asked"
    return
  fi
  try_quietly other_save "$asked" || {
    case $out in
      *'Failed to initialize nft: Protocol not supported'* | *'rule set generation id: Invalid argument'*) ;;
      *) say "! $asked$tab$why" ;;
    esac
    return
  }
  say "# $asked"
  IFS=$nl
  for line in $out; do
    case "$line " in
      '*'* | 'COMMIT '* | :FORWARD* | :PREROUTING* | ":$guard_chain "* | ":$aside_chain "*) ;;
      '-A FORWARD '*"-set $name "* | '-A PREROUTING '*" $guard_chain "* | "-A $guard_chain "* | "-A $aside_chain "*) ;;
      *) continue ;;
    esac
    said=$said$line$nl
  done
  IFS=$blank
}

other_save() { # PROGRAM
  exec "$1-save" 8</dev/null
}

# Why our table may stand, where nft is not there to show it: it was made since the last boot, or our program at boot makes it.
unseen_table() {
  ! has nft || return 0
  case $program_text in
    *"delete table $guard_table"*) say boot ;;
    *) [ ! -e "$table_note" ] || say noted ;;
  esac
}
