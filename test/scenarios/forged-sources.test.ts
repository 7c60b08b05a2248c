import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { withGuard } from './guarded.ts'

describe('a machine that forges addresses of pods that arrive without a tunnel', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: [{ backend: 'nft' }, {}], podRouting: 'bare' })
    expect((await withGuard(lab, 'nft', ['apply'])).stdout).toContain('apply: done')
    // A second pod on the host, as far as routes go.
    await lab.host('node1').run('ip route add 10.42.1.20 dev cali0123456789a')
  })
  afterAll(() => lab.stop())

  /** Whether an echo request with this source comes to the pod of host 1. */
  async function arrives(source: string): Promise<boolean> {
    const echoes = async (): Promise<number> => {
      const { stdout } = await lab.pod(1).run('cat /proc/net/snmp')
      const [names = '', values = ''] = stdout
        .split('\n')
        .filter((line) => line.startsWith('Icmp:'))
      return Number(values.split(' ')[names.split(' ').indexOf('InEchos')])
    }
    const before = await echoes()
    await lab.outsider.run(
      `ip addr add ${source}/32 dev lo; ping -c 1 -W 1 -I ${source} ${lab.pod(1).address}; ip addr del ${source}/32 dev lo`,
    )
    return (await echoes()) > before
  }

  const setFilter = async (value: 0 | 1): Promise<void> => {
    await lab
      .host('node1')
      .run(`for one in all ens18; do echo ${value} >/proc/sys/net/ipv4/conf/$one/rp_filter; done`)
  }

  it.each([
    [0, 'It is not set on ens18', { here: true, elsewhere: true, outsider: false }],
    [
      1,
      'come from pods of this host. It is set there',
      { here: false, elsewhere: true, outsider: false },
    ],
  ] as const)(
    'gets through with rp_filter %d as the check says: %s',
    async (value, said, through) => {
      await setFilter(value)
      const run = await withGuard(lab, 'nft', ['preflight', '--limit', 'node1'])
      expect(run.stdout.replace(/\s+/g, ' ')).toContain(said)
      expect({
        here: await arrives('10.42.1.20'),
        elsewhere: await arrives('10.42.2.99'),
        outsider: await arrives('198.51.100.7'),
      }).toEqual(through)
    },
  )
})
