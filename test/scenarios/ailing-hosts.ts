import { parse } from 'yaml'
import type { LabHost } from '../lab/host.ts'
import type { Lab } from '../lab/lab.ts'
import { articleRules, type HostSpec } from '../lab/spec.ts'

/** Settings of one host in the inventory. */
export type Vars = Readonly<Record<string, unknown>>

/** A printed finding. `inRemedy` and `inReason` give what a pattern captures, and throw where the pattern does not fit. */
export interface Told {
  readonly inRemedy: (pattern: RegExp) => string
  readonly inReason: (pattern: RegExp) => string
}

/** What is done about a finding: a command, whose output `shows` something; settings of the host; or a run of fw-run. */
export type Cure =
  | { readonly on: 'host' | 'jump'; readonly run: (told: Told) => string; readonly shows?: RegExp }
  | { readonly set: (told: Told) => Vars }
  | { readonly fwRun: (told: Told) => string }

/** A host in trouble: how it comes into its state, and how the remedy of each of its checks is carried out, in this order. */
export interface AilingHost {
  readonly name: string
  readonly spec?: HostSpec
  readonly vars?: Vars
  /** Runs as root on the host. */
  readonly shell?: string
  readonly happen?: (lab: Lab, host: LabHost) => Promise<unknown>
  readonly cures: Readonly<Record<string, readonly Cure[]>>
}

/** The second address of the host `many`, by which the first inventory names it again. */
export const twinAddress = '192.168.64.210'

/** The command of a remedy is what stands between backticks, unless a pattern says better. */
const command = /`([^`]+)`/

function onHost(pattern: RegExp = command, shows?: RegExp): Cure {
  return { on: 'host', run: ({ inRemedy }) => inRemedy(pattern), ...(shows && { shows }) }
}

function onJump(pattern: RegExp): Cure {
  return { on: 'jump', run: ({ inRemedy }) => inRemedy(pattern) }
}

function addToSudoers(pattern: RegExp): Cure {
  return {
    on: 'host',
    run: ({ inRemedy }) => `printf '%s\\n' '${inRemedy(pattern)}' >>/etc/sudoers && visudo -c`,
  }
}

function setTo(name: string, pattern: RegExp): Cure {
  return { set: ({ inRemedy }) => ({ [name]: parse(inRemedy(pattern)) }) }
}

const publish = (value: 'allow' | 'block'): Cure =>
  setTo('fw_published', new RegExp(`fw_published: (${value})\\b`))

/** Adds an address that the reason names to the setting that the remedy names. */
function addExtraMember(setting: RegExp, address: RegExp): Cure {
  return { set: ({ inRemedy, inReason }) => ({ [inRemedy(setting)]: [inReason(address)] }) }
}

const guard = '-i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
const leak = 'iptables -I FORWARD -i ens18 -s 192.168.67.200 -j ACCEPT'
const withoutFlannel = articleRules.replace(/^-A FORWARD -[sd] 10\.42\.0\.0\/16 -j ACCEPT\n/gm, '')
const hostPort = `iptables -t nat -N CNI-DN-0123456789abcdef; iptables -t nat -N CNI-HOSTPORT-DNAT
  iptables -t nat -A CNI-DN-0123456789abcdef -p tcp --dport 80 -j DNAT --to-destination 10.42.2.10:8080
  iptables -t nat -A CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 80,443 -j CNI-DN-0123456789abcdef
  iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT`

const link = (address: string): string =>
  `ip link add ens19 type veth peer name far19; ip link set far19 up; ip addr add ${address} dev ens19`

const unpin = (lab: Lab, { address }: LabHost): Promise<unknown> =>
  lab.jump.run(`sed -i '/^${address} /d' .ssh/known_hosts`)

const comparesKeys = onHost(/"(ssh-keygen -lf [^"]+)"/, /SHA256:/)

/** One host for each state of which no other check of a host can be asked, and hosts with many findings at once. */
export const usual: readonly AilingHost[] = [
  {
    name: 'key-unknown',
    happen: unpin,
    cures: { 'host-key': [comparesKeys, onJump(/then run: (.+)$/)] },
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
    cures: { root: [addToSudoers(/or allow it without one: (.+)$/)] },
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
      'one-machine': [setTo('fw_addresses', /`fw_addresses: (\[.+\])`/)],
      'run-directory': [onHost(/remove it on this host: `([^`]+)`/)],
      'run-space': [
        onHost(command, /\/run\/\.filled$/m),
        { on: 'host', run: ({ inRemedy }) => inRemedy(/(Free space)/) && 'rm /run/.filled' },
      ],
      'known-nodes': [addExtraMember(/or its address to (\w+)\./, /set lacks: (\d[\d.]*\d)/)],
      'published-ports': [
        { set: ({ inRemedy }) => ({ fw_accept: [inRemedy(/add ([\w-]+) to fw_accept/)] }) },
      ],
      'unguarded-interfaces': [setTo('fw_interface', /to (\[.+\])\.$/)],
      'leaving-members': [addExtraMember(/add it to (\w+)\./, /would lose (\d[\d.]*\d)/)],
    },
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
      interface: [onHost(/Bring it up: `([^`]+)`/)],
      'source-addresses': [setTo('fw_addresses', /all of its addresses: (\[.+\])\.$/)],
      'visible-services': [publish('block')],
      'own-rules': [onHost()],
    },
  },
  {
    name: 'others',
    spec: { interface: 'eth0' },
    shell: 'ipset create cluster_nodes hash:net; iptables-nft -A FORWARD -p sctp -j DROP',
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
    shell: `ipset create cluster_nodes hash:net; iptables -I FORWARD 12 ${guard}`,
    cures: {
      'set-name': [
        {
          fwRun: ({ inRemedy }) =>
            `${inRemedy(/run `fw-run (remove)` for that host \(--limit\)/)} --limit set-under-our-rule`,
        },
        onHost(/then `(ipset [^`]+)`/),
      ],
    },
  },
  {
    name: 'leak',
    shell: leak,
    cures: {
      position: [
        {
          on: 'host',
          run: ({ inRemedy }) =>
            `iptables -D FORWARD ${inRemedy(/If rule (\d+) of FORWARD is your own, delete it/)}`,
        },
      ],
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
      position: [
        {
          on: 'host',
          run: ({ inRemedy }) =>
            // The jump to cali-FORWARD is rule 1.
            inRemedy(/`(iptables -I FORWARD NUMBER -s [^`]+)`/).replace('NUMBER', '2'),
        },
      ],
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
    name: 'key-changed',
    happen: async (lab, host) => {
      await unpin(lab, host)
      const other = `"$(cut -d' ' -f1,2 other.pub)"`
      await lab.jump.run(
        `ssh-keygen -q -t ed25519 -N "" -f other; printf '${host.address} %s\\n' ${other} >>.ssh/known_hosts`,
      )
    },
    cures: { 'host-key': [comparesKeys, onJump(/Only if they agree, run: (.+)$/)] },
  },
  {
    name: 'no-terminal',
    shell: "echo 'Defaults requiretty' >>/etc/sudoers",
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
    cures: {
      calico: [
        { set: ({ inRemedy }) => ({ outside: inRemedy(/take the host out of (fw_group)\.$/) }) },
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
  { name: 'host-port-cut', shell: hostPort, cures: { position: [publish('block')] } },
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
    cures: { 'other-guards': [{ fwRun: ({ inRemedy }) => inRemedy(/`fw-run ([^`]+)`/) }] },
  },
]
