import type { Bastion } from './bastion.ts'
import type { SessionFault } from './session-fault.ts'
import { sharedBastion } from './shared-bastion.ts'

/** What stands in for the logins of fw-run at a bastion, one for both transports: the connection that the user has open to it. */
export interface StandIn {
  /** Once it is used; then nobody logs in at the bastion any more who has not done so before. */
  used(): Bastion | undefined
  /** Whether the user has it open. */
  isOpen(): Promise<boolean>
  /** Looks for it: undefined if the user has none open. */
  find(): Promise<Bastion | undefined>
}

/** The stand-ins of a run, by the ways to their bastions. A watch keeps them from look to look: each failing login may lock the user out. */
export type StandIns = Map<string, StandIn>

/** `words` are ssh's for a login there. `findSocket` says where the user's connection is; `heard` gets that once, when it is used. */
export function createStandIn(
  bastion: string,
  words: readonly string[],
  findSocket: () => Promise<string | undefined>,
  heard: (socket: string) => void,
): StandIn {
  let used: Bastion | undefined
  let finding: Promise<string | undefined> | undefined
  const found = () => {
    finding ??= findSocket().finally(() => {
      finding = undefined
    })
    return finding
  }
  return {
    used: () => used,
    isOpen: async () => used !== undefined || (await found()) !== undefined,
    async find() {
      const socket = used ? undefined : await found()
      if (used || socket === undefined) return used
      used = sharedBastion(bastion, words, socket)
      heard(socket)
      return used
    },
  }
}

/**
 * A bastion at which fw-run logs in by itself. Only if its first login there fails, as with a second factor, the stand-in carries the
 * hosts: it carries fewer, and nobody sees whether it is still alive. ssh2 cannot use it: then the fault says so.
 */
export function byLoginFirst(own: Bastion, standIn: StandIn, byOpenssh: boolean): Bastion {
  let hasLoggedIn = false
  const instead = () => (hasLoggedIn ? undefined : standIn.used())
  return {
    ...own,
    async notReady(signal) {
      if (!instead()) {
        const fault = await own.notReady(signal)
        hasLoggedIn ||= fault === undefined
        if (hasLoggedIn || fault?.bastionLogin !== 'failed' || !(await standIn.find())) return fault
      }
      return byOpenssh ? instead()?.notReady(signal) : onlyBySsh(own.name)
    },
    connection: () => ((byOpenssh && instead()) || own).connection(),
  }
}

function onlyBySsh(name: string): SessionFault {
  return {
    stage: 'connect',
    reason: `The ${name} cannot be used: fw-run could not log in to it. You have an open connection to it, but only the program ssh can use that connection.`,
    remedy: 'Run without --transport ssh2.',
    bastionLogin: 'by-ssh',
  }
}
