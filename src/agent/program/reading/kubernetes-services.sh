# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The services of the cluster that this host serves: their range, and what kube-proxy has in nft itself.

# What a control plane says of the network of services: kube-apiserver's manifest, and the files of k3s and rke2.
service_range() {
  ranges_in /etc/kubernetes/manifests/kube-apiserver.yaml
  ranges_in /etc/rancher/k3s/config.yaml
  ranges_in /etc/rancher/rke2/config.yaml
  return 0
}

ranges_in() { # FILE
  listed=
  while read -r first rest || [ -n "$first" ]; do
    rest=${rest%%"#"*}
    case $first,$rest in
      -,--service-cluster-ip-range=*) say "${rest#*=}" ;;
      service-cidr:,*[0-9]*) say "$rest" ;;
      service-cidr:,*) listed=yes && continue ;;
      -,*) [ -z "$listed" ] || { say "$rest" && continue; } ;;
      '#'*) continue ;;
    esac
    listed=
  done <"$1"
} 2>/dev/null

# The services of a kube-proxy in nftables mode, by the names of its set and chain. One that writes rules of the legacy nat
# has none.
native_services() {
  ! early || ! has nft || serves_by_rules && return
  native_family ip && { [ -z "$said" ] || ! forwards || native_family ip6; }
}

serves_by_rules() {
  legacy && knows /proc/net/ip_tables_names nat || return 1
  read_rules
  case $nl$saved in *"$nl:KUBE-SERVICES "* | *"$nl# ClusterIPs "*) return 0 ;; esac
  return 1
}

# One nft reads set and chain: of two families, old versions find only one.
native_family() { # ip | ip6
  if try nfts "list set $1 kube-proxy cluster-ips; list chain $1 kube-proxy cluster-ips-check"; then
    said=$said$out$nl
    return
  fi
  case $code,$out in 1,*'Error: No such file or directory'* | *'Protocol not supported'*) return 0 ;; esac
  say "$why"
  return 1
}
