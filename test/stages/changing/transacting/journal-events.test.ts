import { expect, it } from 'vitest'
import { tableText } from '../../../../src/guard/nft-table.ts'
import { planned } from '../../../../src/stages/changing/transacting/journal-events.ts'
import { nftIntent } from '../../../guard/nft-intent.ts'

it('a plan for many hosts with the guard nft is told once, whatever their counters say', () => {
  const hosts = [1n, 2n, 3n].map((count) => {
    const counted = { packets: count, bytes: 60n * count }
    const table = tableText(nftIntent, { invalid: counted, refused: counted })
    expect(table).toContain(`packets ${count} bytes ${60n * count}`)
    const changes = [{ kind: 'table', before: table, after: table }]
    return {
      host: { name: `node${count}`, address: `192.0.2.${count}` },
      examined: { intent: nftIntent, plan: { kind: 'planned', notes: [], changes } },
    }
  })
  const event = planned(hosts as never)
  expect(event).toMatchObject({ plans: [{ hosts: hosts.map(({ host }) => host) }] })
})
