# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# What other programs do to the firewall: those at work, their rules in the other backend, and their tables of nft.

firewalls() {
  if firewalld_active || running /run/firewalld.pid; then say firewalld; fi
  [ ! -r /etc/ufw/ufw.conf ] || while IFS= read -r row || [ -n "$row" ]; do
    case $row in ENABLED=yes*) say ufw ;; esac
  done </etc/ufw/ufw.conf
}

firewalld_active() {
  [ -d /run/systemd/system ] || return 1
  read_activity
  case $activity in active* | reloading*) ;; *) return 1 ;; esac
}

# Sets $activity to what systemd says of firewalld and of our service, a line each. It is asked once in an answer.
read_activity() {
  [ -z "$activity" ] || return 0
  { activity=$(systemctls is-active firewalld.service "$boot_service.service"); } 2>/dev/null
  activity=${activity:-unknown}
}
activity=

# PIDFILE, which firewalld ends without a newline: read fails there, though it has read. Without a number nobody is asked:
# to busybox an empty one is its own group.
running() {
  [ -r "$1" ] && { read -r pid <"$1" || :; } && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

# The rules of the backend that `iptables` does not use. The legacy one is read only if it has tables, because asking
# creates them.
other_rules() {
  ! early || return 0
  if nft_backend; then
    ! loaded /proc/net/ip_tables_names || run iptables-legacy-save
  elif has iptables-nft-save; then
    run iptables-nft-save
  fi
}

# The tables of nft that translate addresses, besides those of iptables and kube-proxy, which are read elsewhere. The plugins of CNI,
# docker, CRI-O and netavark publish ports by such tables. A table without the word `dnat` is left out. Only the name
# is sent if a table is long, if it is the ninth or later, or if nft could misread its name.
translating_tables() {
  [ "$guard$table_fault" = forward ] && has nft && may_translate || return 0
  if ! try nfts list chains; then
    say "$why"
    return 1
  fi
  # What iptables-nft-save prints. It does not print a chain of others in the same table.
  hidden=
  ! has iptables-nft-save || hidden='ip nat PREROUTING {'
  tables=
  IFS=$nl
  for line in $out; do
    case $line in
      'table ip '* | 'table inet '*) name=${line#table } && name=${name%%" {"*} ;;
      'table '*) name= ;;
      *'chain '*) chain=${line#*'chain '} ;;
      *'type nat hook prerouting '*)
        case $name,"$name $chain" in ,* | *,"$hidden" | 'ip kube-proxy',*) continue ;; esac
        tables=$tables$name$nl
        name=
        ;;
    esac
  done
  asked=0
  for name in $tables; do
    IFS=$blank
    asked=$((asked + 1))
    case $asked,${name#* } in
      [1-8],[!A-Za-z_]* | *,*[!A-Za-z0-9_.-]*) say "only $name" ;;
      [1-8],*) translating_table || return 1 ;;
      *) say "only $name" ;;
    esac
  done
  IFS=$blank
}

# Says the table $name, if it is still there.
translating_table() {
  if ! try nfts list table "${name% *}" "${name#* }"; then
    case $code,$out in 1,*'Error: No such file or directory'*) return 0 ;; esac
    say "$why"
    return 1
  fi
  case $out in *[" $tab"]'dnat '*) ;; *) return 0 ;; esac
  [ "${#out}" -le 50000 ] || out="only $name"
  say "$out"
}

# Each chain of nft that translates counts as a user of its module.
may_translate() {
  [ -r /sys/module/nf_tables/refcnt ] || return 0
  for module in nft_chain_nat nft_chain_nat_ipv4; do
    used=0
    read -r used <"/sys/module/$module/refcnt"
    [ "$used" = 0 ] || return 0
  done
  return 1
} 2>/dev/null

# The service that flushes all tables, ours among them, whatever its file says: when it stops, and on Fedora when it reloads. The
# file of a masked one leads to /dev/null.
flushing() {
  [ ! -c /etc/systemd/system/nftables.service ] || return 0
  ! started_at_boot nftables || say nftables
}
