import { FwRunError } from '../../errors.ts'
import { maxFaultsShown } from '../../limits.ts'

/** Where something was said: a file with line and column (from 1), or a flag such as `-e fw_set`. */
export interface Location {
  readonly source: string
  readonly line?: number
  readonly column?: number
  /** True for a flag, and for a file that a flag names: a fault there is bad usage. */
  readonly onCommandLine?: boolean
}

/** Collects faults and warnings, so that one run reports all of them. The same message at the same location counts once. */
export interface Problems {
  /** Records a fault, and what to do about it. */
  add(location: Location, message: string, remedy?: string): void
  /** Records a fault that makes further reading pointless, and throws all faults so far. */
  stop(location: Location, message: string, remedy?: string): never
  /** Records a warning. */
  warn(location: Location, message: string): void
  /** Every warning as `file:line:column: message`, file by file in the order of lines; of very many, the first. */
  warnings(): readonly string[]
  /** All faults as one FwRunError, a line for each in the same order; of very many, the first. Undefined if there are none. */
  failure(): FwRunError | undefined
  /** Collects further, beside this one. */
  copy(): Problems
}

/** Begins to collect. */
export function createProblems(
  faults: Recorded = new Map(),
  doubts: Recorded = new Map(),
): Problems {
  const failure = () => (faults.size === 0 ? undefined : failureOf([...faults.values()]))
  return {
    add: (location, message, remedy) => record(faults, { location, message, remedy }),
    stop: (location, message, remedy) => {
      record(faults, { location, message, remedy })
      throw failure()
    },
    warn: (location, message) => record(doubts, { location, message, remedy: undefined }),
    warnings: () => lines([...doubts.values()], 'warnings'),
    failure,
    copy: () => createProblems(new Map(faults), new Map(doubts)),
  }
}

/** `file:line:column`, or less where less is known. */
export function renderLocation({ source, line, column }: Location): string {
  return [source, line, column].filter((part) => part !== undefined).join(':')
}

interface Problem {
  readonly location: Location
  readonly message: string
  readonly remedy: string | undefined
}

type Recorded = Map<string, Problem>

function record(recorded: Recorded, problem: Problem): void {
  const line = render(problem)
  if (!recorded.has(line)) recorded.set(line, problem)
}

function failureOf(faults: readonly Problem[]): FwRunError {
  const code = faults.some(({ location }) => location.onCommandLine) ? 'usage' : 'inventory'
  const remedies = new Set(faults.flatMap(({ remedy }) => remedy ?? []))
  const details = remedies.size === 0 ? {} : { remedy: [...remedies].join('\n') }
  return new FwRunError(code, lines(faults, 'faults').join('\n'), details)
}

function lines(recorded: readonly Problem[], noun: string): readonly string[] {
  const sources = new Map([...new Set(recorded.map(sourceOf))].map((name, rank) => [name, rank]))
  const rank = (problem: Problem): number => sources.get(sourceOf(problem)) ?? 0
  const sorted = [...recorded].sort((a, b) => rank(a) - rank(b) || byLine(a, b)).map(render)
  const more = sorted.length - maxFaultsShown
  return more > 0 ? [...sorted.slice(0, maxFaultsShown), `… and ${more} more ${noun}`] : sorted
}

function render({ location, message }: Problem): string {
  return `${renderLocation(location)}: ${message}`
}

function sourceOf({ location }: Problem): string {
  return location.source
}

function byLine(a: Problem, b: Problem): number {
  const line = (a.location.line ?? 0) - (b.location.line ?? 0)
  return line !== 0 ? line : (a.location.column ?? 0) - (b.location.column ?? 0)
}
