import { describe, expect, it } from 'vitest'
import { parseRuleset } from '../../../src/iptables/ruleset.ts'
import { resultOf, subject } from '../subject.ts'

function result(chains: readonly string[], rules: readonly string[] = []) {
  const ruleset = parseRuleset(
    [
      ...['*filter', ':FORWARD DROP [0:0]', ...chains.map((name) => `:${name} - [0:0]`)],
      ...[...rules, 'COMMIT'],
    ].join('\n'),
  )
  const state = { ruleset, sets: new Map(), fingerprint: '' }
  return resultOf('calico', subject({ state }))
}

describe('calico', () => {
  it.each([['KUBE-FORWARD'], ['KUBE-SERVICES'], ['FLANNEL-FWD'], ['KUBE-ROUTER-FORWARD']])(
    'fails where there is %s without Calico, and says so',
    (chain) => {
      expect(result([chain])).toMatchObject({
        kind: 'fail',
        reason: expect.stringContaining(`there is only ${chain}: Calico is not at work here`),
      })
    },
  )

  it('fails where FORWARD does not jump to a chain of Calico that is left', () => {
    expect(result(['cali-FORWARD', 'KUBE-FORWARD']).kind).toBe('fail')
  })

  it('fails where nothing is of Kubernetes', () => {
    expect(result(['DOCKER'])).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('there is no chain of Kubernetes'),
    })
  })

  it('passes where FORWARD jumps to it', () => {
    expect(result(['cali-FORWARD'], ['-A FORWARD -j cali-FORWARD']).kind).toBe('pass')
  })
})
