import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import { inside } from '../host/routing.ts'

/** FORWARD as it will be after other programs have put their rules back. Our rule stays between the same two rules. */
export interface Future {
  /** What brings it about, as `after docker has restarted`. */
  readonly when: string
  /**
   * How much it counts. `refresh` comes within minutes and `restart` some day: a position must be good then as well.
   * `rare` never comes on many hosts, so it is only reported.
   */
  readonly comes: 'refresh' | 'restart' | 'rare'
  /** The ruleset then; the very same object as now if no rule moves. */
  readonly ruleset: Ruleset
  /** The position then of a rule that we put at a position now. */
  readonly positionThen: (position: number) => number
  /** Whether a rule that is not ours moves from one side of that position to the other. */
  readonly crosses: (position: number) => boolean
}

/**
 * The futures of FORWARD that are known from the source code of its owners:
 *  - Felix and kube-router refresh within minutes. They put the jumps to their chains back on top, and Felix puts its
 *    accepting rules back at the end (felix/iptables/table.go).
 *  - Docker puts its jumps on top when it starts.
 *  - Flannel appends its rules when it starts, and then Felix puts its own behind them.
 *
 * Names of chains are enough here: if their owner is gone, its future never comes, and a position that is good in one future
 * more is no worse.
 */
export function futuresOf(ruleset: Ruleset, podNetworks: readonly Range[]): readonly Future[] {
  const rules = rulesOf(ruleset, 'filter', 'FORWARD')
  const felix = rules.filter((rule) => isFelixs(rule) || jumpsTo(rule, /^cali-FORWARD$/))
  const jumps = felix.filter((rule) => jumpsTo(rule, /^cali-FORWARD$/))
  const down = appends(rules, felix) ? felix : felix.filter((rule) => !jumps.includes(rule))
  const up = rules.filter(
    (rule) => jumpsTo(rule, /^(cali|KUBE-ROUTER)-FORWARD$/) && !down.includes(rule),
  )
  const docker = rules.filter((rule) => jumpsTo(rule, dockerJumps))
  const flannel = rules.filter((rule) => isFlannels(rule, podNetworks))
  const refresh: Future = {
    ...rearranged(ruleset, rules, up, down),
    comes: 'refresh',
    when: 'after Felix or kube-router has put its rules back',
  }
  const dockerRestart: Future = {
    ...rearranged(ruleset, rules, [...up, ...docker], down),
    comes: 'restart',
    when: 'after docker has restarted and put its chains on top',
  }
  const flannelRestart: Future = {
    ...rearranged(ruleset, rules, up, [...flannel, ...down]),
    comes: 'rare',
    when: 'after flannel has restarted and appended its rules again',
  }
  return [
    ...(up.length + down.length > 0 ? [refresh] : []),
    ...(docker.length > 0 ? [dockerRestart] : []),
    ...(flannel.length > 0 ? [flannelRestart] : []),
  ]
}

/** The jumps that docker puts on top of FORWARD (moby, libnetwork/firewall_linux.go). */
const dockerJumps = /^DOCKER-(USER|FORWARD|INGRESS|ISOLATION|ISOLATION-STAGE-1)$/

function jumpsTo({ target }: Rule, chain: RegExp): boolean {
  return chain.test(target?.name ?? '')
}

function isFelixs({ words }: Rule): boolean {
  return words.some((word) => word.startsWith('cali:'))
}

/** Whether Felix appends its jump (ChainInsertMode): rules of others stand above it, and its own right behind it. */
function appends(rules: readonly Rule[], felix: readonly Rule[]): boolean {
  const first = rules.findIndex((rule) => felix.includes(rule))
  const others = rules.slice(0, first).filter((rule) => !jumpsTo(rule, dockerJumps))
  const own = rules.slice(first, first + felix.length)
  return felix.length > 1 && others.length > 0 && own.every((rule) => felix.includes(rule))
}

/** Whether a rule is flannel's: it accepts the pod network as source or destination, or jumps to flannel's chain. */
function isFlannels(rule: Rule, podNetworks: readonly Range[]): boolean {
  if (jumpsTo(rule, /^FLANNEL-FWD$/)) return true
  const [match, ...others] = rule.matches.filter(
    (one) => one.kind !== 'module' || one.module !== 'comment',
  )
  if (rule.target?.name !== 'ACCEPT' || others.length > 0) return false
  if ((match?.kind !== 'source' && match?.kind !== 'destination') || match.negated) return false
  const range = parseRange(match.cidr)
  return range !== undefined && podNetworks.some((network) => inside(network, range))
}

/** FORWARD after some of its rules have moved to the top and some to the end. */
function rearranged(
  ruleset: Ruleset,
  now: readonly Rule[],
  top: readonly Rule[],
  end: readonly Rule[],
): Omit<Future, 'when' | 'comes'> {
  const [rising, sinking] = [new Set(top), new Set(end)]
  const stays = (rule: Rule): boolean => !rising.has(rule) && !sinking.has(rule)
  const then = [...top, ...now.filter(stays), ...end]
  // How many rules stay before each position. Counting anew for each position would take too long.
  const stayingBefore = [0]
  for (const rule of now) stayingBefore.push((stayingBefore.at(-1) ?? 0) + (stays(rule) ? 1 : 0))
  const lastRising = now.findLastIndex((rule) => rising.has(rule)) + 1
  const firstSinking = now.findIndex((rule) => sinking.has(rule)) + 1
  return {
    ruleset: then.every((rule, i) => rule === now[i]) ? ruleset : withForward(ruleset, then),
    positionThen: (position) => top.length + (stayingBefore[position - 1] ?? 0) + 1,
    // A rule with our number or a higher one stands behind ours.
    crosses: (position) => lastRising >= position || (firstSinking > 0 && firstSinking < position),
  }
}

function withForward(ruleset: Ruleset, rules: readonly Rule[]): Ruleset {
  const filter = ruleset.tables.get('filter')
  const forward = filter?.get('FORWARD')
  if (!filter || !forward) return ruleset
  const chains = new Map([...filter, ['FORWARD', { ...forward, rules }]])
  return { ...ruleset, tables: new Map([...ruleset.tables, ['filter', chains]]) }
}
