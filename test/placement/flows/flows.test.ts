import { describe, expect, it } from 'vitest'
import { publishedFlows } from '../../../src/placement/flows/published-flows.ts'
import { hostModelOf } from '../../../src/placement/host/host-model.ts'
import { outsidersOn } from '../../../src/placement/host/outsiders.ts'
import { planHost } from '../../../src/plan/plan.ts'
import { atOnce } from '../../../src/waiting/pieces.ts'
import { hostState, intent } from '../../plan/host-state.ts'

const replies = '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const pods = '-A FORWARD -d 10.42.0.0/16 -j ACCEPT'
const dnat = '-j DNAT --to-destination 10.42.1.10:80'

function planned(
  rules: readonly string[],
  { tables = '', sets = '', wanted = {} }: { tables?: string; sets?: string; wanted?: object } = {},
) {
  return planHost(hostState(rules, sets, tables), { ...intent, ...wanted })
}

/** Rules of nat that publish so many ports. Only at the last one, clients keep their address. */
function nat(ports: number): string {
  const rules = Array.from({ length: ports }, (_, i) => {
    const match = `-A PREROUTING -d 192.0.2.11/32 -p tcp -m tcp --dport ${1024 + i}`
    const mark = `${match} -j MARK --set-xmark 0x2000/0x2000\n`
    return `${i === ports - 1 ? '' : mark}${match} ${dnat}`
  })
  return `*nat\n:PREROUTING ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT`
}

/** Rules of nat that publish so many ports, fifteen each. */
function natByFifteen(ports: number): string {
  const rules = Array.from({ length: ports / 15 }, (_, i) => {
    const some = Array.from({ length: 15 }, (_, j) => 1024 + i * 15 + j).join(',')
    return `-A PREROUTING -d 192.0.2.11/32 -p tcp -m multiport --dports ${some} ${dnat}`
  })
  return `*nat\n:PREROUTING ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT`
}

const masqueraded = '-A FORWARD -m mark --mark 0x2000/0x2000 -j ACCEPT'

describe('planHost', () => {
  it('checks each of hundreds of published ports', () => {
    expect(planned([masqueraded, replies, pods], { tables: nat(250) })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('published port 1273/tcp'),
    })
  })

  it('samples one of hundreds of published ports that only nat tells apart', () => {
    const { ruleset } = hostState([replies, pods], '', nat(250))
    const model = hostModelOf({ ruleset, sets: new Map(), fingerprint: '' }, intent)
    const { flows } = atOnce(publishedFlows(model, outsidersOn(model, 'ens18'), 'ens18'))
    expect(flows.map(({ packet }) => [packet.state, packet.mark.value])).toEqual([
      ['NEW', 0x2000],
      ['NEW', 0],
      ['ESTABLISHED', 0],
      ['RELATED', 0],
    ])
  })

  it('notes that there are too many clients and published ports to combine', () => {
    const some = Array.from({ length: 20 }, (_, i) => `-A FORWARD -s 203.0.113.${i} -p udp -j DROP`)
    const tables = nat(300)
    expect(
      planned([masqueraded, replies, ...some, pods], { tables, wanted: { published: 'allow' } }),
    ).toMatchObject({
      notes: [
        expect.stringMatching(
          /treat 22 kinds of clients differently, and nat publishes 300 ports\..*checked only some\. Add the ports that you need to fw_probes:/,
        ),
      ],
    })
  })

  it('refuses if there are too many published ports, unless a position is given', () => {
    const tables = natByFifteen(2010)
    expect(planned([masqueraded, replies, pods], { tables })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('nat publishes 2010 ports, but fw-run checks at most 2000'),
    })
    const wanted = { position: 3, published: 'allow' }
    expect(planned([masqueraded, replies, pods], { tables, wanted })).toMatchObject({
      notes: [
        expect.stringMatching(
          /but fw-run checks at most 2000\. Test the position after apply.* A connection to a pod must fail\. The published ports that you need must answer$/,
        ),
      ],
    })
  })

  it('notes that there are too many kinds of outsiders and pods to combine', () => {
    const many = Array.from({ length: 120 }, (_, i) => i)
    const sets = many
      .map(
        (i) =>
          `create set${i} hash:ip family inet\nadd set${i} 203.0.113.${i}\nadd set${i} 10.42.1.${i}`,
      )
      .join('\n')
    const rules = many.flatMap((i) => [
      `-A FORWARD -m set --match-set set${i} src -m mark --mark 0x1 -j ACCEPT`,
      `-A FORWARD -m set --match-set set${i} dst -m mark --mark 0x1 -j ACCEPT`,
    ])
    expect(planned([replies, ...rules, pods], { sets })).toMatchObject({
      kind: 'planned',
      placement: { position: 242 },
      notes: [
        expect.stringMatching(
          /treat 12\d kinds of outsiders and 12\d kinds of pods .*checked only some\. Test the guard after apply, from a machine/,
        ),
      ],
    })
  })

  it('notes that the only position will be bad once pods come', () => {
    const network = { ...intent.network, routes: intent.network.routes.slice(0, 1) }
    expect(planned([pods, replies], { wanted: { network } })).toMatchObject({
      kind: 'planned',
      placement: { position: 1 },
      notes: [
        expect.stringMatching(
          /^no pod runs on this host yet, so fw-run tried an invented pod address\. With that address, the rule of fw-run would stop "reply from outsider.*Start a pod on this host, then run `fw-run status`$/,
        ),
      ],
    })
  })
})
