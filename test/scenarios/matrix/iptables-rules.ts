import { type Addresses, container } from './addresses.ts'

/**
 * The rules of a node as `iptables-save` or `ip6tables-save` prints them: Calico 3.18 and later, kube-proxy, flannel, docker
 * 28 and portmap. `masquerade`: whether pods that leave the cluster get the address of their node.
 */
export function iptablesRules(at: Addresses, masquerade: boolean): string {
  const host = at.family === 4 ? '/32' : '/128'
  const to = (address: string, port: number): string =>
    at.family === 4 ? `${address}:${port}` : `[${address}]:${port}`
  const service = (name: string, clusterIp: string, endpoint: string, udp = false): string => {
    const [protocol, port, target] = udp
      ? (['udp', 81, 8081] as const)
      : (['tcp', 80, 8080] as const)
    const asked = `-d ${clusterIp}${host} -p ${protocol} -m ${protocol} --dport ${port}`
    return `
-A KUBE-SERVICES ${asked} -j KUBE-SVC-${name}
-A KUBE-SVC-${name} ! -s ${at.pods} ${asked} -j KUBE-MARK-MASQ
-A KUBE-SVC-${name} -j KUBE-SEP-${name}
-A KUBE-SEP-${name} -s ${endpoint}${host} -j KUBE-MARK-MASQ
-A KUBE-SEP-${name} -p ${protocol} -m ${protocol} -j DNAT --to-destination ${to(endpoint, target)}`
  }
  const docker = (rules: string): string => (at.family === 4 ? rules.trim() : '')
  return `*raw
:PREROUTING ACCEPT
:OUTPUT ACCEPT
:cali-PREROUTING -
-A PREROUTING -m comment --comment "cali:6gwbT8clXdHdC1b1" -j cali-PREROUTING
-A cali-PREROUTING -j MARK --set-xmark 0x0/0xf0000
COMMIT
*mangle
:PREROUTING ACCEPT
:INPUT ACCEPT
:FORWARD ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
:cali-PREROUTING -
:KUBE-IPTABLES-HINT -
-A PREROUTING -m comment --comment "cali:6gwbT8clXdHdC1b1" -j cali-PREROUTING
-A cali-PREROUTING -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A cali-PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT
:INPUT ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
${chains('KUBE-SERVICES KUBE-NODEPORTS KUBE-POSTROUTING KUBE-MARK-MASQ CNI-HOSTPORT-DNAT FLANNEL-POSTRTG DOCKER')}
${chains('KUBE-SVC-A KUBE-SVC-B KUBE-SVC-U KUBE-SVC-X KUBE-SEP-A KUBE-SEP-B KUBE-SEP-U KUBE-SEP-X')}
${chains('KUBE-EXT-A KUBE-EXT-B KUBE-EXT-L KUBE-EXT-UC KUBE-EXT-UL KUBE-SVL-A KUBE-SVL-U')}
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -j FLANNEL-POSTRTG
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -j MASQUERADE --random-fully
-A FLANNEL-POSTRTG -s ${at.pods} -d ${at.pods} -j RETURN
-A FLANNEL-POSTRTG ! -s ${at.pods} -d ${at.pods} -j RETURN
${masquerade ? `-A FLANNEL-POSTRTG -s ${at.pods} ! -d ${at.family === 4 ? '224.0.0.0/4' : 'ff00::/8'} -j MASQUERADE` : ''}
${service('A', at.clusterIp[0], at.pod[0])}
${service('B', at.clusterIp[1], at.pod[1])}
${service('U', at.clusterIp[0], at.pod[0], true)}
${service('X', at.clusterIp[2], at.outsider)}
-A KUBE-SERVICES -d ${at.vip[0]}${host} -p tcp -m tcp --dport 80 -j KUBE-EXT-L
-A KUBE-SERVICES -d ${at.vip[1]}${host} -p tcp -m tcp --dport 80 -j KUBE-EXT-B
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-EXT-A
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30081 -j KUBE-EXT-B
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30082 -j KUBE-EXT-L
-A KUBE-NODEPORTS -p udp -m udp --dport 30083 -j KUBE-EXT-UC
-A KUBE-NODEPORTS -p udp -m udp --dport 30084 -j KUBE-EXT-UL
-A KUBE-EXT-A -j KUBE-MARK-MASQ
-A KUBE-EXT-A -j KUBE-SVC-A
-A KUBE-EXT-B -j KUBE-MARK-MASQ
-A KUBE-EXT-B -j KUBE-SVC-B
-A KUBE-EXT-UC -j KUBE-MARK-MASQ
-A KUBE-EXT-UC -j KUBE-SVC-U
-A KUBE-EXT-UL -j KUBE-SVL-U
-A KUBE-SVL-U -j KUBE-SEP-U
-A KUBE-EXT-L -s ${at.pods} -j KUBE-SVC-A
-A KUBE-EXT-L -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
-A KUBE-EXT-L -m addrtype --src-type LOCAL -j KUBE-SVC-A
-A KUBE-EXT-L -j KUBE-SVL-A
-A KUBE-SVL-A -j KUBE-SEP-A
-A CNI-HOSTPORT-DNAT -p tcp -m tcp --dport 9090 -j DNAT --to-destination ${to(at.pod[0], 8080)}
${docker(`
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8888 -j DNAT --to-destination ${container}:8080`)}
COMMIT
*filter
:INPUT ACCEPT
:FORWARD DROP
:OUTPUT ACCEPT
${chains('cali-FORWARD cali-from-wl-dispatch cali-to-wl-dispatch cali-fw-cali0123456789a cali-tw-cali0123456789a')}
${chains('KUBE-FORWARD KUBE-PROXY-FIREWALL KUBE-SERVICES DOCKER-USER DOCKER-FORWARD FLANNEL-FWD')}
-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m mark --mark 0x10000/0x10000 -j ACCEPT
-A FORWARD -m comment --comment "cali:mp77cMpurHhyjLrM" -j MARK --set-xmark 0x10000/0x10000
-A cali-FORWARD -j MARK --set-xmark 0x0/0xe0000
-A cali-FORWARD -i cali+ -j cali-from-wl-dispatch
-A cali-FORWARD -o cali+ -j cali-to-wl-dispatch
-A cali-from-wl-dispatch -i cali0123456789a -g cali-fw-cali0123456789a
-A cali-from-wl-dispatch -m comment --comment "Unknown interface" -j DROP
-A cali-to-wl-dispatch -o cali0123456789a -g cali-tw-cali0123456789a
-A cali-to-wl-dispatch -m comment --comment "Unknown interface" -j DROP
${['fw', 'tw'].map(workload).join('\n')}
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD ! -i docker0 -o docker0 -p tcp -m tcp --dport 8080 -j ACCEPT
-A DOCKER-FORWARD -i docker0 -j ACCEPT
-A FLANNEL-FWD -s ${at.pods} -j ACCEPT
-A FLANNEL-FWD -d ${at.pods} -j ACCEPT
COMMIT
`.replace(/\n+/g, '\n')
}

function chains(names: string): string {
  return names
    .split(' ')
    .map((name) => `:${name} -`)
    .join('\n')
}

function workload(direction: string): string {
  const chain = `-A cali-${direction}-cali0123456789a`
  return `${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
${chain} -m conntrack --ctstate INVALID -j DROP
${chain} -j MARK --set-xmark 0x10000/0x10000
${chain} -m mark --mark 0x10000/0x10000 -j RETURN
${chain} -j DROP`
}
