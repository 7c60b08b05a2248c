import type { LabHost } from '../lab/host.ts'
import type { Lab } from '../lab/lab.ts'
import { articleRules } from '../lab/spec.ts'
import {
  type AilingHost,
  addExtraMember,
  addToSudoers,
  type Cure,
  command,
  onHost,
  onJump,
  publish,
  setTo,
  type Told,
} from './cures.ts'
import { addIpv6, pod6, pods6 } from './dual-stack.ts'

/** The second address of the host `many`. */
const twinAddress = '192.168.64.210'
const guard = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
const leak = 'iptables -I FORWARD -i ens18 -s 192.168.67.200 -j ACCEPT'
const withoutFlannel = articleRules.replace(/^-A FORWARD -[sd] 10\.42\.0\.0\/16 -j ACCEPT\n/gm, '')
const hostPort = `iptables -t nat -N CNI-DN-0123456789abcdef; iptables -t nat -N CNI-HOSTPORT-DNAT
  iptables -t nat -A CNI-DN-0123456789abcdef -p tcp --dport 80 -j DNAT --to-destination 10.42.2.10:8080
  iptables -t nat -A CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 80,443 -j CNI-DN-0123456789abcdef
  iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT`

const link = (address: string): string =>
  `ip link add ens19 type veth peer name far19; ip link set far19 up; ip addr add ${address} dev ens19`

/** Behind `ens19`, a machine that answers on port 8080. */
const neighbour = `${link('10.9.0.1/24')}; ip link set ens19 up; ip netns add behind; ip link set far19 netns behind
  ip netns exec behind sh -c 'ip addr add 10.9.0.2/24 dev far19; ip link set far19 up; ip route add default via 10.9.0.1'
  setsid ip netns exec behind busybox httpd -f -p 8080 -h /usr/lib/lab/pod </dev/null >/dev/null 2>&1 &`

/** Deletes the only rule of a chain that rejects everything, as a remedy says it. */
const deleteReject: Cure = {
  on: 'host',
  run: ({ inRemedy }) =>
    `${numberOfReject(inRemedy)}; ${inRemedy(/`(iptables -D FORWARD NUMBER)`/).replace('NUMBER', '$number')}`,
}

const rejectAll = 'iptables -I FORWARD 11 -j REJECT --reject-with icmp-host-prohibited'

function numberOfReject(inRemedy: Told['inRemedy']): string {
  const list = inRemedy(/`(iptables -nL FORWARD --line-numbers)`/)
  return `number=$(${list} | sed -n 's/^\\([0-9]*\\) *REJECT .* icmp-host-prohibited$/\\1/p')`
}

const unpin = (lab: Lab, { address }: LabHost): Promise<unknown> =>
  lab.jump.run(`sed -i '/^${address} /d' .ssh/known_hosts`)

