import type { Sections } from '../../src/agent/sections.ts'
import type { CheckId } from '../../src/check-names/check-list.ts'
import type { HostFacts } from '../../src/facts/host-facts.ts'
import type { HostState } from '../../src/facts/state.ts'
import type { ForwardIntent, Intent, MangleIntent, NftIntent } from '../../src/guard/intent.ts'
import type { InventoryHost } from '../../src/inventory/inventory.ts'
import { parseTable } from '../../src/nft/printed-table.ts'
import { planHost } from '../../src/plan/plan.ts'
import type { CheckResult, Subject } from '../../src/preflight/check.ts'
import { anyFails, findings, preliminaryFindings } from '../../src/preflight/preflight.ts'
import { answerOf } from '../facts/answer-of.ts'
import { factsOf } from '../facts/facts-of.ts'
import { mangleIntent } from '../guard/mangle-intent.ts'
import { nftIntent } from '../guard/nft-intent.ts'
import { exactSet, forward, hostState, intent } from '../plan/host-state.ts'

/** What a sound host answers; each test spoils one thing. */
const sound = {
  'iptables-version': 'iptables v1.8.9 (legacy)',
  tools: '',
  support: '',
  links: '2: ens18: <BROADCAST,UP>\n3: ens19: <BROADCAST>',
  addresses: '2: ens18    inet 192.0.2.11/24 scope global ens18',
  routes: '192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n10.42.1.10 dev cali1 scope link',
  room: 'Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 1000 1 999 1% /run',
  rules: '*filter\n:FORWARD DROP [0:0]\nCOMMIT',
  sets: '',
  table: '',
  'nft-support': 'prerouting reject',
  'other-rules': '',
  fingerprint: '1 1',
}

/** Where kube-proxy keeps services. */
const services = `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
COMMIT`

/** The facts of a host, sound but for what is given. */
export function factsWith(texts: Parameters<typeof answerOf>[0] = {}): HostFacts {
  return factsOf(soundAnswer(texts))
}

/** The answer to `facts` of a host, sound but for what is given. */
export function soundAnswer(texts: Parameters<typeof answerOf>[0] = {}): Sections {
  return answerOf({ ...sound, ...texts })
}

/** The host that the subjects of these tests are about. */
export const host: InventoryHost = {
  name: 'node1',
  address: '192.0.2.11',
  port: 22,
  user: undefined,
  password: undefined,
  privateKeyFile: undefined,
  become: undefined,
  becomePassword: undefined,
  groups: [],
  settings: {
    interfaces: ['ens18'],
    guard: 'forward',
    persist: false,
    set: 'cluster_nodes',
    addresses: ['192.0.2.11'],
    extraMembers: [],
    position: 'auto',
    action: 'REJECT',
    podCidrs: [],
    services: 'close',
    serviceCidrs: [],
    published: undefined,
    probes: [],
    accept: [],
  },
}

/** A host that is to get the guard `nft`, sound but for what is given. */
export function nftSubject(
  spoiled: {
    readonly texts?: Parameters<typeof answerOf>[0]
    readonly table?: string
    readonly services?: string
    readonly boot?: HostState['boot']
    readonly settings?: Partial<InventoryHost['settings']>
    readonly intent?: Partial<NftIntent>
  } = {},
): Subject {
  const { network: _, ...wanted } = nftIntent
  const table = spoiled.table === undefined ? undefined : parseTable(spoiled.table)
  const rules = hostState(forward(), '', spoiled.services ?? services)
  const state = { ...rules, table, boot: spoiled.boot }
  const about = subject({ ...spoiled, state, intent: { ...wanted, ...spoiled.intent } })
  const settings = { ...host.settings, guard: 'nft' as const, ...spoiled.settings }
  return { ...about, host: { ...host, settings } }
}

/** A host that is to get the guard `mangle`, sound but for what is given. */
export function mangleSubject(
  spoiled: {
    readonly texts?: Parameters<typeof answerOf>[0]
    readonly state?: HostState
    readonly intent?: Partial<MangleIntent>
  } = {},
): Subject {
  const { network: _, ...wanted } = mangleIntent
  const state = spoiled.state ?? hostState(forward(), '', services)
  const about = subject({ ...spoiled, state, intent: { ...wanted, ...spoiled.intent } })
  return { ...about, host: { ...host, settings: { ...host.settings, guard: 'mangle' } } }
}

/** A host as checks look at it, sound but for what is given. */
export function subject(
  spoiled: {
    readonly texts?: Parameters<typeof answerOf>[0]
    readonly state?: HostState
    readonly intent?: Partial<ForwardIntent> | Partial<NftIntent> | Partial<MangleIntent> | Intent
  } = {},
): Subject {
  const facts = factsWith(spoiled.texts)
  const state = spoiled.state ?? hostState(forward(), exactSet, services)
  const network = facts.network.kind === 'read' ? facts.network.value : intent.network
  const wanted = { ...intent, network, ...spoiled.intent } as Intent
  return {
    host,
    facts,
    state,
    intent: wanted,
    plan: planHost(state, wanted),
    peers: { all: ['192.0.2.12'], own: undefined },
    instead: () => 'nft',
  }
}

/** The result of a check; throws if it was not asked, or if `anyFails` says otherwise than the checks. */
export function resultOf(id: CheckId, about: Subject): CheckResult {
  const others = findings(about, 'change')
  if (anyFails(about, 'change') !== others.some(({ result }) => result.kind === 'fail')) {
    throw new Error('anyFails says otherwise than the checks.')
  }
  const all = [
    ...preliminaryFindings(about.facts, 'change', about.host.settings.guard, about.instead),
    ...others,
  ]
  const found = all.find((one) => one.id === id)
  if (!found) throw new Error(`${id} is not among: ${all.map((one) => one.id).join(', ')}`)
  return found.result
}
