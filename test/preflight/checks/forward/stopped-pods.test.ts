import { describe, expect, it } from 'vitest'
import { exactSet, forward, hostState } from '../../../plan/host-state.ts'
import { resultOf, subject } from '../../subject.ts'

function result(rules: readonly string[], links?: string) {
  const texts = links === undefined ? {} : { links }
  return resultOf('stopped-pods', subject({ state: hostState(rules, exactSet), texts }))
}

const reject = '-A FORWARD -j REJECT --reject-with icmp-host-prohibited'

describe('stoppedPods', () => {
  it('warns where a rule stops everything before pods are accepted, and names it', () => {
    expect(result(forward().toSpliced(2, 0, reject))).toMatchObject({
      kind: 'warn',
      reason: `a rule of FORWARD (${reject}) stops all new connections to pods on this host, even from nodes`,
      remedy: expect.stringContaining(
        '`iptables -I FORWARD NUMBER -i ens18 -d 10.42.0.0/16 -j ACCEPT`',
      ),
    })
  })

  it('names the chain of a rule that is not in FORWARD itself', () => {
    const rules = [
      ':OWN - [0:0]',
      '-A OWN -j DROP',
      ...forward().toSpliced(2, 0, '-A FORWARD -j OWN'),
    ]
    expect(result(rules)).toMatchObject({
      reason: expect.stringContaining('a rule of OWN (-A OWN -j DROP) stops'),
      remedy: expect.stringContaining('`iptables -D OWN NUMBER`'),
    })
  })

  it('leaves a rule of a program to that program', () => {
    const byDocker = forward().toSpliced(2, 0, '-A FORWARD -j DOCKER')
    expect(result([':DOCKER - [0:0]', '-A DOCKER -j DROP', ...byDocker])).toMatchObject({
      kind: 'warn',
      remedy: expect.stringMatching(/^docker wrote that rule: .*Do not change the rule itself/),
    })
  })

  it('warns where only the policy is left', () => {
    expect(result(forward().slice(0, 2))).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('the policy of FORWARD stops all new connections'),
      remedy: expect.stringContaining('`iptables -A FORWARD -i ens18 -d 10.42.0.0/16 -j ACCEPT`'),
    })
  })

  it('opens pods only to who comes in by guarded interfaces, and to pods', () => {
    const links =
      '2: ens18: <UP>\n3: ens19: <UP>\n4: vxlan.calico: <UP>\n5: cali1: <UP>\n6: cali2: <UP>\n7: cni0: <UP>\n8: veth1: <UP> master cni0\n9: cni$x: <UP>\n10: tunl0: <NOARP>'
    const each = (place: string) =>
      `for name in ens18 vxlan.calico cali+ cni0 'cni$x'; do iptables ${place} -i "$name" -d 10.42.0.0/16 -j ACCEPT; done`
    expect(result(forward().slice(0, 2), links)).toMatchObject({
      remedy: expect.stringContaining(`run on that host \`${each('-A FORWARD')}\`.`),
    })
    expect(result(forward().toSpliced(2, 0, reject), links)).toMatchObject({
      remedy: expect.stringContaining(`: \`${each('-I FORWARD NUMBER')}\`.`),
    })
  })

  it('says what else is opened where there are too many interfaces to name', () => {
    const links = Array.from({ length: 10 }, (_, at) => `${at + 3}: veth${at}: <UP>`).join('\n')
    expect(result(forward().slice(0, 2), `2: ens18: <UP>\n${links}`)).toMatchObject({
      remedy: expect.stringContaining(
        '`iptables -A FORWARD -d 10.42.0.0/16 -j ACCEPT` (this also accepts packets that come in by interfaces that are not guarded)',
      ),
    })
  })

  it.each<readonly [string, readonly string[]]>([
    ['pods are accepted first', [...forward(), reject]],
    ['only some packets are stopped', forward().toSpliced(2, 0, '-A FORWARD -p udp -j DROP')],
    ['it is not sure', forward().toSpliced(2, 0, '-A FORWARD -m limit --limit 1/sec -j DROP')],
    ['a network policy stops them', ['-A cali-FORWARD -j DROP', ...forward()]],
  ])('passes where %s', (_, rules) => {
    expect(result(rules)).toEqual({ kind: 'pass' })
  })
})
