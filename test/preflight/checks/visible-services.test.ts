import { describe, expect, it } from 'vitest'
import { exactSet, forward, hostState } from '../../plan/host-state.ts'
import { resultOf, subject } from '../subject.ts'

const id = 'visible-services'

describe('visibleServices', () => {
  it('warns where no chain is of kube-proxy, as in nftables mode', () => {
    const state = hostState(forward(), exactSet)
    expect(resultOf(id, subject({ state }))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('nftables mode, or by eBPF'),
      remedy: expect.stringContaining('fw_published: allow'),
    })
    expect(resultOf(id, subject({ state, intent: { published: 'block' } })).kind).toBe('pass')
  })

  it('names IPVS where its interface is seen', () => {
    const links = '2: ens18: <UP>\n3: kube-ipvs0: <BROADCAST>'
    const about = subject({ state: hostState(forward(), exactSet), texts: { links } })
    expect(resultOf(id, about)).toMatchObject({ reason: expect.stringContaining('kube-ipvs0') })
  })

  it.each([
    ['this backend', { tables: '*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT', other: '' }],
    [
      'the other, of which another check tells',
      { tables: '', other: '*nat\n:KUBE-SERVICES - [0:0]' },
    ],
  ])('passes where services are in %s', (_, { tables, other }) => {
    const state = hostState(forward(), exactSet, tables)
    expect(resultOf(id, subject({ state, texts: { 'other-rules': other } })).kind).toBe('pass')
  })
})
