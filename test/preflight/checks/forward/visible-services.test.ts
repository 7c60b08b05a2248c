import { describe, expect, it } from 'vitest'
import { exactSet, forward, hostState } from '../../../plan/host-state.ts'
import { resultOf, subject } from '../../subject.ts'

const id = 'visible-services'
const services = `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.43.0.1/32 -j KUBE-SVC-A
COMMIT`

describe('visibleServices', () => {
  it('warns where no chain is of kube-proxy, as in nftables mode', () => {
    const state = hostState(forward(), exactSet)
    expect(resultOf(id, subject({ state }))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('nftables mode or by eBPF (or kube-proxy does not run)'),
      remedy: expect.stringContaining('fw_published: allow'),
    })
    expect(resultOf(id, subject({ state, intent: { published: 'block' } })).kind).toBe('pass')
  })

  it.each(['kube-ipvs0', 'kube-dummy-if'])('names IPVS where its interface %s is seen', (name) => {
    const links = `2: ens18: <UP>\n3: ${name}: <BROADCAST>`
    const state = hostState(forward(), exactSet)
    const addresses = `2: ens18    inet 192.0.2.11/24\n3: ${name}    inet 10.43.0.1/32`
    const result = (texts: Parameters<typeof subject>[0]): unknown => resultOf(id, subject(texts))
    const named = { reason: expect.stringContaining(name) }
    expect(result({ state, texts: { links, addresses } })).toMatchObject(named)
    expect(result({ state, texts: { links } })).not.toMatchObject(named)
  })

  it('warns where only chains of kube-proxy are left, to which nothing leads or which are empty', () => {
    for (const [without] of [[/^-A PREROUTING.*\n/m], [/^-A KUBE-SERVICES.*\n/m]] as const) {
      const state = hostState(forward(), exactSet, services.replace(without, ''))
      expect(resultOf(id, subject({ state })).kind).toBe('warn')
    }
  })

  it.each([
    ['this backend', { tables: services, other: '' }],
    ['the other, of which another check tells', { tables: '', other: services }],
  ])('passes where services are in %s', (_, { tables, other }) => {
    const state = hostState(forward(), exactSet, tables)
    expect(resultOf(id, subject({ state, texts: { 'other-rules': other } })).kind).toBe('pass')
  })
})
