import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseInventory } from '../../src/inventory/load.ts'
import { journalFile } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { listRuns } from '../../src/journal/read-journals.ts'
import { wantedRuns } from '../../src/recovery/runs-to-recover.ts'
import {
  begun,
  begunHere,
  ended,
  linesOf,
  outcomes,
  planned,
  plannedLater,
} from '../journal/runs.ts'

let directory: string
let warned: string[] = []
beforeEach(() => {
  warned = []
  directory = mkdtempSync(join(tmpdir(), 'runs-'))
  for (const [id, events] of [
    ['20261123-040000-0001', [begun, planned, outcomes(), ended]],
    ['20261123-050000-0002', [begun, planned]],
    ['20261123-060000-0003', [begunHere, planned]],
  ] as const) {
    const [first, ...rest] = events
    const journal = openJournal(directory, id, first, () => {})
    for (const event of rest) journal.note(event)
    journal.close()
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
})

const wanted = async (file: string, address: string, prefix?: string, name = 'node3') => {
  const text = `all: { hosts: { ${name}: { ansible_host: ${address} } } }`
  const inventory = parseInventory(text, file, { extraVars: [] })
  const known = (await listRuns(directory)).runs
  const { runs, remark } = await wantedRuns(known, inventory, prefix, (words) => warned.push(words))
  return [runs.map(({ id }) => id), remark]
}

describe('wantedRuns', () => {
  it.each([
    ['changed hosts of this inventory', 'other.yaml', '192.0.2.13'],
    ['was made from this inventory', begun.inventory, '192.0.2.11', 'node1'],
  ])('takes every unfinished run that %s', async (_, file, address, name = 'node3') => {
    const runs = ['20261123-050000-0002']
    expect(await wanted(file, address, undefined, name)).toEqual([runs, undefined])
  })

  it.each(['other.yaml', begun.inventory])(
    'leaves runs on other hosts alone, and says so: %s, which may have become another cluster',
    async (file) => {
      expect(await wanted(file, '192.0.2.99')).toEqual([
        [],
        'nothing to finish here, but 1 run is unfinished on other hosts: `fw-run runs` lists them',
      ])
    },
  )

  it('names those that are still at work where nothing else is open', async () => {
    rmSync(join(directory, '20261123-050000-0002.ndjson'))
    expect(await wanted('other.yaml', '192.0.2.13')).toEqual([
      [],
      `run 20261123-060000-0003 is still at work (process ${process.pid}): nothing to finish yet`,
    ])
  })

  it('says of whose runs it knows where none is open', async () => {
    for (const name of ['20261123-050000-0002', '20261123-060000-0003']) {
      rmSync(join(directory, `${name}.ndjson`))
    }
    vi.stubEnv('XDG_STATE_HOME', '/state')
    expect(await wanted('other.yaml', '192.0.2.13')).toEqual([
      [],
      'nothing to finish among the runs of this user on this jump host (/state/fw-run/runs); `fw-run status` shows the state of the hosts',
    ])
  })

  it('takes the one that is named, whatever its hosts', async () => {
    expect(await wanted('other.yaml', '192.0.2.99', '20261123-05')).toEqual([
      ['20261123-050000-0002'],
      undefined,
    ])
  })

  describe('a run that began with another inventory, which is still there', () => {
    const id = '20261123-080000-0005'
    let room: string
    beforeEach(() => {
      room = mkdtempSync(join(tmpdir(), 'inventories-'))
      const staging = join(room, 'staging')
      mkdirSync(staging)
      writeFileSync(join(staging, 'hosts.yaml'), '')
      symlinkSync(staging, join(room, 'link'))
      rmSync(journalFile(directory, '20261123-050000-0002'))
      const inventory = join(staging, 'hosts.yaml')
      const journal = openJournal(directory, id, { ...begun, inventory }, () => {})
      journal.note(planned)
      journal.close()
    })
    afterEach(() => rmSync(room, { recursive: true }))

    it('is taken only if it is named: hosts of another cluster may have the same names and addresses', async () => {
      const production = join(room, 'production.yaml')
      await expect(wanted(production, '192.0.2.13')).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringMatching(
          /run 20261123-080000-0005 \(apply of .*began with another inventory: -i \S+\/staging\/hosts\.yaml\.$/,
        ),
        remedy: expect.stringMatching(
          /`fw-run recover 20261123-080000-0005 -i \S+\/staging\/hosts\.yaml`.*`fw-run recover 20261123-080000-0005`\.$/,
        ),
      })
      expect(await wanted(production, '192.0.2.13', '20261123-08')).toEqual([[id], undefined])
    })

    it('does not keep a run of this inventory from being finished: each is finished with its own', async () => {
      const production = join(room, 'production.yaml')
      writeFileSync(production, '')
      const other = '20261123-090000-0006'
      const journal = openJournal(directory, other, { ...begun, inventory: production }, () => {})
      journal.note(planned)
      journal.close()
      expect(await wanted(production, '192.0.2.13')).toEqual([[other], undefined])
      expect(await wanted(join(room, 'staging'), '192.0.2.13')).toEqual([[id], undefined])
      expect(warned).toEqual([
        expect.stringMatching(
          /^run 20261123-080000-0005 .* So recover leaves that run as it is\. .*`fw-run recover 20261123-080000-0005 -i \S+\/staging\/hosts\.yaml`/,
        ),
        expect.stringMatching(/`fw-run recover 20261123-090000-0006 -i \S+\/production\.yaml`/),
      ])
    })

    it.each([
      ['a symbolic link', 'link/hosts.yaml'],
      ['its directory', 'staging'],
    ])('is taken where this one leads to it by %s', async (_, path) => {
      expect(await wanted(join(room, path), '192.0.2.13')).toEqual([[id], undefined])
    })

    it('is taken where its file was moved', async () => {
      rmSync(join(room, 'staging/hosts.yaml'))
      expect(await wanted(join(room, 'production.yaml'), '192.0.2.13')).toEqual([[id], undefined])
    })
  })

  it('has nothing to do for one that is finished', async () => {
    expect(await wanted('other.yaml', '192.0.2.13', '20261123-04')).toEqual([
      [],
      'run 20261123-040000-0001 is finished: changed 2 of 3',
    ])
  })

  it('does not touch one that is at work', async () => {
    await expect(wanted('other.yaml', '192.0.2.13', '20261123-06')).rejects.toThrow(
      `Run 20261123-060000-0003 is still at work (process ${process.pid}).`,
    )
  })

  it('stops at one of which it cannot read all, also where another is named', async () => {
    const file = journalFile(directory, '20261123-070000-0004')
    const lines = [
      ...linesOf('2026-11-23T07:00:00.000Z', { ...begun, version: '9.0.0' }),
      plannedLater,
    ]
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
    for (const prefix of [undefined, '20261123-05', '20261123-07']) {
      await expect(wanted('other.yaml', '192.0.2.13', prefix)).rejects.toMatchObject({
        code: 'journal',
        message: expect.stringMatching(
          /run 20261123-070000-0004: fw-run 9\.0\.0 wrote its journal/,
        ),
        remedy: expect.stringMatching(
          /`fw-run recover -i \S+` with fw-run 9\.0\.0\. If you cannot/,
        ),
      })
    }
    expect(await wanted('other.yaml', '192.0.2.99', '20261123-05')).toEqual([
      ['20261123-050000-0002'],
      undefined,
    ])
  })
})
