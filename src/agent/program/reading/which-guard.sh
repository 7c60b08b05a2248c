# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Which guard the host takes, by its tools and its kernel.

early() { # whether the guard stands before routing
  case $guard in nft | mangle) return 0 ;; esac
  return 1
}

# Where the inventory leaves the choice: nft where it takes our table, else mangle. A fault of the moment is no reason to
# choose anew.
choose_guard() {
  [ "$guard" = auto ] || return 0
  guard=nft
  chosen=nft
  said=
  nft_support
  supported=$?
  [ "$supported" -ne 1 ] || guard=mangle chosen="mangle$tab$said"
  support_said=$said
}
chosen=
support_said=

chosen_guard() {
  [ -z "$chosen" ] || say "$chosen"
}

legacy() { # whether there is an iptables, and its backend is the legacy one
  [ -n "$version" ] && ! nft_backend
}

# Sets $version; empty without an iptables. Since 1.8 the name of its file tells the backend, and only the guard mangle needs
# to know more.
learn_version() {
  version=
  has iptables || return 0
  place_of iptables
  for backend in legacy nft; do
    for file in "/usr/sbin/xtables-$backend-multi" "/sbin/xtables-$backend-multi"; do
      # shellcheck disable=SC3013 # all shells that this runs under have it
      [ "$guard" = mangle ] || ! [ "$place/iptables" -ef "$file" ] || version=$backend
    done
  done
  case $version in
    legacy) version='iptables v1.8 (legacy)' ;;
    nft) version='iptables v1.8 (nf_tables)' ;;
    *) version=$(exec iptables -V 2>&1) ;;
  esac
}

place_of() { # TOOL; sets $place to its directory
  IFS=:
  for place in $PATH; do
    [ ! -x "$place/$1" ] || break
  done
  IFS=$blank
  [ -x "$place/$1" ]
}

# The programs that read and write other rules than iptables or ip6tables, because they have another backend: TOOL<tab>PROGRAM. One
# file has one backend. Of two files, the versions tell. A program that just failed is not asked.
odd_backends() {
  [ "$rules_code" -eq 0 ] || return 0
  for tool in iptables ip6tables; do
    place_of "$tool" || continue
    file=$place/$tool
    for second in "$tool-save" "$tool-restore"; do
      place_of "$second" || continue
      # shellcheck disable=SC3013 # all shells that this runs under have it
      ! [ "$place/$second" -ef "$file" ] || continue
      backend_of "$tool"
      first=$backend
      backend_of "$second"
      case $first,$backend in legacy,nf_tables | nf_tables,legacy) say "$tool$tab$second" ;; esac
    done
  done
}

backend_of() { # PROGRAM; sets $backend
  try tell_version "$1"
  case $out in
    *'(nf_tables)'*) backend=nf_tables ;;
    *'(legacy)'*) backend=legacy ;;
    *) backend= ;;
  esac
}

# A version that does not know the flag may go on to its work, and iptables-restore reads.
tell_version() { # PROGRAM
  exec "$1" -V 8</dev/null </dev/null
}

# By its version iptables is spoken to, and known by its backend. One that failed when it was asked is asked again.
known_version() {
  case $version in 'iptables v'*) return 0 ;; esac
  has iptables || return 0
  learn_version
  case $version in 'iptables v'*) return 0 ;; esac
  why="iptables -V failed: $version"
  return 1
}

tools() {
  case $guard in
    nft) set -- nft ;;
    *) set -- iptables iptables-save ipset ;;
  esac
  for tool in "$@" ip setsid; do
    has "$tool" || say "$tool"
  done
}

# What iptables needs. What the kernel has loaded stands in /proc. For the rest modprobe says, in a dry run, whether it could be loaded.
support() {
  [ "$guard" != nft ] || return 0
  knows /proc/net/ip_tables_matches set || loadable xt_set || say 'match set'
  knows /proc/net/ip_tables_matches conntrack || loadable xt_conntrack || say 'match conntrack'
  knows /proc/net/ip_tables_targets REJECT || loadable ipt_REJECT || say 'target REJECT'
}

knows() { # FILE NAME: whether a line of the file is that name
  while read -r known; do
    [ "$known" != "$2" ] || return 0
  done <"$1"
  return 1
} 2>/dev/null

loadable() { # MODULE
  modprobe -n -q "$1" 2>/dev/null
}

nft_backend() {
  case $version in *nf_tables*) return 0 ;; esac
  return 1
}
