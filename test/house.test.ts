import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../src', import.meta.url))

/**
 * The rooms of the house by storey, from the roof down. A file at the top of src is a room, too. A folder within a room is one
 * if it has a storey here: others may use the files at its top, and it may look into the room around it.
 */
const storeys: readonly (readonly string[])[] = [
  ['main'],
  ['cli', 'commands'],
  ['recovery'],
  ['stages/changing'],
  ['stages'],
  ['cluster'],
  ['runs'],
  ['prompt', 'report', 'exports'],
  ['outcomes', 'words'],
  ['transaction'],
  ['preflight', 'journal'],
  ['plan'],
  ['placement'],
  ['guard'],
  ['flow', 'facts'],
  ['iptables', 'ipset', 'nft', 'agent', 'probes', 'inventory/writing'],
  ['ssh', 'inventory'],
  ['ssh-config'],
  [
    'text',
    'ip',
    'check-names',
    'memory',
    'waiting',
    'jump-host',
    'defaults',
    'limits',
    'errors',
    'events',
    'secret',
    'version',
    'built-from',
    'own-files',
  ],
]

/** Packages that only one room may know. */
const confined: Readonly<Record<string, string>> = {
  ssh2: 'ssh',
  inquirer: 'prompt',
  listr2: 'report',
}

/** One import: the room of the file that has it, and the room or package it names. */
interface Import {
  readonly file: string
  readonly from: string
  readonly to: string
  /** The file named, if it is one of a sub-room. */
  readonly hidden?: string
}

/** What is wrong with the imports of a house, in words; empty if it stands. */
function faultsOf(rooms: readonly string[], imports: readonly Import[]): readonly string[] {
  const storeyOf = (room: string): number => storeys.findIndex((storey) => storey.includes(room))
  const unknown = rooms.filter((room) => storeyOf(room) < 0).map((room) => `${room} has no storey`)
  const between = imports.filter(({ from, to }) => from !== to)
  const inside = between.filter(({ to }) => rooms.includes(to))
  const upward = inside
    .filter(({ from, to }) => storeyOf(to) < storeyOf(from))
    .map(({ file, to }) => `${file} imports up, from ${to}`)
  const strange = between
    .filter(({ from, to }) => confined[to] !== undefined && confined[to] !== from)
    .map(({ file, to }) => `${file} imports ${to}, which only ${confined[to]} may`)
  const intruding = between
    .filter(({ from, to, hidden }) => hidden !== undefined && !from.startsWith(`${to}/`))
    .map(({ file, to, hidden }) => `${file} imports ${hidden}, which only ${to} may`)
  return [...unknown, ...upward, ...strange, ...intruding, ...cycles(rooms, inside)]
}

function cycles(rooms: readonly string[], imports: readonly Import[]): readonly string[] {
  const next = (room: string): readonly string[] =>
    imports.filter(({ from }) => from === room).map(({ to }) => to)
  const reach = (room: string, seen = new Set<string>()): Set<string> => {
    for (const to of next(room)) {
      if (!seen.has(to)) reach(to, seen.add(to))
    }
    return seen
  }
  return rooms.filter((room) => reach(room).has(room)).map((room) => `${room} is in a cycle`)
}

