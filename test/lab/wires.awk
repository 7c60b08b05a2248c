# Writes the `ip -batch` and `bridge -batch` files of a lab into dir, from the host lines of the spec.
# Subnet 192.168.64.0/22: jump .64.1, node k .64.(k+10), outsider .67.200. Pod block of node k: 10.42.k.0/24.

function address(k) { return "192.168.64." (k + 10) }
function mac(k) { return sprintf("02:42:0a:2a:%02x:00", k) }

{
  n++
  name[n] = $1
  index_of[n] = $2
  interface[n] = $3
}

END {
  subnet = dir "/subnet.ip"
  print "link set lo up" > subnet
  print "link add br0 type bridge forward_delay 0 mcast_snooping 0" > subnet
  print "link set br0 addrgenmode none" > subnet
  print "addr add 192.168.64.1/22 dev br0" > subnet
  print "link set br0 up" > subnet
  print "netns add outsider" > subnet
  print "link add outsider type veth peer name eth0 netns outsider" > subnet
  print "link set outsider master br0 addrgenmode none up" > subnet

  outsider = dir "/outsider.ip"
  print "link set lo up" > outsider
  print "link set eth0 addrgenmode none" > outsider
  print "addr add 192.168.67.200/22 dev eth0" > outsider
  print "link set eth0 up" > outsider

  for (i = 1; i <= n; i++) {
    k = index_of[i]
    port = "wire" k
    print "netns add " name[i] > subnet
    print "netns add pod" k > subnet
    print "link add " port " type veth peer name " interface[i] " netns " name[i] > subnet
    print "link set " port " master br0 addrgenmode none up" > subnet
    print "route add 10.42." k ".0/24 via " address(k) > outsider

    host = dir "/" name[i] ".ip"
    print "link set lo up" > host
    print "link set " interface[i] " addrgenmode none" > host
    print "addr add " address(k) "/22 dev " interface[i] > host
    print "link set " interface[i] " up" > host
    # Calico answers ARP for 169.254.1.1 by proxy, which the kernel does only with a route to it.
    print "route add default via 192.168.64.1" > host
    print "link add docker0 type bridge" > host
    print "link set docker0 addrgenmode none" > host
    print "addr add 172.17.0.1/16 dev docker0" > host
    print "link set docker0 up" > host
    print "link add cali0123456789a mtu 1450 type veth peer name eth0 mtu 1450 netns pod" k > host
    print "link set cali0123456789a addrgenmode none" > host
    print "link set cali0123456789a up" > host
    print "route add 10.42." k ".10 dev cali0123456789a scope link" > host

    pod = dir "/pod" k ".ip"
    print "link set lo up" > pod
    print "link set eth0 addrgenmode none" > pod
    print "addr add 10.42." k ".10/32 dev eth0" > pod
    print "link set eth0 up" > pod
    print "route add 169.254.1.1 dev eth0 scope link" > pod
    print "route add default via 169.254.1.1 dev eth0" > pod

    if (routing == "vxlan") {
      peers = dir "/" name[i] ".bridge"
      printf "" > peers
      print "link add flannel.1 address " mac(k) " mtu 1450 type vxlan id 1 local " address(k) \
        " dev " interface[i] " dstport 8472 nolearning" > host
      print "link set flannel.1 addrgenmode none" > host
      print "addr add 10.42." k ".0/32 dev flannel.1" > host
      print "link set flannel.1 up" > host
    }
    for (j = 1; j <= n; j++) {
      if (j == i) continue
      peer = index_of[j]
      if (routing == "vxlan") {
        print "neigh add 10.42." peer ".0 lladdr " mac(peer) " dev flannel.1 nud permanent" > host
        print "route add 10.42." peer ".0/24 via 10.42." peer ".0 dev flannel.1 onlink" > host
        print "fdb append " mac(peer) " dev flannel.1 dst " address(peer) " self permanent" > peers
      } else {
        print "route add 10.42." peer ".0/24 via " address(peer) " dev " interface[i] > host
      }
    }
    close(host)
    close(pod)
    if (routing == "vxlan") close(peers)
  }
}
