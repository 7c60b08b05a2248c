import { readdirSync, readFileSync } from 'node:fs'
import { readInterfaces } from '../../src/facts/interfaces.ts'
import { readRoutes } from '../../src/facts/routes.ts'
import type { ForwardIntent } from '../../src/guard/intent.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { answerOf } from '../facts/answer-of.ts'
import { intent } from '../plan/host-state.ts'

const folder = new URL('cases/', import.meta.url)

/** The routes of a host with a pod and a tunnel to the pods of another, unless a case names its own. */
const usual = [
  '192.0.2.0/24 dev ens18 proto kernel scope link src 192.0.2.11',
  '10.42.1.10 dev cali0123456789a scope link',
  '10.42.2.0/24 via 10.42.2.0 dev flannel.1 onlink',
]

/**
 * A case is a file, and its name says what must happen. The host and its settings: `# pods`, `# position`, `# published`,
 * `# members`, `# interface NAME ADDRESS`, `# down NAME`, `# port NAME BRIDGE`, `# bridge NAME`, `# unplugged NAME`, `# guard`, `# route` and `# set`, then its rules. What must come out:
 * `# expect`, a position or words of the refusal and its remedy; `# note`, words of the notes; `# silent`, words that no
 * note may have; `# lost`, the interfaces by which outsiders lose outbound access.
 */
export const cases = readdirSync(folder).map((file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const all = (word: string): string[] =>
    [...text.matchAll(new RegExp(`^# ${word} (.+)$`, 'gm'))].map(([, said]) => said ?? '')
  const routes = all('route')
  const interfaces = ['ens18 192.0.2.11', ...all('interface')].map((text) => text.split(' '))
  const ports = all('port').map((text) => text.split(' '))
  const sections = answerOf({
    links: [
      ...interfaces.map(([name], i) => `${i + 2}: ${name}: <UP>`),
      ...all('down').map((name) => `98: ${name}: <BROADCAST> state DOWN`),
      ...ports.map(([name, master]) => {
        const flags = all('unplugged').includes(`${name}`) ? 'NO-CARRIER,UP' : 'UP'
        return `99: ${name}: <${flags}> mtu 1500 master ${master} state UP`
      }),
    ].join('\n'),
    bridges: all('bridge').join('\n'),
    addresses: interfaces
      .flatMap(([name, address], i) => (address ? `${i + 2}: ${name} inet ${address}/24` : []))
      .join('\n'),
    routes: (routes.length > 0 ? routes : usual).join('\n'),
  })
  const network = { interfaces: readInterfaces(sections), routes: readRoutes(sections) }
  const [published] = all('published')
  const members = all('members').flatMap((one) => one.split(' '))
  const guarded = all('guard').flatMap((one) => one.split(' '))
  const wanted: ForwardIntent = {
    ...intent,
    network,
    interfaces: guarded.length > 0 ? guarded : intent.interfaces,
    members: members.length > 0 ? members : intent.members,
    podCidrs: all('pods').flatMap((one) => one.split(' ')),
    position: Number(all('position')[0]) || ('auto' as const),
    published: published === 'allow' || published === 'block' ? published : undefined,
  }
  const name = file.replace(/\.rules$/, '').replaceAll('-', ' ')
  // The lines of the case itself are no rules, and may hold quotes.
  const rules = text.replace(/^# .*\n/gm, '')
  const about = {
    rules,
    state: {
      ruleset: parseRuleset(rules),
      sets: parseSets(all('set').join('\n')),
      fingerprint: '1 1',
    },
    wanted: wanted.podCidrs.length > 0 ? wanted : { ...wanted, podCidrs: ['10.42.0.0/16'] },
    expected: all('expect'),
    notes: all('note'),
    silent: all('silent'),
    lost: all('lost'),
  }
  return [name, about] as const
})
