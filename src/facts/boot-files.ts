import type { Sections } from '../agent/sections.ts'
import { type Reading, readSection, textOf } from './reading.ts'

/** What starts services on a host. */
export type ServiceManager = 'systemd' | 'openrc' | 'sysv'

/** The files that bring the guard back at boot, as they are on a host. */
export interface BootFiles {
  /** Undefined if none that we know is at work. */
  readonly manager: ServiceManager | undefined
  /** The text of the program; undefined if there is none. */
  readonly program: string | undefined
  /** The text of the service that runs it; undefined if there is none, or it is masked. */
  readonly service: string | undefined
  /** Whether the service is started at boot; with systemd, whether it also is active: only then it hears of reloads. */
  readonly enabled: boolean
  readonly masked: boolean
  /** Paths that are not as a program of root's needs them: others may write there, or it is no plain file. */
  readonly odd: readonly string[]
}

/** What stands in the way of boot files, or restores rules beside them. */
export interface BootObstacles {
  /** Directories on a file system that cannot be written. */
  readonly readOnly: readonly string[]
  /** Services that restore saved rules or sets at boot. */
  readonly restorers: readonly string[]
  /** Units of firewalls that start after the network or after what starts pods, each with what it starts after. */
  readonly late: readonly LateFirewall[]
}

interface LateFirewall {
  readonly unit: string
  readonly after: readonly string[]
}

/** Reads the boot files of a host; undefined if the answer does not tell of them. */
export function readBootFiles(sections: Sections): Reading<BootFiles | undefined> {
  if (!sections.has('boot')) return { kind: 'read', value: undefined }
  const said = readSection(sections, 'boot', 'head /etc/fw-run/guard.sh')
  if (said.kind === 'unreadable') return said
  const lines = said.value.split('\n').map((line) => line.split(' '))
  const valuesOf = (key: string): readonly string[] =>
    lines.flatMap(([word, value = '']) => (word === key ? [value] : []))
  const has = (key: string): boolean => valuesOf(key).length > 0
  const text = (name: 'program' | 'service'): string | undefined =>
    has(name) ? textOf(sections, `boot-${name}`).trimEnd() : undefined
  const manager = valuesOf('manager')[0]
  return {
    kind: 'read',
    value: {
      manager: managers.find((one) => one === manager),
      program: text('program'),
      service: text('service'),
      enabled: has('enabled'),
      masked: has('masked'),
      odd: valuesOf('odd'),
    },
  }
}

const managers = ['systemd', 'openrc', 'sysv'] as const

/** Reads what a host says of obstacles. */
export function readBootObstacles(sections: Sections): BootObstacles {
  const lines = textOf(sections, 'boot-obstacles').split('\n')
  const valuesOf = (key: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []))
  const pairs = valuesOf('late').map((value) => value.split(' '))
  const units = [...new Set(pairs.map(([unit = '']) => unit))]
  return {
    readOnly: valuesOf('read-only'),
    restorers: valuesOf('restorer'),
    late: units.map((unit) => ({
      unit,
      after: [...new Set(pairs.flatMap(([one, other = '']) => (one === unit ? [other] : [])))],
    })),
  }
}