const specifier =
  /\b(?:import|export)\s+(?:type\s+)?[^'";]*?\bfrom\s+['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g

/** What a source text imports, dynamic imports and bare ones included. */
function specifiersIn(source: string): readonly string[] {
  return [...source.matchAll(specifier)].map(([, from, bare]) => from ?? bare ?? '')
}

function roomOf(path: string): string {
  const [outer = '', inner] = path.replace(/\.ts$/, '').split('/')
  const within = `${outer}/${inner}`
  return storeys.some((storey) => storey.includes(within)) ? within : outer
}

/** Whether a file stands in a sub-room, which is private to its room. */
function isPrivate(path: string): boolean {
  return path.slice(roomOf(path).length + 1).includes('/')
}

function readHouse(): { rooms: readonly string[]; imports: readonly Import[]; texts: string[] } {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  const imports = files.flatMap((file) =>
    specifiersIn(readFileSync(join(root, file), 'utf8')).map((name): Import => {
      const from = roomOf(file)
      if (!name.startsWith('.'))
        return { file, from, to: /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name }
      const path = relative(root, join(root, dirname(file), name))
      return { file, from, to: roomOf(path), ...(isPrivate(path) && { hidden: path }) }
    }),
  )
  const texts = files.map((file) => `${file}\n${readFileSync(join(root, file), 'utf8')}`)
  return { rooms: [...new Set(files.map(roomOf))], imports, texts }
}

describe('src', () => {
  const house = readHouse()

  it('imports down only, and packages only where they belong', () => {
    expect(house.imports.length).toBeGreaterThan(200)
    expect(faultsOf(house.rooms, house.imports)).toEqual([])
  })

  it('never leaves by process.exit, which would cut a transaction off', () => {
    expect(house.texts.filter((text) => /process\.exit\s*\(/.test(text))).toEqual([])
  })

  it('reads what a host answered only in facts', () => {
    const readers = house.texts.filter((text) => /from '[./]*\/(agent\/)?sections\.ts'/.test(text))
    const rooms = new Set(readers.map((text) => roomOf(text.split('\n', 1)[0] ?? '')))
    expect([...rooms].sort()).toEqual(['agent', 'facts'])
  })

  it.each([
    [
      'up',
      { file: 'plan/plan.ts', from: 'plan', to: 'report' },
      ['plan/plan.ts imports up, from report'],
    ],
    [
      'ssh2',
      { file: 'agent/a.ts', from: 'agent', to: 'ssh2' },
      ['agent/a.ts imports ssh2, which only ssh may'],
    ],
  ])('would be found out: %s', (_, one, faults) => {
    expect(faultsOf(['plan', 'report', 'agent'], [one])).toEqual(faults)
  })

  it('would be found out: rooms of one storey that import each other', () => {
    const imports = [
      { file: 'journal/a.ts', from: 'journal', to: 'preflight' },
      { file: 'preflight/b.ts', from: 'preflight', to: 'journal' },
    ]
    expect(faultsOf(['journal', 'preflight'], imports)).toEqual([
      'journal is in a cycle',
      'preflight is in a cycle',
    ])
    expect(faultsOf(['journal', 'preflight'], imports.slice(1))).toEqual([])
  })

  it('would be found out: a room that reaches into a sub-room of another', () => {
    const hidden = 'ssh/keys/public-key.ts'
    const faults = ['agent/a.ts imports ssh/keys/public-key.ts, which only ssh may']
    expect(
      faultsOf(['agent', 'ssh'], [{ file: 'agent/a.ts', from: 'agent', to: 'ssh', hidden }]),
    ).toEqual(faults)
    expect(faultsOf(['ssh'], [{ file: 'ssh/session.ts', from: 'ssh', to: 'ssh', hidden }])).toEqual(
      [],
    )
  })

  it('would be found out: a room that uses the room within it, or what that keeps to itself', () => {
    const [outer, inner] = ['inventory', 'inventory/writing']
    const [own, hidden] = ['inventory/reading/problems.ts', 'inventory/writing/files/file-edit.ts']
    const importing = (from: string, to: string, more: Pick<Import, 'hidden'> = {}) =>
      faultsOf([outer, inner, 'stages'], [{ file: `${from}/a.ts`, from, to, ...more }])
    expect(importing(inner, outer, { hidden: own })).toEqual([])
    expect(importing('stages', inner)).toEqual([])
    expect(importing(outer, inner)).toEqual(['inventory/a.ts imports up, from inventory/writing'])
    expect(importing('stages', inner, { hidden })).toEqual([
      'stages/a.ts imports inventory/writing/files/file-edit.ts, which only inventory/writing may',
    ])
  })

  it('would be found out: a room that nobody gave a storey', () => {
    expect(faultsOf(['helpers'], [])).toEqual(['helpers has no storey'])
  })

  it('is read whole: every way to import is seen', () => {
    expect(
      specifiersIn(`import a, { type B } from './a.ts'\nimport type { C } from "../c.ts"
import {\n  d,\n  e,\n} from 'd'\nexport { f } from './f.ts'\nexport * from './g.ts'
import './h.ts'\nconst i = await import('./i.ts')`),
    ).toEqual(['./a.ts', '../c.ts', 'd', './f.ts', './g.ts', './h.ts', './i.ts'])
  })
})
