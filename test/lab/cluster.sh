#!/bin/sh
# The first process of a lab: builds the subnet, the jump host and the outsider around itself, starts every host,
# and then waits on stdin. When its writer is gone it ends, and with it the PID namespace: nothing stays.
# Runs in fresh net, mount, UTS, IPC and PID namespaces. Usage: cluster.sh, with the spec (see spec.ts) on stdin.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
LAB=/dev/shm
export LAB

say() { printf '%s\n' "$*" >&2; }

mount -t tmpfs -o mode=755 lab "$LAB"
mount -t tmpfs -o mode=755 run /run
mkdir -p "$LAB/texts" "$LAB/hosts" "$LAB/net" "$LAB/bin" "$LAB/layers" "$LAB/jump/.ssh" /run/lock /run/netns
chmod 700 "$LAB/jump" "$LAB/jump/.ssh"

# --- the spec ---------------------------------------------------------------------------------------------------------
pod_routing=vxlan
: >"$LAB/spec"
while IFS= read -r line; do
  case $line in
    'text '*)
      while IFS= read -r row && [ "$row" != . ]; do
        printf '%s\n' "$row"
      done >"$LAB/texts/${line#text }"
      ;;
    'pod-routing '*) pod_routing=${line#pod-routing } ;;
    'host '*) printf '%s\n' "${line#host }" >>"$LAB/spec" ;;
    up) break ;;
    *) say "unknown line in the spec: $line"; exit 1 ;;
  esac
done
export pod_routing

# --- the jump host: this namespace ------------------------------------------------------------------------------------
echo jump >/proc/sys/kernel/hostname
ssh-keygen -q -t ed25519 -N '' -C jump -f "$LAB/jump/.ssh/id_ed25519"
cp "$here"/tools/* "$LAB/bin/"
chmod 755 "$LAB/bin"/*
# ssh looks up its home in the password database, not in $HOME.
awk -F: -v OFS=: -v home="$LAB/jump" '$3 == 0 { $6 = home } { print }' /etc/passwd >"$LAB/passwd"
{
  echo '127.0.0.1 localhost'
  echo '192.168.64.1 jump'
  awk '{ print "192.168.64." ($2 + 10), $1 }' "$LAB/spec"
} >"$LAB/hosts-file"
mount --bind "$LAB/passwd" /etc/passwd
mount --bind "$LAB/hosts-file" /etc/hosts

# --- layers of the hosts' file systems, and the wires -----------------------------------------------------------------
sh "$here/layers.sh" "$here"
awk -v dir="$LAB/net" -v routing="$pod_routing" -f "$here/wires.awk" "$LAB/spec"
ip -batch "$LAB/net/subnet.ip"
ip -n outsider -batch "$LAB/net/outsider.ip"
mkdir -p "$LAB/www"
echo outsider >"$LAB/www/index.html"
nsenter --net=/run/netns/outsider busybox httpd -f -p 8080 -h "$LAB/www" </dev/null &

# --- the hosts, a few at a time ---------------------------------------------------------------------------------------
mkfifo "$LAB/news"
exec 3<>"$LAB/news"
failed=
hear() {
  read -r name outcome <&3
  [ "$outcome" = up ] || failed="$failed $name"
  flying=$((flying - 1))
}
flying=0
while read -r name rest; do
  mkdir "$LAB/hosts/$name"
  # shellcheck disable=SC2086 # the fields of the spec hold no blanks and no wildcards
  nsenter --net="/run/netns/$name" unshare --mount --pid --uts --ipc --fork --kill-child \
    sh "$here/host.sh" "$name" $rest </dev/null >"$LAB/hosts/$name/log" 2>&1 &
  flying=$((flying + 1))
  [ "$flying" -lt 8 ] || hear
done <"$LAB/spec"
while [ "$flying" -gt 0 ]; do hear; done
for name in $failed; do
  say "$name did not come up:"
  tail -n 5 "$LAB/hosts/$name/log" >&2
done
[ -z "$failed" ] || exit 1

cat "$LAB"/hosts/*/known_hosts >"$LAB/jump/.ssh/known_hosts"
echo ready

# The lifeline: ends when the writer closes it or dies.
while read -r line; do :; done
