import { maxHops } from '../limits.ts'
import { type Hop, hopOfJump } from './hops.ts'
import type { SshAnswer } from './ssh-answer.ts'
import { hopOfCommand } from './ssh-arguments.ts'
import type { Question, SshConfig } from './ssh-config.ts'

/** A bastion on the way to a host. */
export interface RouteStop {
  /** As the configuration names it. */
  readonly name: string
  /** What was asked for; a stop that was asked for in the same way is the same. */
  readonly question: Question
  readonly answer: SshAnswer | undefined
  /** Whether it is reached by a ProxyCommand that only ssh can run. */
  readonly byCommand: boolean
}

/** The way to a host: what ssh would use for it, and the bastions before it, the first to dial first. */
export interface Route {
  readonly question: Question
  readonly answer: SshAnswer | undefined
  readonly stops: readonly RouteStop[]
  /** Whether the host is reached by a ProxyCommand that only ssh can run. */
  readonly byCommand: boolean
}

/** A way, or why there is none, and what to do. */
export type FoundRoute = Route | { readonly fault: string; readonly remedy: string }

/** Finds the way to a host. `proxy` is the bastion that the options of the host name. */
export async function findRoute(
  config: SshConfig,
  question: Question,
  proxy: Hop | undefined,
): Promise<FoundRoute> {
  const [answer] = await config.answers([question])
  const first = proxy ?? hopOf(question, answer)
  if (first === 'command') return { question, answer, stops: [], byCommand: true }
  const stops = first ? await stopsTo(config, first, [question.host]) : []
  return 'fault' in stops ? stops : { question, answer, stops, byCommand: false }
}

type Fault = Extract<FoundRoute, { readonly fault: string }>

/** The bastions up to one and with it. `after` are the names behind it, for a message about a circle. */
async function stopsTo(
  config: SshConfig,
  { question, before, proxy }: Hop,
  after: readonly string[],
): Promise<readonly RouteStop[] | Fault> {
  const names = [...after, question.host]
  if (names.length > maxHops + 1) {
    const isCircle = new Set(names).size < names.length
    return {
      fault: `${isCircle ? 'The bastions form a circle' : `There are more than ${maxHops} bastions`}: ${names.slice(0, 5).join(' through ')} …`,
      remedy: 'Correct ProxyJump in the SSH configuration.',
    }
  }
  const [answer] = await config.answers([question])
  const stop = { name: question.host, question, answer, byCommand: false }
  const previous = before?.at(-1)
  const own = proxy ?? hopOf(question, answer)
  // What the command line names before a bastion takes the place of its own.
  const next = previous ? { ...previous, before: shorter(before) } : own
  if (!next) return [stop]
  if (next === 'command') return [{ ...stop, byCommand: true }]
  const stops = await stopsTo(config, next, names)
  return 'fault' in stops ? stops : [...stops, stop]
}

function shorter(hops: readonly Hop[] | undefined): readonly Hop[] | undefined {
  return hops && hops.length > 1 ? hops.slice(0, -1) : undefined
}

/** The bastion that a configuration names for a host, or that it has a way that only ssh can go. */
function hopOf(
  { configFile }: Question,
  answer: SshAnswer | undefined,
): Hop | 'command' | undefined {
  if (answer?.proxyJump !== undefined) {
    const hop = hopOfJump(answer.proxyJump)
    return hop ? withConfig(hop, configFile) : 'command'
  }
  if (answer?.proxyCommand === undefined) return undefined
  return hopOfCommand(answer.proxyCommand) ?? 'command'
}

/** ssh hands the file of `-F` on to the bastions of ProxyJump. */
function withConfig(hop: Hop, configFile: string | undefined): Hop {
  return {
    ...hop,
    question: { ...hop.question, configFile },
    before: hop.before?.map((one) => withConfig(one, configFile)),
  }
}
