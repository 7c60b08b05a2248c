#!/bin/sh
# The first process of one host: makes its root, its network and its rules, starts sshd and the pod's web server,
# tells the cluster (descriptor 3) "NAME up" or "NAME failed", and then reaps what is orphaned.
# Runs in the host's own net, mount, PID, UTS and IPC namespaces, with $LAB and $pod_routing set.
set -eu
: "${LAB:?}" "${pod_routing:?}"

name=$1 index=$2 port=$4 login=$5

trap 'echo "$name failed" >&3' EXIT

dir=$LAB/hosts/$name
net=$LAB/net
read -r pid _ </proc/self/stat
echo "$pid" >"$dir/pid"
echo "$name" >/proc/sys/kernel/hostname

# --- network ----------------------------------------------------------------------------------------------------------
echo 1 >/proc/sys/net/ipv4/ip_forward
ip -batch "$net/$name.ip"
[ "$pod_routing" != vxlan ] || bridge -batch "$net/$name.bridge"
ip -n "pod$index" -batch "$net/pod$index.ip"
echo 1 >/proc/sys/net/ipv4/conf/cali0123456789a/proxy_arp
echo 0 >/proc/sys/net/ipv4/neigh/cali0123456789a/proxy_delay

# --- root file system -------------------------------------------------------------------------------------------------
root=$dir/root
# One mount(8) for all of them: most of a mount is the start of that process.
mount -a -T "$dir/fstab"
set -- "$root/run/sshd" "$root/run/lock"
if [ "$pod_routing" = vxlan ]; then
  mkdir "$@" "$root/run/flannel"
  printf '%s\n' FLANNEL_NETWORK=10.42.0.0/16 "FLANNEL_SUBNET=10.42.$index.1/24" FLANNEL_MTU=1450 FLANNEL_IPMASQ=true \
    >"$root/run/flannel/subnet.env"
else
  mkdir "$@"
fi

exec 4<"/run/netns/pod$index" 5<"$dir/rules" 6<"$dir/sets"
cd "$root"
pivot_root . mnt
cd /
umount -l /mnt
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/root
export PATH HOME
unset LAB pod_routing

# --- services and rules -----------------------------------------------------------------------------------------------
root_login=no
[ "$login" != root ] || root_login=prohibit-password
# -r: a connection is served without starting sshd anew, which would be a fifth of its cost.
set -- -r -D -E /var/log/sshd.log -p "$port" -o "PermitRootLogin=$root_login"
for key in /etc/ssh/ssh_host_*_key; do set -- "$@" -h "$key"; done
printf '%s\n' "$@" >/usr/lib/lab/sshd.arguments
/usr/sbin/sshd "$@" 3>&- 4<&- 5<&- 6<&- &
nsenter --net=/proc/self/fd/4 busybox httpd -f -p 8080 -h /usr/lib/lab/pod 3>&- 5<&- 6<&- &
ipset restore <&6 3>&- 4<&- 5<&-
iptables-restore <&5 3>&- 4<&- 6<&-

exec 4<&- 5<&- 6<&-
tries=0
until [ -e /run/sshd.pid ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ]
  sleep 0.1
done
trap - EXIT
echo "$name up" >&3
exec 3>&- >/dev/null 2>&1

# PID 1 must stay and reap all that ends: it has sshd and the web server to wait for, and without them a long sleep.
set +e
while :; do
  wait
  sleep infinity &
done
