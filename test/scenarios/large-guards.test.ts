import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { long } from '../rounds.ts'
import { everything, withGuard } from './guarded.ts'

const members = Array.from({ length: 5000 }, (_, n) => `172.20.${n >> 8}.${n & 255}`)
const networks = ['10.42.0.0/16', ...Array.from({ length: 199 }, (_, n) => `10.${n + 50}.0.0/17`)]

describe.runIf(long)('guards before routing with 5,000 members and 200 pod networks', () => {
  let lab: Lab
  let before: readonly string[]

  beforeAll(async () => {
    lab = await startLab({ hosts: [{ flavour: 'el7' }, {}, { backend: 'nft' }, {}] })
    before = await everything(lab)
  })
  afterAll(() => lab.stop())

  const guards = { node1: 'mangle', node2: 'mangle', node3: 'mangle', node4: 'nft' }
  const vars = { fw_extra_members: members, fw_pod_cidrs: networks }

  it('are put on every kind of host, changed, and taken off to the byte', async () => {
    const run = await withGuard(lab, guards, ['apply'], vars)
    expect(run.stdout).toContain('apply: done, 4 of 4 hosts changed.')
    for (const { pod } of lab.hosts) expect(await lab.outsider.canPing(pod.address)).toBe(false)
    expect(await lab.pod(1).canConnect(lab.pod(4).address)).toBe(true)
    expect((await withGuard(lab, guards, ['status'], vars)).code).toBe(0)

    const fewer = { ...vars, fw_pod_cidrs: networks.slice(0, -1) }
    const changed = await withGuard(lab, guards, ['apply'], fewer)
    expect(changed.stdout).toContain('apply: done, 4 of 4 hosts changed.')
    for (const { pod } of lab.hosts) expect(await lab.outsider.canPing(pod.address)).toBe(false)

    expect((await withGuard(lab, guards, ['remove'], vars)).code).toBe(0)
    expect(await everything(lab)).toEqual(before)
  })
})
