import { type AilingHost, type Cure, command, onHost, setTo } from './cures.ts'

const forward = setTo('fw_guard', /set fw_guard: (forward)\b/)

/** Replaces nft by a program that refuses tables with some words, as older kernels and versions of nft do. */
const refusing = (words: string): string => `real=$(command -v nft); mv $real /usr/local/nft
  cat >$real <<'END'
#!/bin/sh
[ "$1" = -c ] || exec /usr/local/nft "$@"
text=$(cat)
case $text in ${words}) echo 'Error: not here' >&2; exit 1 ;; esac
printf '%s\n' "$text" | /usr/local/nft "$@"
END
  chmod 755 $real`

/** By SysV init: no systemd runs in the lab. */
const enableNftables = `mkdir -p /etc/init.d /etc/rc2.d
  cat >/etc/init.d/nftables <<'END'
#!/bin/sh
### BEGIN INIT INFO
# Provides: nftables
# Required-Start:
# Required-Stop:
# Default-Start: 2
# Default-Stop:
### END INIT INFO
END
  chmod 755 /etc/init.d/nftables; ln -s ../init.d/nftables /etc/rc2.d/S20nftables`

/** The networks of a setting that a remedy names, without one of them or with one more. */
function networks(pattern: RegExp, value: (address: string) => readonly string[]): Cure {
  return { set: ({ inRemedy, address }) => ({ [inRemedy(pattern)]: value(address) }) }
}

/** Hosts with the guard `nft`, like those of `ailing-hosts.ts`. The inventory names 10.43.0.0/16 as the network of services. */
export const usualWithTable: readonly AilingHost[] = [
  {
    name: 'bridged',
    shell: `address=$(ip -4 -o addr show ens18 | sed 's/.* inet \\([^ ]*\\) .*/\\1/')
      ip link add br0 type bridge; ip link set br0 addrgenmode none; ip link set br0 up
      ip addr del $address dev ens18; ip addr add $address dev br0; ip link set ens18 master br0
      ip route add default via 192.168.64.1; ip link set flannel.1 type vxlan id 1 dev br0
      ${enableNftables}`,
    cures: {
      'arrival-interface': [setTo('fw_interface', /Set fw_interface to (\w+) for that host/)],
      'table-flush': [onHost(/run `(chkconfig [^`]+)` on that host/)],
    },
  },
  {
    name: 'bare-pods',
    shell: `ip route replace 10.42.1.0/24 via 192.168.64.11 dev ens18
      ip route add 10.8.0.0/24 via 192.168.64.11 dev ens18
      ip link add br200 type bridge; ip link set br200 up
      for one in all br200; do echo 0 >/proc/sys/net/ipv4/conf/$one/rp_filter; done
      for one in all ens18; do echo 1 >/proc/sys/net/ipv4/conf/$one/accept_source_route; done`,
    cures: {
      'unguarded-interfaces': [onHost(/Or run `(sysctl -w [^`]+)` on that host/)],
      'pod-sources': [
        {
          on: 'host',
          run: ({ inRemedy }) =>
            `ip route replace 10.42.1.0/24 ${inRemedy(/use a (tunnel) between nodes/) && 'via 10.42.1.0 dev flannel.1 onlink'}`,
        },
      ],
      'stopped-sources': [
        { set: ({ inRemedy }) => ({ fw_accept: [inRemedy(/add ([\w-]+) to fw_accept/)] }) },
      ],
      'source-routes': [onHost()],
    },
  },
  {
    name: 'control-plane',
    vars: { fw_service_cidrs: [], fw_pod_cidrs: ['10.42.0.0/24'] },
    shell: `mkdir -p /etc/kubernetes/manifests
      echo '    - --service-cluster-ip-range=10.43.0.0/16' >/etc/kubernetes/manifests/kube-apiserver.yaml
      ip link add cali5 type bridge; ip link set cali5 up; ip route add 10.55.0.10 dev cali5`,
    cures: {
      'service-networks': [
        setTo('fw_service_cidrs', /^Set fw_service_cidrs for all hosts to (\[.+\]):/),
      ],
      'closed-networks': [
        networks(/^Add their networks to (fw_pod_cidrs)/, () => ['10.42.0.0/16', '10.55.0.0/24']),
      ],
    },
    // Nothing shows how pods of 10.55.0.0/24 on other hosts would come in.
    stays: ['stopped-sources'],
  },
  {
    name: 'wrong-networks',
    vars: { fw_service_cidrs: ['10.96.0.0/16'], fw_pod_cidrs: ['10.42.0.0/16', '192.168.64.0/26'] },
    shell: 'nft add table inet fw_run; nft add chain inet fw_run theirs',
    cures: {
      'service-networks': [
        networks(/^Correct (fw_service_cidrs): add/, () => ['10.96.0.0/16', '10.43.0.0/16']),
      ],
      'closed-networks': [setTo('fw_pod_cidrs', /^Set fw_pod_cidrs to (\[.+\]): /)],
      'own-table': [onHost(command, /chain theirs/), onHost(/delete it there: `([^`]+)`/)],
    },
  },
  {
    name: 'load-balancer',
    vars: { fw_interface: ['ens18', 'ens77'] },
    shell: `ipset add cali40all-ipam-pools 10.20.40.0/24
      iptables -t nat -I KUBE-SERVICES -d 10.43.255.1/32 -p tcp -m comment --comment "default/web:http loadbalancer IP" -m tcp --dport 80 -j KUBE-SVC-BQPTMJDA6CS5VZ7Q
      iptables -t nat -I KUBE-SERVICES -d 10.43.255.1/32 -p tcp -m comment --comment "default/web:http loadbalancer IP" -m tcp --dport 80 -j KUBE-MARK-MASQ`,
    cures: {
      'arrival-interface': [
        {
          set: ({ inRemedy }) => ({ [inRemedy(/correct (fw_interface) for that host/)]: 'ens18' }),
        },
      ],
      'service-networks': [
        networks(/^Set (fw_service_cidrs) to smaller networks/, () => [
          '10.43.0.0/17',
          '10.43.192.0/20',
        ]),
      ],
      'open-networks': [setTo('fw_pod_cidrs', /set fw_pod_cidrs for that host to (\[[^\]]+\])/)],
    },
    holds: async ({ outsider }, { address }) => {
      await outsider.run(`ip route add 10.43.255.1 via ${address}`)
      return outsider.canConnect('10.43.255.1', 80)
    },
  },
  {
    name: 'private',
    vars: { fw_pod_cidrs: ['10.42.0.0/16', 'fd42::/56'], fw_extra_members: ['fd00:64::77'] },
    shell: `echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; cd /proc/sys/net/ipv6/conf/ens18
      echo 2 >use_tempaddr; echo 0 >accept_dad
      ip -6 addr add fd00:64::77/64 dev ens18 nodad mngtmpaddr
      until ip -6 addr show dev ens18 temporary | grep -q inet6; do sleep 0.1; done`,
    cures: { 'source-addresses': [onHost()] },
    holds: async (_, host) =>
      (await host.run('ip -6 route get fd00:64::1')).stdout.includes('src fd00:64::77'),
  },
  {
    name: 'other-chain',
    vars: { fw_guard: 'mangle' },
    shell: 'iptables -t mangle -N FW-RUN; iptables -t mangle -A FW-RUN -j LOG',
    cures: {
      'own-chain': [
        onHost(/`(iptables -t mangle -S \| grep FW-RUN)`/, /LOG/),
        onHost(/delete the chain: `([^`]+)`/),
      ],
    },
  },
  {
    name: 'old-kernel',
    spec: { backend: 'nft', rules: '*filter\nCOMMIT\n', sets: '' },
    vars: { fw_interface: 'ens81' },
    shell: `rm /run/flannel/subnet.env; ${refusing('*reject*prerouting*')}`,
    cures: {
      'nft-support': [setTo('fw_action', /With fw_action: (DROP), the table/)],
      'arrival-interface': [
        {
          set: ({ inRemedy, inReason }) => ({
            [inRemedy(/^Correct (fw_interface), for that host/)]: inReason(
              /with an address: .*\b(ens\d+)/,
            ),
          }),
        },
      ],
      'closed-networks': [setTo('fw_pod_cidrs', /for example (\[.+\])\./)],
    },
  },
]

