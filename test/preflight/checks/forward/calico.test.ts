import { describe, expect, it } from 'vitest'
import { parseRuleset } from '../../../../src/iptables/ruleset.ts'
import { resultOf, subject } from '../../subject.ts'

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
        reason: expect.stringContaining(`kube-router here: ${chain}`),
      })
    },
  )

  it('fails where FORWARD does not jump to a chain of Calico that is left', () => {
    expect(result(['cali-FORWARD', 'KUBE-FORWARD']).kind).toBe('fail')
  })

  it('fails where nothing is of Kubernetes', () => {
    expect(result(['DOCKER'])).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('kube-router here: none'),
    })
  })

  it('names the eBPF data plane, which no upgrade of Felix changes, and what guards there', () => {
    const bpf = [
      '-A FORWARD -j cali-FORWARD',
      '-A cali-FORWARD -m comment --comment "Pre-approved by BPF programs." -m mark --mark 0x3000000/0x3000000 -j ACCEPT',
    ]
    const found = result(['cali-FORWARD'], bpf)
    expect(found).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining("Calico's eBPF data plane"),
      remedy: expect.stringMatching(
        /"applyOnForward":true.* \| calicoctl apply .*"kind":"HostEndpoint".* \| calicoctl apply /,
      ),
    })
    expect('remedy' in found && found.remedy).not.toContain('3.16')
  })

  it('names Felix up to 3.15 where that accepts in its own chain', () => {
    const old = '-A cali-FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT'
    expect(result(['cali-FORWARD'], ['-A FORWARD -j cali-FORWARD', old])).toMatchObject({
      reason: expect.stringContaining(old),
      remedy: expect.stringContaining('3.16'),
    })
  })

  it('passes where FORWARD jumps to it', () => {
    expect(result(['cali-FORWARD'], ['-A FORWARD -j cali-FORWARD']).kind).toBe('pass')
  })
})
