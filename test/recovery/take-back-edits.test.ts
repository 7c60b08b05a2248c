import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { fileChange, makeFileChange } from '../../src/inventory/writing/file-change.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { listRuns } from '../../src/journal/read-journals.ts'
import { takeBackEdits, takeBackOtherEdits } from '../../src/recovery/take-back-edits.ts'
import { readFully } from '../../src/runs/known-runs.ts'
import { begun, planned } from '../journal/runs.ts'

const before = 'all:\n  hosts:\n    node2: { ansible_host: 192.0.2.12 }\n'
const after = `${before}    node4: { ansible_host: 192.0.2.14 }\n`
const run = '20261123-050000-0002'
const laterRun = '20261123-060000-0003'

describe('the inventory file after a run that died', () => {
  let directory = ''
  let file = ''
  let said: RunEvent[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'runs-'))
    file = join(directory, 'inventory.yaml')
    writeFileSync(file, before)
    said = []
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  /** A run that was to change the file and died: at the latest after it had changed it, or after its decision. */
  const died = async (
    [from, to]: readonly [string, string],
    kind: 'add' | 'remove',
    { changed, decided }: { readonly changed: boolean; readonly decided: boolean },
  ): Promise<void> => {
    writeFileSync(file, from)
    const change = await fileChange(file, { before: from, after: to }, run)
    const journal = openJournal(
      join(directory, 'runs'),
      run,
      { ...begun, inventory: file },
      () => {},
    )
    const host =
      kind === 'add'
        ? ({ kind, name: 'node4', address: '192.0.2.14' } as const)
        : ({ kind, name: 'node4', leaveOutside: false } as const)
    journal.note({ kind: 'inventory-edit', ...change, change: host })
    const all = planned.plans.map((plan) => ({
      ...plan,
      hosts: [...plan.hosts, { name: 'node4', address: '192.0.2.14' }],
    }))
    journal.note({ ...planned, plans: all })
    if (changed) await makeFileChange(change, to)
    if (decided) journal.note({ kind: 'decided' })
    journal.close()
  }
  /** A later run that has brought this host to its goal, or left it out. */
  const decidedLater = (name: string, address: string, leftOut = false, inventory = file): void => {
    const about = { ...begun, inventory, hosts: [name], addresses: [address] }
    const journal = openJournal(join(directory, 'runs'), laterRun, about, () => {})
    if (leftOut) journal.note({ kind: 'left-out', hosts: [{ name, address }] })
    const exitCode = leftOut ? 3 : 0
    journal.note({ kind: 'ended', outcome: 'done', words: 'done', exitCode, finished: true })
    journal.close()
  }
  const takeBack = async (
    isWanted = (_id: string) => true,
    inventory: readonly string[] = [file],
  ): Promise<readonly string[]> => {
    const { runs: all } = await listRuns(join(directory, 'runs'))
    const wanted = all.filter(({ id }) => isWanted(id))
    const settings = { inventory, extraVars: [] } as never
    const texts = await takeBackEdits({ wanted, all }, settings, {
      emit: (e: RunEvent) => said.push(e),
    } as never)
    return [...texts.values()]
  }
  const lies = (): readonly string[] =>
    readdirSync(directory).filter((name) => /before-/.test(name))

  it('is brought back to the byte if the run had changed it, but not decided', async () => {
    await died([before, after], 'add', { changed: true, decided: false })
    expect(readFileSync(file, 'utf8')).toBe(after)
    // The new host is still looked at.
    expect(await takeBack()).toEqual([after])
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(lies()).toEqual([])
    expect(said).toEqual([
      { kind: 'warning', message: expect.stringContaining(`as it was before run ${run}`) },
    ])
    expect(await takeBack()).toEqual([after])
    expect(said).toHaveLength(1)
  })

  it('stays if the run had not changed it yet', async () => {
    await died([after, before], 'remove', { changed: false, decided: false })
    expect(await takeBack()).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe(after)
    expect(said).toEqual([])
  })

  it('stays if the run had decided, and the old text still leads to the host that it has removed', async () => {
    await died([after, before], 'remove', { changed: true, decided: true })
    expect(await takeBack()).toEqual([after])
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('stays, with the host, if a later run has decided by it: that host is protected', async () => {
    await died([before, after], 'add', { changed: true, decided: false })
    decidedLater('node4', '192.0.2.14')
    expect(await takeBack()).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe(after)
    expect(said).toEqual([
      { kind: 'warning', message: expect.stringMatching(`does not restore.*${run}.*${laterRun}`) },
    ])
  })

  it('stays, and counts, if a later run protects a host again that a decided run had removed', async () => {
    await died([after, before], 'remove', { changed: true, decided: true })
    writeFileSync(file, after)
    decidedLater('node4', '192.0.2.14')
    expect(await takeBack()).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe(after)
  })

  it('does not lose a host that a decided run had removed because a later run left it out', async () => {
    await died([after, before], 'remove', { changed: true, decided: true })
    decidedLater('node4', '192.0.2.14', true)
    expect(await takeBack()).toEqual([after])
  })

  it('stays if another run is to be recovered', async () => {
    await died([before, after], 'add', { changed: true, decided: false })
    expect(await takeBack((id) => id !== run)).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe(after)
  })

  it('stays if somebody else has changed it since, and the fault says where the old text is', async () => {
    await died([before, after], 'add', { changed: true, decided: false })
    writeFileSync(file, `${after}# mine\n`)
    await expect(takeBack()).rejects.toMatchObject({
      message: `${file}: another program has changed this file.`,
      remedy: expect.stringContaining(join(directory, `.inventory.yaml.before-${run}`)),
    })
    expect(readFileSync(file, 'utf8')).toBe(`${after}# mine\n`)
    rmSync(join(directory, `.inventory.yaml.before-${run}`))
    await expect(takeBack()).resolves.toEqual([])
    expect(readFileSync(file, 'utf8')).toBe(`${after}# mine\n`)
  })

  it('is not called as before if the old text is lost: the fault says to undo the change by hand', async () => {
    await died([before, after], 'add', { changed: true, decided: false })
    rmSync(join(directory, `.inventory.yaml.before-${run}`))
    await expect(takeBack()).rejects.toMatchObject({
      message: expect.stringContaining('cannot restore the old file'),
      remedy: expect.stringContaining(`undo the change in ${file} by hand`),
    })
    writeFileSync(file, before)
    expect(await takeBack()).toEqual([after])
  })

  it.each<[string, (link: string, other: string) => readonly string[]]>([
    ['by a symbolic link', (link) => [link]],
    ['after another inventory', (_, other) => [other, file]],
    ['in its directory', () => [directory]],
  ])('is brought back also if it is named %s', async (_, given) => {
    await died([before, after], 'add', { changed: true, decided: false })
    const [link, other] = [join(directory, 'link'), join(directory, 'other.yaml')]
    symlinkSync(file, link)
    writeFileSync(other, before)
    await takeBack(undefined, given(link, other))
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(lies()).toEqual([])
  })

  it('stays where a later run has used it by another path', async () => {
    await died([before, after], 'add', { changed: true, decided: false })
    const link = join(directory, 'link')
    symlinkSync(file, link)
    decidedLater('node4', '192.0.2.14', false, link)
    expect(await takeBack()).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe(after)
  })

  it('stays where a later run has used it, and the old text leads to the host that was to be removed', async () => {
    await died([after, before], 'remove', { changed: true, decided: false })
    decidedLater('node2', '192.0.2.12')
    expect(await takeBack()).toEqual([after])
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('is brought back if the run is recovered with another inventory that has its hosts', async () => {
    await died([before, after], 'add', { changed: true, decided: false })
    const other = join(directory, 'other.yaml')
    expect(await takeBack(undefined, [other])).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe(after)
    const { runs: all } = await listRuns(join(directory, 'runs'))
    const wanted = await readFully(all)
    const view = { emit: (e: RunEvent) => said.push(e) } as never
    await takeBackOtherEdits({ wanted, all }, { inventory: [other] } as never, view)
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(said).toEqual([
      { kind: 'warning', message: expect.stringContaining(`restored ${file} as it was`) },
    ])
  })
})
