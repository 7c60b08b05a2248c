# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Facts: everything that a host can tell. Nothing here changes a host.

facts() { # after take_fingerprint
  section tools tools
  section iptables-version printf '%s\n' "$version"
  section ipset-version ipset -v
  section support support
  section network network
  section flannel present /run/flannel/subnet.env
  section firewalls firewalls
  section lock holder
  section unfinished unfinished
  section note own_notes
  section room df -P /run
  section untrusted-room untrusted_room
  section machine machine
  section other-rules other_rules
  state
}

# What a change can alter. After a change, the filter table is enough. The fingerprint was taken before: a change after it
# makes the plan stale, and a plan of old rules never looks fresh.
state() { # [iptables-save's OPTION…]
  # Asking for a table creates it, so an unloaded one is not asked for.
  knows /proc/net/ip_tables_names filter || set --
  section fingerprint fingerprint
  section rules iptables-save -c "$@"
  section sets ipset save
}

untrusted_room() {
  trusted || printf '%s\n' "$why"
}

# Names this boot of this machine, and its network: hosts that say the same are one. Containers may share a kernel.
machine() {
  boot=$(present /proc/sys/kernel/random/boot_id) && [ -n "$boot" ] && net=$(readlink /proc/self/ns/net) && printf '%s %s\n' "$boot" "$net"
}

own_notes() {
  ! trusted || present "$room/note"
}

# Addresses, routes and links by one process. Links come last: old versions of ip forget there that IPv4 was asked for.
network() {
  printf '%s\n' 'addr show' 'route show' 'link show' | ip -4 -o -batch -
}

present() { # FILE
  [ ! -r "$1" ] || while IFS= read -r row || [ -n "$row" ]; do printf '%s\n' "$row"; done <"$1"
}

tools() {
  for tool in iptables iptables-save ipset ip cksum setsid; do
    command -v "$tool" >/dev/null 2>&1 || printf '%s\n' "$tool"
  done
}

# What the kernel has loaded stands in /proc. For the rest modprobe says, in a dry run, whether it could be loaded.
support() {
  knows /proc/net/ip_tables_matches set || loadable xt_set || echo 'match set'
  knows /proc/net/ip_tables_matches conntrack || loadable xt_conntrack || echo 'match conntrack'
  knows /proc/net/ip_tables_targets REJECT || loadable ipt_REJECT || echo 'target REJECT'
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

firewalls() {
  if [ -d /run/systemd/system ] && systemctl is-active --quiet firewalld 2>/dev/null || running /run/firewalld.pid; then
    echo firewalld
  fi
  case $nl$(present /etc/ufw/ufw.conf) in *"${nl}ENABLED=yes"*) echo ufw ;; esac
}

running() { # PIDFILE, which firewalld ends without a newline: read fails there, though it has read
  [ -r "$1" ] && { read -r pid <"$1" || [ -n "$pid" ]; } && kill -0 "$pid" 2>/dev/null
}

# The rules of the backend that `iptables` does not use. The legacy one is read only if it has tables, because asking
# creates them.
other_rules() {
  if nft_backend; then
    [ -z "$(present /proc/net/ip_tables_names 2>/dev/null)" ] || iptables-legacy-save
  elif command -v iptables-nft-save >/dev/null 2>&1; then
    iptables-nft-save
  fi
}

nft_backend() {
  case $version in *nf_tables*) return 0 ;; esac
  return 1
}

# ---- the fingerprint: one number for the FORWARD chain and the set. Another one means that somebody changed them ----

fingerprint() {
  printf '%s\n' "${print:-$why}"
  [ -n "$print" ]
}

# Sets $print. The same text has the same number, so it is not computed twice.
take_fingerprint() { # SET
  read_chain || {
    print=
    return 1
  }
  members=$(ips save "$1" 2>/dev/null)
  # A member counts without its counters.
  case ${members%%"$nl"*} in
    *' counters'* | *' timeout '*) members=$(printf '%s\n' "$members" | sed 's/^\(add [^ ]* [^ ]*\).*/\1/') ;;
  esac
  [ -z "$print" ] || [ "$printed" != "$chain$nl$members" ] || return 0
  printed=$chain$nl$members
  print=$(printf '%s\n' "$printed" | cksum)
}
print=

# Sets $chain; a rule counts with all its lines. It stays empty for nf_tables, and where the filter table is not loaded:
# asking would create it.
read_chain() {
  chain=
  ! nft_backend && knows /proc/net/ip_tables_names filter || return 0
  case $unchanged$listing in
    'yes-P FORWARD'*)
      [ "$listing" != "$proven" ] || {
        chain=$listing
        return 0
      }
      ;;
  esac
  # What iptables prints while it waits for its lock does not count.
  chain=$(ipt -S FORWARD 2>/dev/null) || try ipt -S FORWARD
}
