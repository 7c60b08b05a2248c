import { bootProgram } from '../../agent/names.ts'
import { servicePath } from '../../guard/boot-service.ts'
import type { ChainState } from '../../guard/mangle-chain.ts'
import { chainsOf } from '../../nft/printed-table.ts'
import type { Change } from '../../plan/change.ts'
import type { Paint } from '../../text/paint.ts'
import { missing } from './change-words.ts'

/** A change as lines of a diff in the words of the tools: `-` before what goes, `+` before what comes. */
export function diffChange(change: Change, paint: Paint): readonly string[] {
  const goes = (words: string): string => paint('red', `- ${words}`)
  const comes = (words: string): string => paint('green', `+ ${words}`)
  if (change.kind === 'rules') {
    return [
      ...change.before.map(({ position, rule }) => goes(`${position}: ${rule.raw}`)),
      ...change.after.map(({ position, rule }) => comes(`${position}: ${rule.raw}`)),
    ]
  }
  if (change.kind === 'table') {
    const [before, after] = [rulesOf(change.before), rulesOf(change.after)]
    return [
      ...before.filter((rule) => !isIn(rule, after)).map(({ text }) => goes(text)),
      ...after.filter((rule) => !isIn(rule, before)).map(({ text }) => comes(text)),
    ]
  }
  if (change.kind === 'chain') {
    const [before, after] = [chainLines(change.before), chainLines(change.after)]
    const tool = change.family === 4 ? 'iptables' : 'ip6tables'
    return [
      ...before.filter((line) => !after.includes(line)).map((line) => goes(`${tool}: ${line}`)),
      ...after.filter((line) => !before.includes(line)).map((line) => comes(`${tool}: ${line}`)),
    ]
  }
  if (change.kind === 'boot') return diffBoot(change, goes, comes)
  const { name, before, after } = change
  return [
    ...(before && !after ? [goes(`create ${name} ${before.type}`)] : []),
    ...(after && !before ? [comes(`create ${name} ${after.type}`)] : []),
    ...missing(before?.members, after?.members).map((member) => goes(`add ${name} ${member}`)),
    ...missing(after?.members, before?.members).map((member) => comes(`add ${name} ${member}`)),
  ]
}

/** Our chain and what leads to it, in the words of iptables. */
function chainLines(chain: ChainState | undefined): readonly string[] {
  if (!chain) return []
  return [
    ...chain.rules.map(({ raw }) => `-t mangle ${raw}`),
    ...chain.jumps.map(
      ({ position, rule }) =>
        `-t mangle ${rule.raw.replace('-A PREROUTING', `-I PREROUTING ${position}`)}`,
    ),
  ]
}

type Sign = (words: string) => string

/** A file that comes or goes as a whole is one line, because most of it is the same on every host. */
function diffBoot(
  { before, after }: Extract<Change, { kind: 'boot' }>,
  goes: Sign,
  comes: Sign,
): readonly string[] {
  const manager = (after ?? before)?.manager
  if (!manager) return []
  const path = servicePath(manager)
  const enabled = `${path} is enabled${manager === 'systemd' ? ' and active' : ''}`
  return [
    ...diffFile(bootProgram, before?.program, after?.program, goes, comes),
    ...diffFile(path, before?.service, after?.service, goes, comes),
    ...(before?.enabled && !after?.enabled ? [goes(enabled)] : []),
    ...(after?.enabled && !before?.enabled ? [comes(enabled)] : []),
  ]
}

function diffFile(
  path: string,
  before: string | undefined,
  after: string | undefined,
  goes: Sign,
  comes: Sign,
): readonly string[] {
  if (before === after) return []
  const [old, now] = [before, after].map((text) => text?.split('\n'))
  if (!old) return [comes(`${path}: ${now?.length ?? 0} lines`)]
  if (!now) return [goes(`${path}: ${old.length} lines`)]
  const [inOld, inNow] = [new Set(old), new Set(now)]
  return [
    ...old.filter((line) => !inNow.has(line)).map((line) => goes(`${path}: ${line}`)),
    ...now.filter((line) => !inOld.has(line)).map((line) => comes(`${path}: ${line}`)),
  ]
}

/** A rule of our table with its chain. */
interface TableRule {
  readonly text: string
  readonly meaning: string
}

function rulesOf(table: string | undefined): readonly TableRule[] {
  return chainsOf(table ?? '').flatMap(({ name, rules }) =>
    rules.map(({ text, words }) => ({ text: `${name}: ${text}`, meaning: `${name}: ${words}` })),
  )
}

function isIn({ meaning }: TableRule, rules: readonly TableRule[]): boolean {
  return rules.some((one) => one.meaning === meaning)
}
