# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Our chain in mangle PREROUTING, of iptables and of ip6tables, as it is. What cannot be read is never taken for absent, and a table
# that the kernel has not loaded is not asked for.

of_family() { # 4 | 6
  case $1 in 4) xtables=iptables ;; 6) xtables=ip6tables ;; esac
}

# Whether nothing can be in a table of $xtables: no tool, or the kernel has not loaded it.
tableless() { # TABLE
  has "$xtables" || return 0
  ! nft_backend && ! knows "/proc/net/${xtables%tables}_tables_names" "$1"
}

save_table() { # TABLE…
  exec "$xtables-save" -c -t "$1" 8</dev/null
}

# Sets $mangle4 and $mangle6 to the tables in which our chain stands or shall stand, with counters; $chain_fault says why
# one cannot be read. Other guards do not need iptables here: where it fails, nothing counts. A host that had no chain of
# ours when it was first read is asked again only after a step for one.
read_chains() {
  [ -z "$chains_read" ] || return 0
  chains_read=yes
  chain_fault=
  read_mangle 4 "$chainless4" && chainless4=$empty mangle4=$text
  read_mangle 6 "$chainless6" && chainless6=$empty mangle6=$text
  xtables=iptables in=''
}
chainless4=
chainless6=

read_mangle() { # 4 | 6, KNOWN; sets $text, and $empty where there is surely no chain
  text=
  empty=$2
  [ -z "$2" ] && [ -n "$version" ] || return 0
  of_family "$1"
  ! tableless mangle || return 0
  ! chain_lacks "$1" || {
    empty=yes
    return 0
  }
  if [ "$guard" != mangle ] && ! chain_stands "$1"; then
    case $code,$out in
      1,*'No chain/target/match by that name'* | 1,*'Error: No such file or directory'*) empty=yes ;;
      *) nft_backend || chain_fault=$why ;;
    esac
  elif try_quietly save_table mangle; then
    text=$out
  else
    chain_fault=$why
  fi
}

# Whether the rules of all tables, where they are read, show that our chain does not stand.
chain_lacks() { # 4 | 6
  [ "$1,$only" = 4, ] && [ "$guard" != mangle ] && legacy || return 1
  read_rules
  [ "$rules_code" -eq 0 ] || return 1
  case $saved in *"$nl:$guard_chain "*) return 1 ;; esac
}

chain_stands() { # 4 | 6. Of nf_tables, nft lists one chain at once, and iptables-save takes seconds on a large host
  if nft_backend && has nft; then
    case $1 in
      4) try nfts list chain ip mangle "$guard_chain" ;;
      6) try nfts list chain ip6 mangle "$guard_chain" ;;
    esac
  else
    in='-t mangle'
    try ipt -S "$guard_chain"
  fi
}

mangle() { # 4 | 6
  [ -z "$chain_fault" ] || {
    say "$chain_fault"
    return 1
  }
  case $1 in
    4) [ -z "$mangle4" ] || say "$mangle4" ;;
    6) [ -z "$mangle6" ] || say "$mangle6" ;;
  esac
}

# Sets $own to our chains and what leads to them, without counters, and $own_set6 to the set that the chain of IPv6 asks for.
own_chains() {
  own=
  own_set6=
  six=
  IFS=$nl
  for line in $mangle4 '*mangle6' $mangle6; do
    case "$line " in
      ":$guard_chain "*) own=$own$guard_chain$nl ;;
      '*mangle6 ') own=$own$line$nl six=yes ;;
      *" $guard_chain "*) own=$own${line#*"] "}$nl ;;
    esac
    case $six$line in
      yes*" $guard_chain -m set --match-set "*)
        own_set6=${line#*" --match-set "}
        own_set6=${own_set6%% *}
        ;;
    esac
  done
  IFS=$blank
}

# ---- what a guard of this kind needs to know ----

raw() { # 4 | 6: the rules before ours in raw
  [ "$guard" = mangle ] && [ -n "$version" ] || return 0
  of_family "$1"
  tableless raw || run "$xtables-save" -c -t raw
  code=$?
  xtables=iptables
  return "$code"
}

# What a chain of ours would lack here. nf_tables is asked in an empty network, because no version tells what it takes.
mangle_support() {
  [ "$guard" = mangle ] || [ -z "$taken" ] || return 0
  { [ -n "$version" ] && has ipset; } || say iptables
  { has ip6tables && has ip6tables-save; } || say ip6tables
  # With two backends, what is asked of one program would not be seen by the other.
  if [ -n "$version" ] && has ip6tables; then
    version6=$(exec ip6tables -V 2>&1)
    case $version,$version6 in
      *nf_tables*,*nf_tables*) ;;
      *nf_tables*,* | *,*nf_tables*) say ip6tables-backend ;;
    esac
  fi
  nft_backend && has unshare || return 0
  try try_chain && return 0
  reason=${out##*"$nl"}
  # Where nobody may make a network, nothing is known: the change itself will tell.
  ! try in_network true || say "$reason"
}

in_network() { # COMMAND…: in an empty one
  exec unshare -n "$@" 8</dev/null
}

try_chain() {
  in_network sh -ec 'ipset create try hash:ip
    iptables -t mangle -N try
    iptables -t mangle -A try -m conntrack --ctdir REPLY -j RETURN
    iptables -t mangle -A try -m set --match-set try src -j RETURN
    iptables -t mangle -A PREROUTING -i lo -j try'
}
