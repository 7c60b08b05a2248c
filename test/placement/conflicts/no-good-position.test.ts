import { describe, expect, it } from 'vitest'
import type { ForwardIntent } from '../../../src/guard/intent.ts'
import { maxKinds, maxPublishedPorts } from '../../../src/limits.ts'
import { findPosition } from '../../../src/placement/placement.ts'
import { exactSet, forward, guard, hostState, intent } from '../../plan/host-state.ts'
import { long } from '../../rounds.ts'

const many = Array.from({ length: maxKinds + 1 }, (_, i) => `198.18.${i >> 8}.${i & 255}`)
const blocked = many.map((address) => `-A FORWARD -s ${address}/32 -j DROP`)
const ports = Array.from({ length: maxPublishedPorts + 1 }, (_, i) => 20_000 + i)
const nat = `*nat
:PREROUTING ACCEPT [0:0]
${ports.map((port) => `-A PREROUTING -p tcp -m tcp --dport ${port} -j DNAT --to-destination 10.42.1.10:80`).join('\n')}
COMMIT`

/** What is found, and the remedy if it is refused. */
function found(state: Parameters<typeof findPosition>[0], more: Partial<ForwardIntent> = {}) {
  const { kind, ...rest } = findPosition(state, { ...intent, ...more })
  return { kind, remedy: 'remedy' in rest ? rest.remedy : '' }
}

describe('unproven', () => {
  it('names an ipset for many addresses, and that helps', () => {
    const { kind, remedy } = found(hostState([...blocked, ...forward()]))
    expect(kind).toBe('refused')
    expect(remedy).toContain('put the addresses into one ipset, and use one rule')
    const set = `create blocked hash:ip family inet maxelem 65536\n${many.map((one) => `add blocked ${one}`).join('\n')}`
    const rule = '-A FORWARD -m set --match-set blocked src -j DROP'
    expect(found(hostState([rule, ...forward()], set)).kind).toBe('placed')
  })

  it('names fw_published: block for many ports, and that helps', () => {
    const state = hostState(forward(), '', nat)
    const { kind, remedy } = found(state)
    expect(kind).toBe('refused')
    expect(remedy).toContain('set fw_published: block')
    expect(found(state, { published: 'block' }).kind).toBe('placed')
  })

  it('says nothing of how rules are numbered, because it names none', () => {
    const { reason } = refusal(forward([1, guard]), 'auto', '', nat)
    expect(reason).toMatch(/checks at most 2000$/)
  })

  // It walks thousands of kinds past thousands of rules.
  if (long) {
    it('names fw_position, and that helps', () => {
      const rules = [...blocked, ...forward()]
      expect(found(hostState(rules)).remedy).toContain('you know a good position, set fw_position')
      expect(found(hostState(rules), { position: blocked.length + 4 }).kind).toBe('placed')
    })
  }
})

const leak = '-A FORWARD -i ens18 -d 10.42.0.0/16 -j ACCEPT'

/** What is said about a position, on a host where only the end of FORWARD would be too late, or every position is. */
function refusal(
  rules: readonly string[],
  position: ForwardIntent['position'],
  sets = '',
  tables = '',
) {
  const placement = findPosition(hostState(rules, sets, tables), { ...intent, position })
  if (placement.kind !== 'refused') throw new Error(`placed at ${placement.position}`)
  return placement
}

describe('noneGood', () => {
  const rules = forward([2, guard]).toSpliced(1, 0, leak)

  it('names a rule by the number that iptables shows, the rule of fw-run counted, and says so', () => {
    const numbers = forward([1, guard]).toSpliced(2, 0, leak)
    expect(refusal(numbers, 'auto')).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(
        /rule 3 of FORWARD accepts .* Rule numbers in this text are as `iptables -nL --line-numbers` shows them\. Positions \(fw_position\) are different: they are counted as if the rule of fw-run were not in FORWARD$/,
      ),
      remedy: expect.stringContaining('If rule 3 of FORWARD is your own, delete it'),
    })
    const two = forward([1, guard], [1, guard]).toSpliced(3, 0, leak)
    expect(refusal(two, 'auto').reason).toMatch(
      /rule 4 of FORWARD accepts .* are counted as if the rules of fw-run were not in FORWARD$/,
    )
    expect(refusal(rules, 'auto').remedy).toContain('If rule 2 of FORWARD is your own')
  })

  it('says what to look for where it cannot say what rules do', () => {
    const changing = '-A FORWARD -j SET --add-set cluster_nodes src'
    const { remedy } = refusal([changing, ...forward()], 'auto', exactSet)
    expect(remedy).toContain("`iptables-save | grep -E -- '-j (CT|NOTRACK|SET .*cluster_nodes)'`")
    expect(remedy).not.toContain('fw_extra_members')
  })
})

describe('notGood', () => {
  it('offers auto and the good positions', () => {
    expect(refusal(forward(), 1).remedy).toMatch(
      /^Set fw_position to auto, or to a good position: /,
    )
  })

  it('does not offer auto where auto would be refused, too', () => {
    const { reason, remedy } = refusal(forward().toSpliced(1, 0, leak), 1)
    expect(reason).toMatch(/^fw_position 1 is not good: .*\. Also, no position in FORWARD is good/)
    expect(remedy).toContain('If rule 2 of FORWARD is your own, delete it')
    expect(remedy).not.toContain('auto')
  })
})

describe('beyondChain', () => {
  it('offers auto and the good positions', () => {
    expect(refusal(forward(), 9)).toMatchObject({
      reason: 'fw_position is 9, but the last position in FORWARD is 5',
      remedy: expect.stringMatching(/^Set fw_position to auto, or to a good position: /),
    })
  })
})
