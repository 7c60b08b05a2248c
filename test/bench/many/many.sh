#!/bin/sh
# Makes this host of the lab stand for many: each address gets a network of its own, with rules and sets of its own in it, and
# a directory for its /run. All share this host's sshd and file system. Runs inside the host.
# Usage: many.sh BASE, with a line `ADDRESS POD-BLOCK POD-ADDRESS` each on stdin; /root/rules and /root/sets are the article's
set -eu

mkdir -p /many/run
ip route add local "$1" dev lo
ip netns add far
cat >/usr/local/bin/sudo <<'END'
#!/bin/sh
exec /usr/bin/sudo -n /many/enter "$SSH_CONNECTION" "$@"
END
cat >/many/enter <<'END'
#!/bin/sh
set -- $1 "$@"
address=$3
shift 5
until [ "$1" = -- ]; do shift; done
shift
exec nsenter --net=/run/netns/"$address" unshare --mount \
  sh -c 'mount --bind /many/run/"$1" /run; shift; exec "$@"' sh "$address" "$@"
END
chmod 755 /usr/local/bin/sudo /many/enter

number=0
while read -r address block pod; do
  number=$((number + 1))
  mkdir /many/run/"$address"
  cat <<END >>/many/networks
netns add $address
link add ens18 netns $address type veth peer name lan$number netns far
link add cali0123456789a netns $address type veth peer name pod$number netns far
END
  # Wires are up where their other ends are.
  printf 'link set %s up\n' "lan$number" "pod$number" >>/many/far
  cat <<END >/many/run/"$address".ip
link set lo up
addr add $address/16 dev ens18
link set ens18 up
link set cali0123456789a up
route add default via ${1%.*}.1
route add $pod/32 dev cali0123456789a scope link
END
  printf '%s %s %s\n' "$address" "$block" "$pod" >>/many/list
done
ip -batch /many/networks
ip -n far -batch /many/far
while read -r address block pod; do
  ip -n "$address" -batch /many/run/"$address".ip
  # shellcheck disable=SC2016 # the inner shell expands
  nsenter --net=/run/netns/"$address" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
    ipset restore </root/sets
    sed "s|10.42.1.0/24|$1|g; s|10.42.1.10|$2|g" /root/rules | iptables-restore' sh "$block" "$pod"
done </many/list
