import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { fwRun, type Run } from './fw-run.ts'

describe('fw_pod_cidrs of each host with only the pods of that host, which come without a tunnel', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 2, podRouting: 'bare' })
  })
  afterAll(() => lab.stop())

  async function run(guard: string, command: string, named: readonly number[]): Promise<Run> {
    const hosts = Object.fromEntries(
      [1, 2].map((at) => [
        `node${at}`,
        { fw_pod_cidrs: [named.includes(at) ? `10.42.${at}.0/24` : '10.42.1.0/24'] },
      ]),
    )
    const vars = { fw_guard: guard, fw_services: 'open' }
    const file = await lab.file('own.yaml', lab.inventoryYaml({ vars, hosts }))
    return fwRun(lab, [command], { env: { FW_RUN_INVENTORY: file } })
  }

  const reached = async () => ({
    pods: [
      await lab.pod(1).canConnect(lab.pod(2).address),
      await lab.pod(2).canConnect(lab.pod(1).address),
    ],
    outsider: await lab.outsider.canConnect(lab.pod(1).address),
  })

  it.each(['nft', 'mangle'])(
    'keeps pods of all hosts connected with the guard %s',
    async (guard) => {
      expect(await reached()).toEqual({ pods: [true, true], outsider: true })
      expect((await run(guard, 'apply', [1, 2])).stdout).toContain(
        'apply: done, 2 of 2 hosts changed',
      )
      expect(await reached()).toEqual({ pods: [true, true], outsider: false })
      expect((await run(guard, 'status', [1, 2])).stdout).toContain('status: 2 hosts protected')
      await run(guard, 'remove', [1, 2])
    },
  )

  it('is refused where no host names the pods of one', async () => {
    const { code, stdout } = await run('nft', 'apply', [1])
    expect(code).toBe(2)
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'would stop packets from pods of other hosts: 10.42.2.0/24 by node 192.168.64.12 and ens18',
    )
    expect(await reached()).toEqual({ pods: [true, true], outsider: true })
  })
})
