import { readFileSync } from 'node:fs'

/** One host as a test wants it. The defaults make a legacy Debian with the article's rules and sudo. */
export type HostSpec = {
  /** Default `nodeK`. */
  readonly name?: string
  /** What the system looks like: `el7` is CentOS 7.9 with its old tools. */
  readonly flavour?: 'debian' | 'el7'
  /** What `iptables` resolves to; el7 knows legacy only. */
  readonly backend?: 'legacy' | 'nft'
  /** How its user becomes root; `root` logs in as root by key, the others as `ops`. */
  readonly login?: 'sudo' | 'sudo-password' | 'no-sudo' | 'root'
  /** Login shell of `ops`, default `/bin/bash`. */
  readonly shell?: string
  /** What `/bin/sh` is; default `dash`, on el7 `bash`. */
  readonly sh?: 'dash' | 'bash' | 'busybox'
  /** Whether sudo puts a terminal of its own around what it runs on a terminal; default yes, on el7 no. */
  readonly usePty?: boolean
  /** Whether the startup files of login shells print to both streams; default no. */
  readonly noisy?: boolean
  /** `iptables-save` text for all tables; `10.42.1.0/24` in it becomes the host's own pod block. */
  readonly rules?: string
  /** `ipset save` text, loaded before the rules. */
  readonly sets?: string
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[]
  readonly sshPort?: number
  /** The device on the subnet, default `ens18`. */
  readonly interface?: string
  /** Size of the tmpfs on /run, default `2m`. */
  readonly runSize?: string
}

/** A lab as a test wants it: a number of equal hosts, or a list of different ones. */
export type LabSpec = {
  readonly hosts: number | readonly HostSpec[]
  /** The default for every host. */
  readonly each?: HostSpec
  /** How pods reach pods on other hosts: in flannel's tunnel (default), or as they are over the subnet. */
  readonly podRouting?: 'vxlan' | 'bare'
}

/** A host with every default filled in; `index` counts from 1 and gives its addresses. */
export type PlannedHost = Required<HostSpec> & {
  readonly index: number
  readonly address: string
  readonly podAddress: string
}

/** The FORWARD chain of the article with all that belongs to it, as `iptables-save` text. */
export const articleRules = readFileSync(
  new URL('./rulesets/article.rules', import.meta.url),
  'utf8',
)

/** The sets that the article's rules refer to, as `ipset save` text. */
export const articleSets = readFileSync(new URL('./rulesets/calico.sets', import.meta.url), 'utf8')

const MOST_HOSTS = 240

/** Fills in every default; throws on a spec that cannot be built. */
export function planHosts(spec: LabSpec): PlannedHost[] {
  const wanted: readonly HostSpec[] =
    typeof spec.hosts === 'number'
      ? Array.from({ length: spec.hosts }, (): HostSpec => ({}))
      : spec.hosts
  if (wanted.length < 1 || wanted.length > MOST_HOSTS) {
    throw new Error(`A lab has 1 to ${MOST_HOSTS} hosts, not ${wanted.length}.`)
  }
  return wanted.map((host, at) => planHost({ ...spec.each, ...host }, at + 1))
}

function planHost(host: HostSpec, index: number): PlannedHost {
  const planned: PlannedHost = {
    name: `node${index}`,
    flavour: 'debian',
    backend: 'legacy',
    login: 'sudo',
    shell: '/bin/bash',
    sh: host.flavour === 'el7' ? 'bash' : 'dash',
    usePty: host.flavour !== 'el7',
    noisy: false,
    rules: articleRules,
    sets: articleSets,
    hostKeyTypes: ['ed25519'],
    sshPort: 22,
    interface: 'ens18',
    runSize: '2m',
    ...host,
    index,
    address: `192.168.64.${index + 10}`,
    podAddress: `10.42.${index}.10`,
  }
  if (planned.flavour === 'el7' && planned.backend === 'nft') {
    throw new Error(`${planned.name}: CentOS 7.9 has no nft backend.`)
  }
  for (const word of [planned.name, planned.interface, planned.shell, planned.runSize]) {
    if (!/^[\w./-]+$/.test(word)) throw new Error(`Not usable in a lab's spec: '${word}'.`)
  }
  return planned
}
