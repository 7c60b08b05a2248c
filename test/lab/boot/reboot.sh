#!/bin/sh
# A host loses what a reboot takes: its sessions, /run, and all rules, tables and sets. Its disk, its network and what the lab
# runs there stay. Nothing is forwarded before its pods start again. Its sshd is gone already, so that nobody logs in meanwhile.
echo 0 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv6/conf/all/forwarding

# What the lab started has the session 0, because it came from outside.
for path in /proc/[0-9]*; do
  read -r fields <"$path/stat" || continue
  name=${fields#*(}
  fields=${fields##*) }
  # shellcheck disable=SC2086 # fields are separated by blanks
  set -- $fields
  case $name,$4 in
    sshd*) ;;
    *,0) continue ;;
  esac
  kill -KILL "${path#/proc/}"
done 2>/dev/null
rm -rf /run/fw-run /run/systemd /run/lab-active

for family in iptables ip6tables; do
  for tool in "/usr/sbin/$family-legacy" "/usr/sbin/$family-nft" "/usr/lib/lab/real/$family"; do
    [ -x "$tool" ] || continue
    for table in raw mangle nat filter; do
      "$tool" -w 10 -t "$table" -F
      "$tool" -w 10 -t "$table" -X
      for chain in PREROUTING INPUT FORWARD OUTPUT POSTROUTING; do "$tool" -w 10 -t "$table" -P "$chain" ACCEPT; done
    done
  done
done >/dev/null 2>&1
[ ! -x /usr/sbin/nft ] || /usr/sbin/nft flush ruleset
# The kernel lets go of the sets of deleted rules a moment later.
for ipset in /usr/sbin/ipset /usr/lib/lab/real/ipset; do
  [ -x "$ipset" ] || continue
  tries=100
  until "$ipset" destroy 2>/dev/null || [ "$tries" -eq 0 ]; do
    tries=$((tries - 1))
    sleep 0.05
  done
done
mkdir -p /run/systemd/system
