#!/bin/sh
# Debian's firewalld on a host, with a system bus of its own. Usage: firewalld.sh nftables|iptables
set -eu

mkdir -p /run/dbus
cat >/tmp/bus.conf <<'XML'
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
XML
dbus-daemon --config-file=/tmp/bus.conf --fork </dev/null >/dev/null 2>&1
sed -i "s/^FirewallBackend=.*/FirewallBackend=$1/" /etc/firewalld/firewalld.conf
# As administrators of a cluster do: flannel's tunnel is open, and pods are trusted.
firewall-offline-cmd --add-port=8472/udp >/dev/null
firewall-offline-cmd --zone=trusted --add-source=10.42.0.0/16 >/dev/null
setsid firewalld --nofork </dev/null >/tmp/firewalld.log 2>&1 &
tries=0
until timeout 10 firewall-cmd --state >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { cat /tmp/firewalld.log >&2; exit 1; }
  sleep 0.2
done
