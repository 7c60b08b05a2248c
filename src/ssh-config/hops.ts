import type { Question } from './ssh-config.ts'

/** A bastion as a configuration names it, and the bastions before it that are named with it, the first to dial first. */
export interface Hop {
  readonly question: Question
  readonly before: readonly Hop[] | undefined
  /** A bastion that its own options name. */
  readonly proxy: Hop | undefined
}

/** The bastion of a ProxyJump, `[user@]host[:port]` with commas between hops; undefined if only ssh understands it. The user may have an `@`. */
export function hopOfJump(value: string): Hop | undefined {
  const hops: Hop[] = []
  for (const word of value.split(',')) {
    const [, user, bracketed, plain, port] =
      /^(?:ssh:\/\/)?(?:(\S+)@)?(?:\[([^\]\s]+)\]|([^@:\s[\]]+))(?::(\d{1,5}))?\/?$/.exec(
        word.trim(),
      ) ?? []
    const host = bracketed ?? plain
    if (host === undefined) return undefined
    const question = { host, user, port: port === undefined ? undefined : Number(port) }
    hops.push({ question, before: undefined, proxy: undefined })
  }
  const last = hops.pop()
  return last && { ...last, before: hops.length > 0 ? hops : undefined }
}
