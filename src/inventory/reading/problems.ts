import { FwRunError } from '../../errors.ts'

/** Where something was said: a file with line and column (from 1), or `-e name` with neither. */
export interface Place {
  readonly source: string
  readonly line?: number
  readonly column?: number
}

/** Collects what is wrong and what is doubtful, so that one run reports all of it. */
export class Problems {
  readonly #errors: Findings = new Map()
  readonly #warnings: Findings = new Map()

  /** Records an error; the same message at the same place counts once. */
  add(place: Place, message: string, remedy?: string): void {
    record(this.#errors, { place, message, remedy })
  }

  /** Records a warning; the same message at the same place counts once. */
  warn(place: Place, message: string): void {
    record(this.#warnings, { place, message, remedy: undefined })
  }

  /** Every warning as `file:line:column: message`, in file order. */
  get warnings(): readonly string[] {
    return lines(this.#warnings)
  }

  /** All errors as one FwRunError, one a line in file order; undefined if there are none. */
  get failure(): FwRunError | undefined {
    if (this.#errors.size === 0) return undefined
    const remedies = new Set([...this.#errors.values()].flatMap(({ remedy }) => remedy ?? []))
    return new FwRunError(
      'inventory',
      lines(this.#errors).join('\n'),
      remedies.size === 0 ? {} : { remedy: [...remedies].join('\n') },
    )
  }
}

/** `file:line:column`, or less where less is known. */
export function renderPlace(place: Place): string {
  return [place.source, place.line, place.column].filter((part) => part !== undefined).join(':')
}

interface Finding {
  readonly place: Place
  readonly message: string
  readonly remedy: string | undefined
}

type Findings = Map<string, Finding>

function record(findings: Findings, finding: Finding): void {
  const line = render(finding)
  if (!findings.has(line)) findings.set(line, finding)
}

function lines(findings: Findings): readonly string[] {
  return [...findings.values()].sort(byPlace).map(render)
}

function render({ place, message }: Finding): string {
  return `${renderPlace(place)}: ${message}`
}

function byPlace(a: Finding, b: Finding): number {
  const line = (a.place.line ?? 0) - (b.place.line ?? 0)
  return line !== 0 ? line : (a.place.column ?? 0) - (b.place.column ?? 0)
}
