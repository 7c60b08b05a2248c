#!/bin/sh
# CNI's plugins on a host, called as a container runtime calls them: in turn, each with the result of those before.
# Usage: cni.sh ADD|DEL POD PLUGIN...
set -eu

CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/$2 CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni
export CNI_COMMAND CNI_CONTAINERID CNI_NETNS CNI_IFNAME CNI_PATH
shift 2

config() {
  case $1 in
    bridge) echo '{"bridge":"cni0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.42.1.128/25","routes":[{"dst":"0.0.0.0/0"}]}}' ;;
    ptp) echo '{"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.89.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}}' ;;
    portmap) echo '{"runtimeConfig":{"portMappings":[{"hostPort":8081,"containerPort":8080,"protocol":"tcp"}]}}' ;;
    firewall) echo '{"backend":"iptables"}' ;;
  esac
}

result=/run/cni-$CNI_CONTAINERID
if [ "$CNI_COMMAND" = ADD ]; then
  ip netns add "$CNI_CONTAINERID"
  : >"$result"
fi
for plugin in "$@"; do
  config "$plugin" |
    jq --arg plugin "$plugin" --arg pod "$CNI_CONTAINERID" --slurpfile before "$result" \
      '. + {cniVersion: "0.4.0", name: $pod, type: $plugin} + if $before == [] then {} else {prevResult: $before[0]} end' |
    "$CNI_PATH/$plugin" >"$result.new" || { cat "$result.new" >&2; exit 1; }
  [ "$CNI_COMMAND" = DEL ] || mv "$result.new" "$result"
done
[ "$CNI_COMMAND" = ADD ] || ip netns delete "$CNI_CONTAINERID"
