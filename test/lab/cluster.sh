#!/bin/sh
# The first process of a lab: builds the subnet, the jump host and the outsider around itself, starts every host,
# and then waits on stdin. When its writer is gone it ends, and with it the PID namespace: nothing stays.
# Runs in fresh net, mount, UTS, IPC and PID namespaces.
# Usage: cluster.sh LAYERS, with the blueprint (see blueprint.ts) on descriptor 3.
set -eu
umask 022

here=${0%/*}
LAB=/dev/shm
export LAB

say() { printf '%s\n' "$*" >&2; }

# One mount(8) for several of them: most of a mount is the start of that process.
mount -a -T "$1/jump/fstab"
cd "$LAB"
# The shell reads a script in large pieces, but what `read` reads byte by byte.
eval "$(cat <&3)"
exec 3<&-
export pod_routing
mount --bind "$LAB/common/etc/hosts" /etc/hosts

# --- the subnet, the jump host's own namespace, and the outsider ------------------------------------------------------
echo jump >/proc/sys/kernel/hostname
awk -v dir="$LAB/net" -v routing="$pod_routing" -f "$here/wires.awk" "$LAB/spec"
ip -batch "$LAB/net/subnet.ip"
ip -n outsider -batch "$LAB/net/outsider.ip"
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

echo ready

# The lifeline: ends when the writer closes it or dies.
while read -r _; do :; done
