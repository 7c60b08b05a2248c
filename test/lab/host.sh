#!/bin/sh
# The first process of one host: makes its root, its network and its rules, starts sshd and the pod's web server,
# tells the cluster (descriptor 3) "NAME up" or "NAME failed", and then reaps what is orphaned.
# Runs in the host's own net, mount, PID, UTS and IPC namespaces, with $LAB and $pod_routing set.
set -eu
: "${LAB:?}" "${pod_routing:?}"

name=$1 index=$2 port=$4 flavour=$5 backend=$6 login=$7 shell=$8 sh=$9
shift 9
pty=$1 noise=$2 key_types=$3 run_size=$4 rules=$5 sets=$6

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
upper=$dir/upper
mkdir -p "$upper/etc/ssh" "$upper/usr/lib/lab/pod" "$dir/work" "$dir/root"
echo "$name" >"$upper/etc/hostname"
echo "pod$index" >"$upper/usr/lib/lab/pod/index.html"
: >"$dir/known_hosts"
for type in $(echo "$key_types" | tr , ' '); do
  key=$upper/etc/ssh/ssh_host_${type}_key
  ssh-keygen -q -t "$type" -N '' -C "$name" -f "$key"
  read -r blob <"$key.pub"
  for host in "$name" "192.168.64.$((index + 10))"; do
    [ "$port" = 22 ] || host="[$host]:$port"
    echo "$host ${blob% "$name"}" >>"$dir/known_hosts"
  done
done
[ "$shell" = /bin/bash ] ||
  sed "s#^\(ops:.*\):/bin/bash\$#\1:$shell#" "$LAB/layers/base/etc/passwd" >"$upper/etc/passwd"
sed "s#10\.42\.1\.0/24#10.42.$index.0/24#" "$LAB/texts/$rules" >"$dir/rules"

lower=
for layer in "login-$login" "$pty" "$noise" "sh-$sh" "backend-$backend" base; do lower=$lower$LAB/layers/$layer:; done
lower=$lower/
[ "$flavour" = debian ] || lower=$LAB/layers/$flavour:$lower
root=$dir/root
mount -t overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$dir/work" "$name" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --bind "$LAB/layers/dev" "$root/dev"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o "mode=755,size=$run_size" run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir -p "$root/run/sshd" "$root/run/lock"
if [ "$pod_routing" = vxlan ]; then
  mkdir "$root/run/flannel"
  printf '%s\n' FLANNEL_NETWORK=10.42.0.0/16 "FLANNEL_SUBNET=10.42.$index.1/24" FLANNEL_MTU=1450 FLANNEL_IPMASQ=true \
    >"$root/run/flannel/subnet.env"
fi

exec 4<"/run/netns/pod$index" 5<"$dir/rules" 6<"$LAB/texts/$sets"
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
set -- -D -E /var/log/sshd.log -p "$port" -o "PermitRootLogin=$root_login"
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
  [ "$tries" -lt 500 ]
  sleep 0.02
done
trap - EXIT
echo "$name up" >&3
exec 3>&- >/dev/null 2>&1

# PID 1 must stay and reap all that ends.
set +e
sleep infinity &
while :; do wait; done