/** Further hosts, in states that are rare. */
export const rareWithTable: readonly AilingHost[] = [
  {
    name: 'no-nft',
    happen: (_, host) => host.removeTool('nft'),
    cures: { 'firewall-tools': [setTo('fw_guard', /set fw_guard: (auto)\b/)] },
  },
  { name: 'no-form', shell: refusing('*'), cures: { 'nft-support': [forward] } },
  {
    name: 'odd-table',
    shell: `printf 'table inet fw_run {\\nchain outsider {\\ncounter comment "a\\001b"\\n}\\n}\\n' | nft -f /dev/stdin; mkdir -p /etc/init.d /etc/rcS.d`,
    vars: { fw_persist: true },
    cures: {
      'own-table': [onHost(command, /chain outsider/), onHost(/delete the table: `([^`]+)`/)],
    },
    holds: async (_, host) =>
      (await host.run('nft flush ruleset; sh /etc/fw-run/guard.sh; nft list table inet fw_run'))
        .code === 0,
  },
  {
    name: 'overlapping',
    vars: { fw_service_cidrs: ['10.43.0.0/16', '192.168.66.0/24'] },
    cures: {
      'closed-networks': [
        networks(/correct fw_pod_cidrs and (fw_service_cidrs)/, () => ['10.43.0.0/16']),
      ],
    },
  },
  {
    name: 'services-open',
    vars: { fw_service_cidrs: [] },
    cures: { 'service-networks': [setTo('fw_services', /set fw_services: (open)/)] },
  },
  {
    name: 'rebooting',
    vars: { fw_persist: true },
    shell: `mkdir -p /etc/init.d /etc/rcS.d /etc/iptables; echo '# theirs' >/etc/init.d/fw-run-guard
      echo ':KUBE-FORWARD - [0:0]' >/etc/iptables/rules.v4
      ln -s ../init.d/netfilter-persistent /etc/rcS.d/S01netfilter-persistent`,
    cures: {
      'saved-rules': [onHost(command, /rules\.v4/)],
      'boot-files': [onHost(command, /theirs/), onHost(/delete it there: `([^`]+)`/)],
    },
    stays: ['saved-rules'],
  },
]
