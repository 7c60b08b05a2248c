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

  it.each([
    ['one table', 'only inet cni_hostport', 'table inet cni_hostport.'],
    ['more', 'only ip a\nonly ip b\nonly ip c\nonly ip d', 'tables ip a, ip b, ip c, ….'],
  ])('fails where nft itself publishes ports by %s, until that is decided', (_, text, named) => {
    const texts = { 'translating-tables': text }
    for (const state of [
      hostState(forward(), exactSet, services),
      hostState(forward(), exactSet),
    ]) {
      expect(resultOf(id, subject({ state, texts }))).toMatchObject({
        kind: 'fail',
        reason: expect.stringContaining(named),
        remedy: expect.stringContaining('fw_published: block'),
      })
    }
    const decided = (published: 'allow' | 'block') =>
      ['visible-services', 'published-ports'].map((one) =>
        resultOf(one as typeof id, subject({ texts, intent: { published } })),
      )
    expect(decided('allow')).toMatchObject([{ kind: 'pass' }, { kind: 'pass' }])
    expect(decided('block')).toMatchObject([
      { kind: 'pass' },
      { kind: 'warn', reason: expect.stringContaining(named.slice(0, -1)) },
    ])
    expect(resultOf('published-ports', subject({ texts })).kind).toBe('unjudged')
  })

  it('warns where nft could not be asked', () => {
    const failed = {
      text: 'nft list chains failed with exit code 139: it printed nothing',
      code: 1,
    }
    const texts = { 'translating-tables': failed }
    expect(resultOf(id, subject({ texts }))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('exit code 139'),
      remedy: expect.stringMatching(/`nft list chains`.* fw_published: allow/),
    })
    expect(resultOf(id, subject({ texts, intent: { published: 'allow' } })).kind).toBe('pass')
  })
})
