# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# How packets come to this host and leave it, before any rule: interfaces, routes, tunnels and settings of the kernel.

# Names this boot of this kernel.
machine() {
  boot=
  read -r boot </proc/sys/kernel/random/boot_id
  [ -z "$boot" ] || say "$boot"
} 2>/dev/null

# A directory for each interface. A shell would read /proc/net/dev byte by byte.
devices=/proc/sys/net/ipv4/conf

# Addresses, routes, permanent neighbours and links by one process. Links come last: old versions of ip forget there that IPv4
# was asked for.
network() {
  { said=$(feed "addr show${nl}route show${nl}neigh show nud permanent${nl}link show" exec ip -4 -o -batch - 2>&1); } 2>/dev/null
}

# The bridges of which iptables sees what they pass on. `ip link` shows only that an interface has ports, as a bond and a team have.
bridges() {
  ! early || return 0
  set +f
  for path in /sys/class/net/*/bridge; do
    set -f
    if is_on /proc/sys/net/bridge/bridge-nf-call-iptables || is_on "$path/nf_call_iptables"; then
      path=${path%/bridge}
      say "${path##*/}"
    fi
  done
  set -f
}

is_on() { # FILE
  value=
  read -r value <"$1"
  [ "${value:-0}" != 0 ]
} 2>/dev/null

# Which node is at the far end of a VXLAN tunnel: flannel and Calico give each node's pod network a gateway there, which is a
# permanent neighbour, and the gateway's MAC the address of its node (fdb).
tunnels() {
  set +f
  for path in "$devices"/flannel.* "$devices"/vxlan*; do
    [ -e "$path" ] || continue
    say "device ${path##*/}"
    said=$said$(exec bridge fdb show dev "${path##*/}" </dev/null)$nl
  done
  set -f
} 2>/dev/null

present() { # FILE
  [ ! -r "$1" ] || while IFS= read -r row || [ -n "$row" ]; do say "$row"; done <"$1"
}

loaded() { # FILE: whether it has a line
  read -r _ <"$1"
} 2>/dev/null

# The sysctl rp_filter of `all`, and of each interface that is not a pod's.
source_filters() {
  early || return 0
  set +f
  for path in "$devices"/*; do
    case ${path##*/} in default | cali* | veth* | lxc*) ;; *) source_filter "${path##*/}" ;; esac
  done
  set -f
} 2>/dev/null

source_filter() { # all | INTERFACE
  value=
  read -r value <"$devices/$1/rp_filter"
  [ -z "$value" ] || say "$1 $value"
}

# The interfaces by which the host takes packets with a source route: both this sysctl of the interface and that of `all` must be on.
source_routes() {
  early && takes_source_routes all || return 0
  set +f
  for path in "$devices"/*; do
    case ${path##*/} in all | default | cali* | veth* | lxc*) continue ;; esac
    ! takes_source_routes "${path##*/}" || say "${path##*/}"
  done
  set -f
} 2>/dev/null

takes_source_routes() { # all | INTERFACE
  is_on "$devices/$1/accept_source_route"
}

# Whether rules put connections into a flow table: each such rule counts as a user of the module.
flow_table() {
  used=0
  read -r used </sys/module/nft_flow_offload/refcnt
  [ "$used" = 0 ] || say "$used"
} 2>/dev/null

# A map of Calico's eBPF data plane. Not every version, and not every setting, has interfaces of its own (felix/bpf/maps). Felix
# deletes the maps when the data plane is switched off (felix/bpf/tc/cleanup.go).
bpf_maps() {
  set +f
  for map in /sys/fs/bpf/tc/globals/cali_v[46]_*; do
    [ ! -e "$map" ] || say "$map"
    break
  done
  set -f
}

# Addresses and routes as /proc has them. A host that does not forward IPv6 has no pods that IPv6 reaches, but it speaks to pods of
# others, whose guards before routing ask for its addresses. A shell would read them byte by byte, and the routes are long.
ipv6() {
  if forwards; then
    run cat /proc/net/if_inet6 /proc/net/ipv6_route
  else
    early && [ -e /proc/net/if_inet6 ] || return 0
    say not-forwarding
    run cat /proc/net/if_inet6
  fi
  said=$said$nl
  each_temporary "$said"
}

# The interfaces with temporary addresses, of which the last flag tells, if the host prefers these as sources (ip-sysctl).
each_temporary() { # ROWS
  IFS=$nl
  # shellcheck disable=SC2086 # rows are separated by newlines
  set -- $1
  IFS=$blank
  for row; do
    # shellcheck disable=SC2086 # fields are separated by blanks
    set -- $row
    [ "$#" -eq 6 ] || continue
    case $5 in *[13579bdf]) ;; *) continue ;; esac
    value=
    read -r value <"/proc/sys/net/ipv6/conf/$6/use_tempaddr"
    [ "${value:-0}" -lt 2 ] || say "prefers $6"
  done
} 2>/dev/null

# Whether the host forwards IPv6, as ip6_forward() of the kernel has it: by any value of `all` but 0, or, since 6.17, by
# `force_forwarding` of an interface.
forwards() {
  set +f
  set -- /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/*/force_forwarding
  set -f
  for path; do
    # A shell that reads a sysctl byte by byte never sees the end of its line, so read fails though it has read.
    value=
    read -r value <"$path"
    [ "${value:-0}" = 0 ] || return 0
  done
  return 1
} 2>/dev/null
