import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../../lab/lab.ts'
import { quote } from '../../scenarios/fw-run.ts'
import { table } from './statistics.ts'

const mapOfBundle = fileURLToPath(new URL('../../../dist/fw-run.cjs.map', import.meta.url))
const stallScript = fileURLToPath(new URL('./stall.cjs', import.meta.url))

/** Where the CPU of one run on a terminal went. Shares are of all that was not idle. */
export interface Profile {
  /** The share of what draws progress, and of all that it calls. */
  readonly view: number
  /** The longest turn of the event loop, in milliseconds. */
  readonly stall: number
  /** Shares by room of src, or package, or part of Node, without what they call. The largest first. */
  readonly places: readonly (readonly [place: string, share: number])[]
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
      readonly columnNumber: number
    }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Runs `node ARGV…` on the jump host with a terminal, once to sample the CPU and once to time the event loop. */
export async function readRun(
  lab: Lab,
  argv: readonly string[],
  between: () => Promise<unknown> = async () => {},
): Promise<Profile> {
  const run = async (options: readonly string[]): Promise<void> => {
    const words = ['node', ...options, ...argv].map(quote).join(' ')
    const shell = `rm -rf profile; TERM=xterm BENCH_STALL=stall script -qec ${quote(words)} /dev/null >terminal`
    const { code } = await lab.jump.run(shell, { timeoutMs: 1_800_000 })
    if (code !== 0) throw new Error((await lab.jump.run('cat terminal')).stdout)
  }
  await run(['--cpu-prof', '--cpu-prof-dir=profile'])
  const { stdout } = await lab.jump.run('cat profile/*.cpuprofile')
  await between()
  await run(['--require', stallScript])
  const stall = Number((await lab.jump.run('cat stall')).stdout)
  return { ...readProfile(JSON.parse(stdout) as CpuProfile), stall }
}

function readProfile({ nodes, samples, timeDeltas }: CpuProfile): Omit<Profile, 'stall'> {
  const map = new SourceMap(JSON.parse(readFileSync(mapOfBundle, 'utf8')))
  const own = new Map<number, number>()
  for (const [index, id] of samples.entries()) {
    own.set(id, (own.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000)
  }
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  )
  const placeOf = new Map(
    nodes.map(({ id, callFrame }) => {
      const { functionName, url, lineNumber, columnNumber } = callFrame
      if (url.endsWith('fw-run.cjs')) return [id, placeIn(map, lineNumber, columnNumber)] as const
      if (url.includes('/dist/')) return [id, url.slice(url.lastIndexOf('/') + 1)] as const
      return [id, url === '' ? functionName : url] as const
    }),
  )
  const drawn = (id: number | undefined): boolean =>
    id !== undefined &&
    (/report\/progress|listr2/.test(placeOf.get(id) ?? '') || drawn(parents.get(id)))
  const places = new Map<string, number>()
  let busy = 0
  let view = 0
  for (const [id, time] of own) {
    const place = placeOf.get(id) ?? ''
    if (place === '(idle)') continue
    busy += time
    if (drawn(id)) view += time
    places.set(roomOf(place), (places.get(roomOf(place)) ?? 0) + time)
  }
  return {
    view: view / busy,
    places: [...places]
      .map(([place, time]) => [place, time / busy] as const)
      .sort(([, a], [, b]) => b - a),
  }
}

/** The file from which a place in the bundle comes. */
function placeIn(map: SourceMap, line: number, column: number): string {
  const found = map.findEntry(line, column)
  return 'originalSource' in found ? found.originalSource : ''
}

function roomOf(place: string): string {
  const [, room] = /(?:^|\/)src\/([^/]+)/.exec(place) ?? []
  const [, library] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place) ?? []
  return library ?? (room === undefined ? place : `src/${room}`)
}

/** Tables of profiles, each with its name. */
export function profileLines(
  profiles: readonly (readonly [name: string, profile: Profile])[],
): readonly string[] {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  return [
    ...table(
      ['command', 'share of the view', 'longest turn of the event loop, ms'],
      profiles.map(([name, { view, stall }]) => [name, percent(view), stall.toFixed(0)]),
    ),
    ...profiles.map(([name, { places }]) => {
      const most = places.slice(0, 10).map(([place, share]) => `${place} ${percent(share)}`)
      return `\nMost of ${name}: ${most.join(', ')}.`
    }),
  ]
}
