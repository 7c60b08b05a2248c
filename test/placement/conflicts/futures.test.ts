import { describe, expect, it } from 'vitest'
import { rulesOf } from '../../../src/iptables/ruleset.ts'
import { futuresOf } from '../../../src/placement/conflicts/futures.ts'
import { hostState } from '../../plan/host-state.ts'

const podNetworks = [{ first: 0x0a2a0000, last: 0x0a2affff }]
const mark = '-m comment --comment "cali:S93hcgKJrXEqnTfs" -m mark --mark 0x10000/0x10000 -j ACCEPT'

/** What FORWARD will be like, and the positions then of all positions now. */
function futures(...rules: readonly string[]) {
  const { ruleset } = hostState(rules.map((rule) => `-A FORWARD ${rule}`))
  return futuresOf(ruleset, podNetworks).map((future) => ({
    comes: future.comes,
    moves: future.ruleset !== ruleset,
    rules: rulesOf(future.ruleset, 'filter', 'FORWARD').map(({ raw }) => raw.slice(11)),
    positions: [0, ...rules].map((_, i) => future.positionThen(i + 1)),
  }))
}

describe('futuresOf', () => {
  it('finds none if there are no rules that their owners move', () => {
    expect(futures('-j KUBE-FORWARD', '-i wg0 -j ACCEPT')).toEqual([])
  })

  it('puts the jump of Felix on top and its other rules at the end', () => {
    const vpns = ['-i wg0 -j ACCEPT', '-i wg1 -j ACCEPT'] as const
    const now = ['-j KUBE-FORWARD', '-j cali-FORWARD', vpns[0], mark, vpns[1]]
    expect(futures(...now)).toEqual([
      {
        ...{ comes: 'refresh', moves: true },
        rules: ['-j cali-FORWARD', '-j KUBE-FORWARD', ...vpns, mark],
        positions: [2, 3, 3, 4, 4, 5],
      },
    ])
  })

  it('leaves rules where Felix wants them, and finds our position then', () => {
    expect(futures('-j cali-FORWARD', '-j KUBE-FORWARD', mark)).toMatchObject([
      { moves: false, positions: [2, 2, 3, 3] },
    ])
  })

  it('puts the jumps of docker right behind that of Felix', () => {
    const [, docker] = futures('-j cali-FORWARD', '-j KUBE-FORWARD', '-j DOCKER-USER')
    expect(docker).toEqual({
      ...{ comes: 'restart', moves: true },
      rules: ['-j cali-FORWARD', '-j DOCKER-USER', '-j KUBE-FORWARD'],
      positions: [3, 3, 4, 4],
    })
  })

  it.each([
    ['rules', ['-s 10.42.0.0/16 -j ACCEPT', '-d 10.42.0.0/16 -j ACCEPT']],
    ['jumps', ['-m comment --comment "flanneld forward" -j FLANNEL-FWD', '-j FLANNEL-FWD']],
  ])('puts the %s of flannel at the end, and those of Felix behind them', (_, flannel) => {
    const [, restart] = futures('-j cali-FORWARD', ...flannel, '-i wg0 -j ACCEPT', mark)
    expect(restart).toEqual({
      ...{ comes: 'rare', moves: true },
      rules: ['-j cali-FORWARD', '-i wg0 -j ACCEPT', ...flannel, mark],
      positions: [2, 2, 2, 2, 3, 3],
    })
  })

  it('leaves the jump at the end where Felix appends it', () => {
    expect(futures('-j KUBE-FORWARD', '-j cali-FORWARD', mark)).toMatchObject([
      { comes: 'refresh', moves: false, positions: [1, 2, 2, 2] },
    ])
  })

  it.each([
    ['a jump to the top', ['-j KUBE-FORWARD', '-j cali-FORWARD', '-i wg0 -j ACCEPT'], [1, 2]],
    ['rules to the end', ['-j cali-FORWARD', mark, '-i wg0 -j ACCEPT'], [1, 3, 4]],
    ['all its rules to the end', ['-i wg0 -j ACCEPT', '-j cali-FORWARD', mark], [3, 4]],
    ['no rule past it', ['-j cali-FORWARD', '-j KUBE-FORWARD', mark], [1, 4]],
  ])('knows the positions that a refresh crosses when it moves %s', (_, rules, crossed) => {
    const { ruleset } = hostState(rules.map((rule) => `-A FORWARD ${rule}`))
    const [refresh] = futuresOf(ruleset, podNetworks)
    const positions = [0, ...rules].map((_, i) => i + 1)
    expect(positions.filter((position) => refresh?.crosses(position))).toEqual(crossed)
  })
})