const comparesKeys = onHost(/`(ssh-keygen -lf [^`]+)`/, /SHA256:/)

/** One host for each state of which no other check of a host can be asked, and hosts with many findings at once. */
export const usual: readonly AilingHost[] = [
  {
    name: 'key-unknown',
    happen: unpin,
    cures: { 'host-key': [comparesKeys, onJump(/run on the jump host: (.+)$/)] },
  },
  {
    name: 'other-port',
    spec: { sshPort: 2222 },
    cures: {
      connection: [
        onHost(command, /:2222\b.*sshd/),
        { set: ({ inRemedy }) => ({ [inRemedy(/Set (ansible_port) to that port/)]: 2222 }) },
      ],
    },
  },
  {
    name: 'key-not-authorised',
    shell: 'mv /home/ops/.ssh/authorized_keys /tmp',
    cures: {
      login: [
        {
          on: 'host',
          run: ({ inRemedy }) =>
            `cp -p /tmp/authorized_keys /home/ops/.ssh/${inRemedy(/put the public key into (\w+) of ops on that host/)}`,
        },
      ],
    },
  },
  {
    name: 'session-ends',
    shell: `real=$(command -v df); mv $real /usr/local/real-df
      printf '%s\\n' '#!/bin/sh' "mv /usr/local/real-df $real" 'pkill -KILL -f "^sshd: ops"' >$real; chmod 755 $real`,
    cures: {
      facts: [{ set: ({ inRemedy }) => (inRemedy(/^(Run the same command again)\./) ? {} : {}) }],
    },
  },
  {
    name: 'no-tools',
    happen: (_, host) => host.removeTool('ipset'),
    cures: {
      'firewall-tools': [
        {
          on: 'host',
          // The package has the tool; the lab keeps it meanwhile.
          run: ({ inRemedy }) =>
            `dpkg -L ${inRemedy(/`apt-get install ([^`]+)`/)} | grep '/ipset$' && sh /usr/lib/lab/mend-tools.sh`,
        },
      ],
    },
  },
  {
    name: 'no-routes',
    happen: (_, host) => host.breakTool('ip', { message: 'Cannot open netlink socket' }),
    cures: {
      'readable-network': [
        {
          on: 'host',
          run: ({ inRemedy }) => `${inRemedy(command)}; sh /usr/lib/lab/mend-tools.sh`,
          shows: /Cannot open netlink socket/,
        },
      ],
    },
  },
  {
    name: 'no-right-to-sudo',
    spec: { login: 'no-sudo' },
    vars: { ansible_become_password: 'ops-password' },
    cures: { root: [addToSudoers(/^Add to sudoers with visudo: (.+)$/)] },
  },
  {
    name: 'no-password',
    spec: { login: 'sudo-password' },
    cures: { root: [addToSudoers(/without a password\. With visudo, add: (.+)$/)] },
  },
  {
    name: 'other-backend',
    spec: { backend: 'nft' },
    shell: `iptables-save | grep -v '^#' | iptables-legacy-restore; iptables -P FORWARD ACCEPT
      for table in raw mangle nat filter; do iptables -t $table -F; iptables -t $table -X; done`,
    cures: {
      'legacy-backend': [
        onHost(/`(iptables-legacy-save [^`]+)`/, /^[1-9]/),
        onHost(/switch the host: `([^`]+)`/),
      ],
    },
  },
  {
    name: 'odd-name',
    shell: `ipset create 'a"b' hash:ip`,
    cures: {
      'readable-rules': [
        {
          on: 'host',
          run: ({ inRemedy, inReason }) =>
            `${inRemedy(command)} | sed -n ${inReason(/line (\d+)/)}p`,
          shows: /a"b/,
        },
        {
          on: 'host',
          run: ({ inRemedy }) => inRemedy(/(use another name)/) && `ipset rename 'a"b' ab`,
        },
      ],
    },
  },
  {
    name: 'many',
    twin: twinAddress,
    vars: { fw_published: 'block' },
    shell: `${link('10.8.0.1/24')}; ip link set ens19 up; ip addr add ${twinAddress}/22 dev ens18; ${hostPort}
      ip route add 10.42.77.0/24 via 192.168.64.77 dev ens18; ipset create fw-run-aside hash:ip
      ipset create cluster_nodes hash:ip; ipset add cluster_nodes 192.168.64.99
      mkdir /tmp/elsewhere; ln -s /tmp/elsewhere /run/fw-run`,
    happen: async (lab, host) => {
      const pinned = `s/^${host.address} /${twinAddress} /p`
      await lab.jump.run(`sed -n '${pinned}' .ssh/known_hosts >new; cat new >>.ssh/known_hosts`)
      await host.fillRun()
    },
    cures: {
      notes: [onHost(/run `(ipset destroy [^`]+)` on that host/)],
      'one-machine': [setTo('fw_addresses', /`fw_addresses: (\[.+\])`/)],
      'run-directory': [onHost(/delete \/run\/fw-run there: `([^`]+)`/)],
      'run-space': [
        onHost(command, /\/run\/\.filled$/m),
        { on: 'host', run: ({ inRemedy }) => inRemedy(/(Free space)/) && 'rm /run/.filled' },
      ],
      'known-nodes': [
        addExtraMember(/or its address to (\w+)\./, /the guard does not allow: (\d[\d.]*\d)/),
      ],
      'published-ports': [
        { set: ({ inRemedy }) => ({ fw_accept: [inRemedy(/add ([\w-]+) to fw_accept/)] }) },
      ],
      'unguarded-interfaces': [setTo('fw_interface', /to (\[.+\])\.$/)],
      'leaving-members': [addExtraMember(/add its address to (\w+)\./, /would lose (\d[\d.]*\d)/)],
    },
    holds: async (_, host) => (await host.run('ls -d /tmp/elsewhere')).code === 0,
  },
  {
    name: 'more',
    spec: { rules: articleRules.replace(/^-A .*-j KUBE-(SERVICES|FORWARD)\n/gm, '') },
    vars: { fw_interface: ['ens18', 'ens19'] },
    shell: `${link('10.7.0.1/24')}; ip addr add 192.168.64.211/22 dev ens18
      ip route add 192.168.64.11 dev ens18 src 192.168.64.211
      iptables -I FORWARD -m mark --mark 0x100/0x100 -j LOG
      iptables-nft -t mangle -A PREROUTING -i ens18 -p udp --dport 53 -j MARK --set-mark 0x100
      ipset create cluster_nodes hash:ip; ipset add cluster_nodes 192.168.64.11
      iptables -I FORWARD 3 -m comment --comment "$(printf 'a\\001b')" ${guard}`,
    cures: {
      'one-backend': [
        {
          on: 'host',
          run: ({ inRemedy, inReason }) => {
            const rule = `-t mangle -A ${inReason(/: -A (.+)$/)}`
            const old = `iptables-nft ${rule.replace('-A', '-D')}`
            return `${inRemedy(/add it again with (iptables-legacy)/)} ${rule}; ${old}`
          },
        },
      ],
      interface: [onHost(/Run `(ip link set [^`]+ up)`/)],
      'source-addresses': [setTo('fw_addresses', /all of its addresses: (\[.+\])\.$/)],
      'visible-services': [publish('block')],
      'own-rules': [onHost()],
    },
  },
  {
    name: 'others',
    spec: { interface: 'eth0' },
    shell: 'ipset create cluster_nodes hash:net; iptables-nft -A FORWARD -p sctp -j DROP',
    stays: ['one-backend'],
    cures: {
      'one-backend': [onHost(command, /^-A FORWARD -p sctp -j DROP$/m)],
      interface: [
        {
          set: ({ inRemedy, inReason }) => ({
            [inRemedy(/Correct (\w+), for that host/)]: inReason(/with an address: .*\b(eth\d)/),
          }),
        },
      ],
      'set-name': [onHost()],
    },
  },
  {
    name: 'set-under-our-rule',
    shell: `ipset create cluster_nodes hash:net; iptables -I FORWARD 12 ${guard}; ${rejectAll}`,
    cures: {
      'set-name': [
        {
          fwRun: ({ inRemedy }) =>
            `${inRemedy(/run `fw-run (remove --limit) HOST`/)} set-under-our-rule`,
          shows: /remove: done, 1 of 1 host/,
        },
        onHost(/Then run `(ipset [^`]+)`/),
      ],
      'stopped-pods': [deleteReject],
    },
  },
  {
    name: 'leak',
    shell: `${leak}; ${rejectAll}`,
    cures: {
      position: [
        {
          on: 'host',
          run: ({ inRemedy }) =>
            `iptables -D FORWARD ${inRemedy(/If rule (\d+) of FORWARD is your own, delete it/)}`,
        },
      ],
      'stopped-pods': [
        {
          on: 'host',
          run: ({ inRemedy }) => {
            const accept = inRemedy(/`([^`]*iptables -I FORWARD NUMBER -i [^`]+)`/)
            return `${numberOfReject(inRemedy)}; ${accept.replace('NUMBER', '$number')}`
          },
        },
      ],
    },
  },
  {
    name: 'gateway',
    shell: `${neighbour}
      iptables -A FORWARD -i ens18 -o ens19 -j ACCEPT
      iptables -A FORWARD -i ens19 -o ens18 -m conntrack --ctstate ESTABLISHED -j ACCEPT
      iptables -I FORWARD 2 -i ens19 -m conntrack --ctstate NEW -j DROP
      umask 077; mkdir -p /run/fw-run/lock
      printf 'rules\\nset\\tcluster_nodes\\tabsent\\n' >/run/fw-run/lock/armed.r1
      : >/run/fw-run/lock/lease
      ln -s 'pid 4194999 started 1 session 4194999 run r1 by ann' /run/fw-run/lock/owner`,
    cures: {
      'unfinished-change': [
        {
          fwRun: ({ inRemedy }) => `${inRemedy(/`fw-run (remove)` also/)} --limit gateway`,
          shows: /remove: nothing to do on 1 host/,
        },
      ],
      'outbound-access': [onHost()],
    },
    holds: async ({ outsider }, { address }) => {
      await outsider.run(`ip route add 10.9.0.0/24 via ${address}`)
      return outsider.canConnect('10.9.0.2')
    },
  },
  {
    name: 'dual-stack',
    vars: {
      ip6: 'fd00:64::11',
      fw_pod_cidrs: ['10.42.0.0/16', pods6],
      fw_service_cidrs: ['10.43.0.0/16'],
    },
    happen: (lab, host) => addIpv6({ ...lab, hosts: [host] }),
    cures: {
      'cluster-ips': [setTo('fw_guard', /fw_guard: (nft) for that host/)],
      'ipv6-pods': [
        {
          fwRun: ({ inRemedy }) => `${inRemedy(/`fw-run ([^`]+)`/)} --limit dual-stack`,
          shows: /preflight: all checks passed/,
        },
        setTo('fw_guard', /fw_guard: (nft) for that host/),
      ],
    },
    holds: async ({ outsider }, { address }) => {
      await outsider.run(`ip route add 10.43.0.0/16 via ${address}`)
      const open = [outsider.canConnect('10.43.0.80', 80), outsider.canConnect(pod6(1))]
      return (await Promise.all(open)).every((one) => !one)
    },
  },
  {
    name: 'bare-pods',
    spec: { rules: withoutFlannel },
    shell: `ip link del flannel.1; rm /run/flannel/subnet.env
      ip route add 10.42.1.0/24 via 192.168.64.11 dev ens18; ip route add 10.42.2.0/24 via 192.168.64.12 dev ens18`,
    happen: async ({ hosts: [first] }, { address, pod }) =>
      first?.run(`ip route replace ${pod.address.replace(/\d+$/, '0/24')} via ${address}`),
    cures: {
      position: [onHost(/`(iptables -I FORWARD \$[^`]+)`/)],
    },
  },
  {
    name: 'nodes-in-pool',
    vars: { fw_pod_cidrs: ['10.42.0.0/16', '192.168.0.0/16'] },
    // Right before the rule that accepts packets to pods. Our rule behind it would not stop a machine of the nodes' network.
    shell: 'iptables -I FORWARD 12 -s 192.168.0.0/16 -j ACCEPT',
    cures: {
      'pod-networks': [setTo('fw_pod_cidrs', /^Set fw_pod_cidrs to (\[.+\]): /)],
    },
  },
  {
    name: 'no-pod-network',
    spec: {
      rules: withoutFlannel,
      sets: 'create cali40all-ipam-pools hash:net\ncreate cali40masq-ipam-pools hash:net\n',
    },
    shell: `rm /run/flannel/subnet.env
      iptables-nft -t nat -A PREROUTING -i ens18 -p tcp --dport 8443 -j DNAT --to-destination 10.9.9.9:443`,
    cures: {
      'one-backend': [publish('allow')],
      'pod-networks': [setTo('fw_pod_cidrs', /for example (\[.+\])\./)],
    },
  },
]

/** Further hosts, in states that are rare, or that differ little from the others. */
export const rare: readonly AilingHost[] = [
  {
    name: 'down',
    happen: (_, host) => host.linkDown(),
    cures: {
      connection: [
        {
          on: 'jump',
          run: ({ inRemedy, inReason }) =>
            inRemedy(/(that the host is up)/) &&
            `ip link set "wire$((${inReason(/192\.168\.64\.(\d+)/)} - 10))" up`,
        },
      ],
    },
  },
  {
    name: 'unknown-name',
    vars: { ansible_host: 'no-such-host.invalid' },
    cures: {
      connection: [
        {
          set: ({ inRemedy, address }) => ({
            [inRemedy(/set (ansible_host) to an address/)]: address,
          }),
        },
      ],
    },
  },
  {
    name: 'ufw',
    shell: 'ufw allow 22/tcp; ufw allow 8472/udp; ufw --force enable',
    cures: { 'firewall-manager': [onHost(/`(ufw disable)`/)] },
  },
  {
    name: 'key-changed',
    happen: async (lab, host) => {
      await unpin(lab, host)
      const other = `"$(cut -d' ' -f1,2 other.pub)"`
      await lab.jump.run(
        `ssh-keygen -q -t ed25519 -N "" -f other; printf '${host.address} %s\\n' ${other} >>.ssh/known_hosts`,
      )
    },
    cures: {
      'host-key': [
        comparesKeys,
        onJump(/Only if it shows the same fingerprint, run on the jump host: (.+)$/),
      ],
    },
  },
  {
    name: 'no-terminal',
    shell:
      "echo 'Defaults requiretty' >>/etc/sudoers; sed -i 's/^/no-pty /' /home/ops/.ssh/authorized_keys",
    cures: { root: [addToSudoers(/^Add to sudoers with visudo: (.+)$/)] },
  },
  {
    name: 'no-login-shell',
    spec: { shell: '/usr/sbin/nologin' },
    cures: { root: [onHost(/give this one a shell: (.+)$/)] },
  },
  {
    name: 'lock-held',
    happen: (_, host) => host.holdXtablesLock(300),
    cures: {
      'readable-rules': [
        onHost(command, /flock/),
        { on: 'host', run: ({ inRemedy }) => `kill $(${inRemedy(command)} 2>/dev/null)` },
      ],
    },
  },
  {
    name: 'not-of-cluster',
    spec: { rules: '*filter\nCOMMIT\n' },
    // flannel knows it no more, or the others would go on taking it for a node. One of them has a broken ip.
    happen: async ({ hosts }, { spec }) => {
      const forget = `/usr/bin/busybox ip route del 10.42.${spec.index}.0/24`
      await Promise.all(hosts.filter((one) => one.spec !== spec).map(({ run }) => run(forget)))
    },
    cures: {
      calico: [
        {
          set: ({ inRemedy }) => ({
            outside: inRemedy(/take the host out of (the group) that fw-run protects/),
          }),
        },
      ],
    },
  },
  {
    name: 'behind-the-end',
    vars: { fw_position: 99 },
    cures: { position: [setTo('fw_position', /^Set fw_position to (auto)/)] },
  },
  {
    name: 'bad-position',
    vars: { fw_position: 1 },
    cures: { position: [setTo('fw_position', /to a good position: (\d+)/)] },
  },
  { name: 'leak-kept', shell: leak, cures: { position: [publish('allow')] } },
  { name: 'host-port-kept', shell: hostPort, cures: { position: [publish('allow')] } },
  {
    name: 'host-port-cut',
    shell: hostPort,
    cures: { position: [publish('block')] },
    stays: ['published-ports'],
  },
  {
    name: 'nft-host-port',
    shell: `nft 'table inet cni_hostport { chain prerouting { type nat hook prerouting priority -100; }; }'
      nft add rule inet cni_hostport prerouting tcp dport 8088 dnat ip to 10.42.2.10:8080`,
    cures: {
      'visible-services': [onHost(/`(nft list table [^`]+)`/, /dport 8088 dnat/), publish('allow')],
    },
  },
  {
    name: 'set-of-others',
    shell:
      'ipset create cluster_nodes hash:net; iptables -A FORWARD -m set --match-set cluster_nodes dst -j LOG',
    cures: {
      'set-name': [
        { set: ({ inRemedy }) => ({ [inRemedy(/another name with (fw_set)/)]: 'other_name' }) },
      ],
    },
  },
  {
    name: 'older-guard',
    shell: `ipset create older hash:ip; iptables -I FORWARD 12 ${guard.replace('cluster_nodes', 'older')}`,
    cures: {
      'other-guards': [
        { fwRun: ({ inRemedy }) => inRemedy(/`fw-run ([^`]+)`/), shows: /remove: done, 1 of / },
      ],
    },
  },
]
