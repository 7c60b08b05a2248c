import { describe, expect, it } from 'vitest'
import { parseSets } from '../../../src/ipset/sets.ts'
import { parseRuleset } from '../../../src/iptables/ruleset.ts'
import { preliminaryFindings } from '../../../src/preflight/preflight.ts'
import { forward, hostState } from '../../plan/host-state.ts'
import { factsWith, mangleSubject, resultOf, subject } from '../subject.ts'

const unable = (lines: string) =>
  resultOf('mangle-support', mangleSubject({ texts: { 'mangle-support': lines } }))

describe('mangle-support', () => {
  it('passes where iptables took such a chain, also without ip6tables where nothing of IPv6 is closed', () => {
    expect(unable('')).toEqual({ kind: 'pass' })
    const four = mangleSubject({
      texts: { 'mangle-support': 'ip6tables' },
      intent: { podCidrs: ['10.42.0.0/16'] },
    })
    expect(resultOf('mangle-support', four)).toEqual({ kind: 'pass' })
  })

  it('fails without ip6tables where networks of IPv6 are closed', () => {
    expect(unable('ip6tables')).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('ip6tables'),
    })
  })

  it('fails where iptables and ip6tables have different backends, and networks of IPv6 are closed', () => {
    expect(unable('ip6tables-backend')).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('different backends'),
    })
  })

  it('fails with what iptables said against such a chain', () => {
    const said = 'iptables v1.8.10 (nf_tables): RULE_APPEND failed (No such file or directory)'
    expect(unable(said)).toMatchObject({ kind: 'fail', reason: expect.stringContaining(said) })
  })

  it('fails where a legacy kernel lacks a match', () => {
    const lacking = mangleSubject({ texts: { support: 'match set\ntarget REJECT' } })
    expect(resultOf('mangle-support', lacking)).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(/: match set$/),
      remedy: expect.stringMatching(/ If `fw-run preflight -e fw_guard=nft` passes on that host, /),
    })
  })
})

describe('set-name', () => {
  it.each([
    [
      'create cluster_nodes hash:net family inet',
      'set cluster_nodes exists already, but with type hash:net inet',
    ],
    ['create cluster_nodes hash:ip family inet6', 'with type hash:ip inet6, not hash:ip inet'],
    ['create cluster_nodes hash:ip family inet timeout 60', 'with option timeout'],
    ['create cluster_nodes-6 hash:net family inet6', 'set cluster_nodes-6 exists already'],
  ])('fails for %s, which cannot be a set of the chain of fw-run', (set, reason) => {
    const state = hostState(forward(), set)
    expect(resultOf('set-name', mangleSubject({ state }))).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining(reason),
    })
  })

  it('says how to free a set that the chain of fw-run uses', () => {
    const text =
      '*mangle\n:PREROUTING ACCEPT [0:0]\n:FW-RUN - [0:0]\n[0:0] -A FW-RUN -m conntrack --ctdir REPLY -j RETURN\n[0:0] -A FW-RUN -m set --match-set cluster_nodes src -j RETURN\nCOMMIT'
    const taken = hostState(forward(), 'create cluster_nodes hash:ip family inet timeout 60')
    const state = { ...taken, mangle: { 4: parseRuleset(text) } }
    expect(resultOf('set-name', mangleSubject({ state }))).toMatchObject({
      remedy: expect.stringMatching(/^The guard uses that set: run `fw-run remove --limit HOST`/),
    })
  })
})

describe('own-chain', () => {
  it('fails for a chain of another program that has our name', () => {
    const text =
      '*mangle\n:PREROUTING ACCEPT [0:0]\n:FW-RUN - [0:0]\n[0:0] -A FW-RUN -j LOG\nCOMMIT'
    const state = { ...hostState(forward()), mangle: { 4: parseRuleset(text) } }
    expect(resultOf('own-chain', mangleSubject({ state }))).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('another program made it'),
    })
  })
})

describe('leaving-members of a chain', () => {
  it('names members and networks of pods that the standing chain lets pass, and the new one would not', () => {
    const text = `*mangle
:PREROUTING ACCEPT [0:0]
:FW-RUN - [0:0]
[0:0] -A FW-RUN -m conntrack --ctdir REPLY -j RETURN
[0:0] -A FW-RUN -m set --match-set cluster_nodes src -j RETURN
[0:0] -A FW-RUN -s 10.99.0.0/16 -j RETURN
[0:0] -A FW-RUN -d 10.42.0.0/16 -j DROP
COMMIT`
    const sets = parseSets(
      'create cluster_nodes hash:ip family inet\nadd cluster_nodes 192.0.2.11\nadd cluster_nodes 192.0.2.77',
    )
    const state = { ...hostState(forward()), sets, mangle: { 4: parseRuleset(text) } }
    expect(resultOf('leaving-members', mangleSubject({ state }))).toMatchObject({
      kind: 'warn',
      reason: 'the guard would no longer allow 192.0.2.77, 10.99.0.0/16',
    })
  })
})

describe('a remedy for the guard forward', () => {
  const ruleset = parseRuleset(
    '*filter\n:FORWARD DROP [0:0]\n:KUBE-FORWARD - [0:0]\n-A FORWARD -j KUBE-FORWARD\nCOMMIT',
  )
  const remedyOf = (kind: 'nft' | 'mangle' | undefined): string => {
    const result = resultOf('calico', {
      ...subject({ state: { ruleset, sets: new Map(), fingerprint: '' } }),
      instead: () => kind,
    })
    return result.kind === 'fail' ? result.remedy : ''
  }

  it('names another guard only where a dry run shows that it works', () => {
    expect(remedyOf('nft')).toContain('fw_guard: nft')
    expect(remedyOf('mangle')).toContain('fw_guard: mangle')
    expect(remedyOf(undefined)).not.toContain('fw_guard')
  })

  it('does so for a host with the other backend, before its rules are looked at', () => {
    const facts = factsWith({ 'iptables-version': 'iptables v1.8.9 (nf_tables)' })
    const remedy = (kind: 'mangle' | undefined): unknown =>
      preliminaryFindings(facts, 'change', 'forward', () => kind).at(-1)?.result
    expect(remedy('mangle')).toMatchObject({
      remedy: expect.stringMatching(/^Set fw_guard: mangle/),
    })
    expect(remedy(undefined)).toMatchObject({
      remedy: expect.stringMatching(/^If Kubernetes uses/),
    })
  })
})
