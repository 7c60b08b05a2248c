import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { gatherTrust } from '../../../src/cluster/opening/trust.ts'
import type { RunEvent } from '../../../src/events.ts'
import { answerOf, parsePrinted } from '../../../src/ssh-config/asking/printed-settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'fw-run-trust-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** How a host is trusted for which `ssh -G` prints these lines. */
async function trusted(lines: readonly string[], acceptNewHostKeys = false) {
  const heard: RunEvent[] = []
  const trust = gatherTrust({ acceptNewHostKeys }, (event) => heard.push(event))
  const printed = parsePrinted(lines.join('\n'))
  const answer = answerOf(printed, new Map(), 'node1', (value) => value)
  return { rules: await trust('node1', answer, false), heard: JSON.stringify(heard) }
}

const file = join(directory, 'known_hosts')

describe('gatherTrust', () => {
  it('accepts new keys only where the configuration or the user asks for that', async () => {
    const known = `userknownhostsfile ${file}`
    expect((await trusted([known])).rules.acceptNew).toBeUndefined()
    expect((await trusted([known], true)).rules.acceptNew).toMatchObject({ file })
    const accepting = await trusted([known, 'stricthostkeychecking accept-new'])
    expect(accepting.rules.acceptNew).toMatchObject({ file })
  })

  it('names the file where a key counts, which /dev/null is not', async () => {
    const named = async (files: string) =>
      (await trusted([`userknownhostsfile ${files}`])).rules.file
    expect(await named(`/dev/null ${file} /x`)).toBe(file)
    expect(await named('/dev/null')).toBeUndefined()
  })

  it('accepts no new key where a program knows keys that fw-run does not read', async () => {
    const command = 'knownhostscommand /usr/bin/sss_ssh_knownhosts %H'
    const { rules, heard } = await trusted([`userknownhostsfile ${file}`, command], true)
    expect(rules.acceptNew).toBeUndefined()
    expect(heard).toContain('has KnownHostsCommand')
    const strict = await trusted([
      `userknownhostsfile ${file}`,
      command,
      'stricthostkeychecking no',
    ])
    expect(strict.heard).toContain('has KnownHostsCommand')
    expect(strict.heard).not.toContain('StrictHostKeyChecking no')
  })

  it('refuses names of files with spaces, which ssh prints without quotes', async () => {
    await expect(trusted(['userknownhostsfile /home/u/My Keys/kh'], true)).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringContaining('Keys/kh'),
    })
  })
})
