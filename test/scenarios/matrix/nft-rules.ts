import { type Addresses, container } from './addresses.ts'

/** The tables of a node as `nft -f` reads them: kube-proxy, Calico and docker 29 in their nftables modes, and a hostPort. */
export function nftRules(at: Addresses, masquerade: boolean): string {
  const ip = at.family === 4 ? 'ip' : 'ip6'
  const type = at.family === 4 ? 'ipv4_addr' : 'ipv6_addr'
  const loopback = at.family === 4 ? '127.0.0.0/8' : '::1'
  const dnat = (address: string, port = 8080): string =>
    at.family === 4 ? `dnat ip to ${address}:${port}` : `dnat ip6 to [${address}]:${port}`
  const service = (name: string, clusterIp: string, endpoint: string, udp = false): string => `
 chain service-${name} {
  ${ip} daddr ${clusterIp} ${udp ? 'udp dport 81' : 'tcp dport 80'} ${ip} saddr != ${at.pods} jump mark-for-masquerade
  goto endpoint-${name}
 }
 chain endpoint-${name} {
  ${ip} saddr ${endpoint} jump mark-for-masquerade
  ${udp ? `meta l4proto udp ${dnat(endpoint, 8081)}` : `meta l4proto tcp ${dnat(endpoint)}`}
 }`
  const [a, b, x] = at.clusterIp
  return `table ${ip} kube-proxy {
 chain mark-for-masquerade { mark set mark or 0x4000; }
 chain masquerading {
  mark and 0x4000 == 0 return
  mark set mark xor 0x4000
  masquerade fully-random
 }
 set cluster-ips { type ${type}; elements = { ${a}, ${b}, ${x} }; }
 chain cluster-ips-check {
  ${ip} daddr @cluster-ips reject
  ${ip} daddr { ${at.services} } drop
 }${service('A', a, at.pod[0])}${service('B', b, at.pod[1])}${service('U', a, at.pod[0], true)}${service('X', x, at.outsider)}
 chain external-A { jump mark-for-masquerade; goto service-A; }
 chain external-B { jump mark-for-masquerade; goto service-B; }
 chain external-UC { jump mark-for-masquerade; goto service-U; }
 chain external-L {
  ${ip} saddr ${at.pods} goto service-A
  fib saddr type local jump mark-for-masquerade
  fib saddr type local goto service-A
  goto endpoint-A
 }
 map service-ips {
  type ${type} . inet_proto . inet_service : verdict
  elements = { ${a} . tcp . 80 : goto service-A, ${a} . udp . 81 : goto service-U, ${b} . tcp . 80 : goto service-B, ${x} . tcp . 80 : goto service-X, ${at.vip[0]} . tcp . 80 : goto external-L, ${at.vip[1]} . tcp . 80 : goto external-B }
 }
 map service-nodeports {
  type inet_proto . inet_service : verdict
  elements = { tcp . 30080 : goto external-A, tcp . 30081 : goto external-B, tcp . 30082 : goto external-L, udp . 30083 : goto external-UC, udp . 30084 : goto endpoint-U }
 }
 chain services {
  ${ip} daddr . meta l4proto . th dport vmap @service-ips
  fib daddr type local ${ip} daddr != ${loopback} meta l4proto . th dport vmap @service-nodeports
 }
 chain filter-forward { type filter hook forward priority -110; policy accept; ct state new jump cluster-ips-check; }
 chain nat-prerouting { type nat hook prerouting priority -100; policy accept; jump services; }
 chain nat-output { type nat hook output priority -100; policy accept; jump services; }
 chain nat-postrouting { type nat hook postrouting priority 100; policy accept; jump masquerading; }
}
table ${ip} calico {
 chain workload {
  ct state established,related accept
  ct state invalid drop
  meta mark set meta mark or 0x10000
 }
 chain filter-cali-FORWARD {
  meta mark set meta mark & 0xfff1ffff
  iifname "cali*" jump workload
  oifname "cali*" jump workload
 }
 chain filter-FORWARD {
  type filter hook forward priority 0; policy accept
  jump filter-cali-FORWARD
  meta mark & 0x10000 == 0x10000 accept
 }
 chain mangle-PREROUTING {
  type filter hook prerouting priority -150; policy accept
  ct state established,related accept
 }
 chain raw-PREROUTING { type filter hook prerouting priority -300; policy accept; meta mark set meta mark & 0xfff0ffff; }
 chain nat-POSTROUTING {
  type nat hook postrouting priority 110; policy accept
  ${masquerade ? `${ip} saddr ${at.pods} ${ip} daddr != ${at.pods} masquerade fully-random` : ''}
 }
}
table ${ip} cni_hostport {
 chain prerouting { type nat hook prerouting priority -100; policy accept; fib daddr type local jump hostports; }
 chain hostports { tcp dport 9090 ${dnat(at.pod[0])}; }
}
${at.family === 4 ? docker : ''}`
}

const docker = `table ip docker-bridges {
 chain published { iifname != "docker0" tcp dport 8888 dnat ip to ${container}:8080; }
 chain nat-PREROUTING { type nat hook prerouting priority -100; policy accept; fib daddr type local jump published; }
 chain forward-in {
  ct state established,related accept
  iifname "docker0" accept
  ip daddr ${container} tcp dport 8080 accept
  drop
 }
 chain forward-out { accept; }
 map forward-in-jumps { type ifname : verdict; elements = { "docker0" : jump forward-in }; }
 map forward-out-jumps { type ifname : verdict; elements = { "docker0" : jump forward-out }; }
 chain filter-FORWARD {
  type filter hook forward priority 0; policy accept
  oifname vmap @forward-in-jumps
  iifname vmap @forward-out-jumps
 }
 chain raw-PREROUTING { type filter hook prerouting priority -300; policy accept; ip daddr ${container} iifname != "docker0" drop; }
 chain nat-POSTROUTING { type nat hook postrouting priority 100; policy accept; oifname != "docker0" ip saddr 172.17.0.0/16 masquerade; }
}
`
