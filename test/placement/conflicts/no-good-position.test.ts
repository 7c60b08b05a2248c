import { describe, expect, it } from 'vitest'
import type { ProtectIntent } from '../../../src/guard/intent.ts'
import { maxKinds, maxPublishedPorts } from '../../../src/limits.ts'
import { findPosition } from '../../../src/placement/placement.ts'
import { forward, hostState, intent } from '../../plan/host-state.ts'
import { long } from '../../rounds.ts'

const many = Array.from({ length: maxKinds + 1 }, (_, i) => `198.18.${i >> 8}.${i & 255}`)
const blocked = many.map((address) => `-A FORWARD -s ${address}/32 -j DROP`)
const ports = Array.from({ length: maxPublishedPorts + 1 }, (_, i) => 20_000 + i)
const nat = `*nat
:PREROUTING ACCEPT [0:0]
${ports.map((port) => `-A PREROUTING -p tcp -m tcp --dport ${port} -j DNAT --to-destination 10.42.1.10:80`).join('\n')}
COMMIT`

/** What is found, and the remedy if it is refused. */
function found(state: Parameters<typeof findPosition>[0], more: Partial<ProtectIntent> = {}) {
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

  // It walks thousands of kinds past thousands of rules.
  if (long) {
    it('names fw_position, and that helps', () => {
      const rules = [...blocked, ...forward()]
      expect(found(hostState(rules)).remedy).toContain('you know a good position, set fw_position')
      expect(found(hostState(rules), { position: blocked.length + 4 }).kind).toBe('placed')
    })
  }
})
