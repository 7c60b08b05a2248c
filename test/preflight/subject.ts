import type { Sections } from '../../src/agent/sections.ts'
import type { CheckId } from '../../src/check-list.ts'
import { type HostFacts, readFacts } from '../../src/facts/host-facts.ts'
import type { HostState } from '../../src/facts/state.ts'
import type { Intent, ProtectIntent } from '../../src/guard/intent.ts'
import type { InventoryHost } from '../../src/inventory/inventory.ts'
import { planHost } from '../../src/plan/plan.ts'
import type { CheckResult, Subject } from '../../src/preflight/check.ts'
import { findings, preliminaryFindings } from '../../src/preflight/preflight.ts'
import { answerOf } from '../facts/answer-of.ts'
import { exactSet, forward, hostState, intent } from '../plan/host-state.ts'

/** What a sound host answers; each test spoils one thing. */
const sound = {
  'iptables-version': 'iptables v1.8.9 (legacy)',
  'ipset-version': 'ipset v7.17, protocol version: 7',
  tools: '',
  support: '',
  links: '2: ens18: <BROADCAST,UP>\n3: ens19: <BROADCAST>',
  addresses: '2: ens18    inet 192.0.2.11/24 scope global ens18',
  routes: '192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n10.42.1.10 dev cali1 scope link',
  room: 'Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 1000 1 999 1% /run',
  rules: '*filter\n:FORWARD DROP [0:0]\nCOMMIT',
  sets: '',
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
  return readFacts(soundAnswer(texts))
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
    set: 'cluster_nodes',
    addresses: ['192.0.2.11'],
    extraMembers: [],
    position: 'auto',
    action: 'REJECT',
    podCidrs: [],
    published: undefined,
    probes: [],
    accept: [],
  },
}

/** A host as checks look at it, sound but for what is given. */
export function subject(
  spoiled: {
    readonly texts?: Parameters<typeof answerOf>[0]
    readonly state?: HostState
    readonly intent?: Partial<ProtectIntent> | Intent
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
    peers: ['192.0.2.12'],
  }
}

/** The result of a check; throws if it was not asked. */
export function resultOf(id: CheckId, about: Subject): CheckResult {
  const all = [...preliminaryFindings(about.facts, 'change'), ...findings(about, 'change')]
  const found = all.find((one) => one.id === id)
  if (!found) throw new Error(`${id} is not among: ${all.map((one) => one.id).join(', ')}`)
  return found.result
}
