import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { readBootFiles, restoreBootFiles } from './boot-files.ts'
import type { HostView } from './host-view.ts'

const run = promisify(execFile)

/** The rules and sets of a host, ours apart from those of others. Counters and what is random in sets is left out. */
export interface Firewall {
  /** What it was read from, for a person, and to be restored. */
  readonly rules: string
  readonly sets: string
  /** Our table without its counters; empty if there is none. */
  readonly table: string
  /** Our boot files; empty if there is none. */
  readonly boot: string
  /** Our rules, each with its number in its chain. */
  readonly ours: readonly string[]
  /** Our sets, a sorted line each for the set and its members; those that a run should clear away included. */
  readonly ourSets: readonly string[]
  /** The rules of others by table and chain, in their order, policies and sets as well. */
  readonly others: ReadonlyMap<string, readonly string[]>
}

/** Our set in every lab. */
const ourSet = 'cluster_nodes'
const isOurs = (line: string): boolean =>
  line.includes(`--match-set ${ourSet} `) || /fw-run|FW-RUN/.test(line)
const isOurSet = (line: string): boolean => /^\w+ (cluster_nodes|fw-run\S*) /.test(`${line} `)

/** Reads a host from outside, with the tools of this machine, never through the product. */
export async function readFirewall(view: HostView): Promise<Firewall> {
  const save =
    'iptables-legacy-save && echo --- && ipset save && echo --- && { nft -s list table inet fw_run 2>/dev/null || :; }'
  const { stdout } = await run('nsenter', [`--net=/proc/${view.init}/ns/net`, 'sh', '-c', save])
  const [rules = '', sets = '', table = ''] = stdout
    .replace(/^#.*\n/gm, '')
    .replace(/^(:\S+ \S+) \[\d+:\d+\]$/gm, '$1')
    .replace(/ (bucketsize \d+|initval 0x[0-9a-f]+)/g, '')
    .split('---\n')
  return { ...parseFirewall(rules, sets, plainSets(table)), boot: readBootFiles(view) }
}

/** nft prints a set of one network in braces. If it reads that text and prints it again, the braces are gone. */
function plainSets(table: string): string {
  return table.replace(/\{ ([^{},\s]+) \}/g, '$1')
}

/** Takes apart what iptables-save and ipset save printed. */
function parseFirewall(rules: string, sets: string, ourTable: string): Omit<Firewall, 'boot'> {
  const ours: string[] = []
  const others = new Map<string, string[]>()
  const add = (key: string, line: string): unknown =>
    others.set(key, [...(others.get(key) ?? []), line])
  const numbers = new Map<string, number>()
  let table = ''
  for (const line of rules.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    if (isOurs(line) && line.startsWith(':')) ours.push(`0 ${line}`)
    else if (line.startsWith(':')) add(`${table} chains`, line)
    if (!line.startsWith('-A ')) continue
    const key = `${table} ${line.split(' ')[1]}`
    numbers.set(key, (numbers.get(key) ?? 0) + 1)
    if (isOurs(line)) ours.push(`${numbers.get(key)} ${line}`)
    else add(key, line)
  }
  const lines = sets.split('\n').filter(Boolean).sort()
  others.set(
    'sets',
    lines.filter((line) => !isOurSet(line)),
  )
  return { rules, sets, table: ourTable, ours, ourSets: lines.filter(isOurSet), others }
}

/** Whether what is ours is the same on both; the numbers of rules count unless others write as well. */
export function sameOurs(one: Firewall, other: Firewall, numbers: boolean): boolean {
  const lines = ({ ours }: Firewall): readonly string[] =>
    numbers ? ours : ours.map((line) => line.replace(/^\d+ /, ''))
  const text = (one: Firewall): string =>
    [...lines(one), ...one.ourSets, one.table, one.boot].join('\n')
  return text(one) === text(other)
}

/** The same without what a flush of our guard takes: our table, and our rules in mangle. The set stays. */
export function withoutGuard(firewall: Firewall): Firewall {
  const ours = firewall.ours.filter((line) => !line.includes('FW-RUN'))
  return { ...firewall, table: '', ours }
}

/**
 * Whether no table of ours is there, and no chain of ours has an effect: nothing leads to it, or it is empty. A flush takes two
 * commands, and a host may put back what the first has taken before the second comes.
 */
export function isBare({ table, ours }: Firewall): boolean {
  const leads = ours.some((line) => / -A (?!FW-RUN).*FW-RUN/.test(line))
  const isFilled = ours.some((line) => line.includes(' -A FW-RUN'))
  return table === '' && !(leads && isFilled)
}

/** What differs in what belongs to others, in words; empty if nothing does. */
export function differencesOfOthers(wanted: Firewall, found: Firewall): readonly string[] {
  const keys = new Set([...wanted.others.keys(), ...found.others.keys()])
  return [...keys].flatMap((key) => {
    const [a, b] = [wanted, found].map(({ others }) => (others.get(key) ?? []).join('\n'))
    return a === b ? [] : [`${key}: expected\n${a}\nfound\n${b}`]
  })
}

/** Puts rules and sets of a host back to what was once read; sets of ours that were not there then are destroyed. */
export async function restoreFirewall(view: HostView, wanted: Firewall): Promise<void> {
  const { rules, sets, table, boot } = wanted
  restoreBootFiles(view, boot)
  const inside = [`--net=/proc/${view.init}/ns/net`, 'sh', '-c', restore, 'sh']
  await run('nsenter', [...inside, rules, sets, table])
}

/** What others write after a reboot: their sets and rules of before. Ours are not touched. */
export async function writeOthers(view: HostView, { rules, sets }: Firewall): Promise<void> {
  const inside = [`--net=/proc/${view.init}/ns/net`, 'sh', '-c', others, 'sh']
  await run('nsenter', [...inside, rules, sets])
}

const others = `set -e
  printf %s "$2" | grep -v -e '^[a-z]* cluster_nodes' -e '^[a-z]* fw-run' | ipset -exist restore
  printf %s "$1" | grep -v -e cluster_nodes -e fw-run -e FW-RUN | iptables-legacy-restore -w 10 --noflush`

/** A set cannot go while a rule names it, and a rule cannot come before its set. */
const restore = `set -e
  printf %s "$1" | grep -v -e cluster_nodes -e fw-run -e FW-RUN | iptables-legacy-restore -w 10
  for set in $(ipset -n list); do
    case $set in cluster_nodes | fw-run*) ipset destroy "$set" ;; esac
  done
  printf %s "$2" | sed -n '/^[a-z]* cluster_nodes /p' | ipset restore
  printf %s "$1" | iptables-legacy-restore -w 10
  printf 'table inet fw_run\\ndelete table inet fw_run\\n%s' "$3" | nft -f -`
