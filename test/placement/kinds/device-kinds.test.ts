import { describe, expect, it } from 'vitest'
import { parseRuleset } from '../../../src/iptables/ruleset.ts'
import { forwardingChainsInPieces } from '../../../src/placement/forwarding-rules.ts'
import { deviceKinds } from '../../../src/placement/kinds/device-kinds.ts'
import { atOnce } from '../../../src/waiting/pieces.ts'

/** The devices, those of one kind together, by rules of filter in which `:NAME` declares a chain. */
function sorted(devices: readonly string[], ...rules: readonly string[]): readonly string[] {
  const lines = rules.map((rule) => (rule.startsWith(':') ? `${rule} - [0:0]` : `-A ${rule}`))
  const ruleset = parseRuleset(`*filter\n:FORWARD DROP [0:0]\n${lines.join('\n')}\nCOMMIT`)
  const kindOf = deviceKinds(
    ruleset,
    new Map([['filter', atOnce(forwardingChainsInPieces(ruleset, 'filter'))]]),
  )
  const kinds = new Map<string, string>()
  for (const device of devices) {
    const kind = kindOf(device)
    kinds.set(kind, [...(kinds.get(kind)?.split(' ') ?? []), device].join(' '))
  }
  return [...kinds.values()]
}

const chains = [':calis', ':cali-pod1', ':cali-pod2', ':cali-pod3', 'FORWARD -j calis']
const dispatch = ['pod1', 'pod2', 'pod3'].map((pod) => `calis -o ${pod} -g cali-${pod}`)

describe('deviceKinds', () => {
  it('sorts devices together whose chains have the same rules, whatever their comments say', () => {
    expect(
      sorted(
        ['pod1', 'pod2', 'pod3'],
        ...chains,
        ...dispatch,
        'cali-pod1 -m comment --comment "cali:wUHh" -j ACCEPT',
        'cali-pod2 -m comment --comment "cali:9mOs" -j ACCEPT',
        'cali-pod3 -p tcp -j ACCEPT',
      ),
    ).toEqual(['pod1 pod2', 'pod3'])
  })

  it('tells a device apart that no rule names', () => {
    expect(sorted(['pod1', 'z'], ...chains, ...dispatch)).toEqual(['pod1', 'z'])
  })

  it('follows a chain that leads to itself only once', () => {
    const loops = ['cali-pod1 -j cali-pod1', 'cali-pod2 -j cali-pod2', 'cali-pod3 -j cali-pod1']
    expect(sorted(['pod1', 'pod2', 'pod3'], ...chains, ...dispatch, ...loops)).toEqual([
      'pod1 pod2',
      'pod3',
    ])
  })

  it('tells devices apart by the prefixes that rules name', () => {
    expect(sorted(['cali1', 'cali2', 'veth1'], 'FORWARD -o cali+ -j ACCEPT')).toEqual([
      'cali1 cali2',
      'veth1',
    ])
  })

  it('tells a prefix, of which nothing more is known, apart from the devices that it may be', () => {
    expect(sorted(['cali1', 'cali+'], 'FORWARD -o cali+ -j ACCEPT')).toEqual(['cali1', 'cali+'])
  })

  it.each([
    [
      'another rule stands between theirs',
      ['calis -o pod1 -j ACCEPT', 'calis -j LOG', 'calis -o pod2 -j ACCEPT'],
    ],
    ['they are named on different sides', ['calis -o pod1 -j ACCEPT', 'calis -i pod2 -j ACCEPT']],
    ['each is excluded by a rule', ['calis ! -o pod1 -j ACCEPT', 'calis ! -o pod2 -j ACCEPT']],
    [
      'their rules name both sides',
      ['calis -i x -o pod1 -j ACCEPT', 'calis -i x -o pod2 -j ACCEPT'],
    ],
    [
      'their rules stand in different chains',
      ['calis -o pod1 -j ACCEPT', 'cali-pod3 -o pod2 -j ACCEPT', 'calis -j cali-pod3'],
    ],
    ['their rules are in FORWARD', ['FORWARD -o pod1 -j ACCEPT', 'FORWARD -o pod2 -j ACCEPT']],
  ])('tells devices apart if %s', (_, rules) => {
    expect(sorted(['pod1', 'pod2'], ...chains, ...rules)).toEqual(['pod1', 'pod2'])
  })
})
