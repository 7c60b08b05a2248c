import { execFile } from 'node:child_process'
import { ownVariablesLeftOut } from '../jump-host/process-group.ts'
import { sshAnswerMs } from '../limits.ts'
import { typed } from '../text/shell-quotes.ts'
import type { Bastion } from './bastion.ts'
import { lostWire } from './connect/forwarded-wire.ts'
import { clientWords, proxyCommandThrough } from './openssh/ssh-words.ts'
import type { SessionFault } from './session-fault.ts'

/** Whether an ssh is connected that shares its connection at that socket (ControlMaster). Nothing is dialled. */
export function isMasterOpen(socket: string): Promise<boolean> {
  const words = [...clientWords(socket), '-O', 'check', '--', 'fw-run']
  const options = {
    env: ownVariablesLeftOut(),
    timeout: sshAnswerMs,
    killSignal: 'SIGKILL',
  } as const
  return new Promise((resolve) => {
    execFile('ssh', words, options, (error) => resolve(error === null)).stdin?.end()
  })
}

/**
 * A bastion by the connection that the user has open to it, with ssh's words for a login there. fw-run uses it as ssh would, and neither
 * opens nor ends it.
 */
export function sharedBastion(bastion: string, words: readonly string[], socket: string): Bastion {
  const name = `bastion ${bastion}`
  let checking: Promise<boolean> | undefined
  return {
    name,
    async notReady() {
      checking ??= isMasterOpen(socket).finally(() => {
        checking = undefined
      })
      return (await checking) ? undefined : goneFault(name, ['ssh', ...words, bastion], socket)
    },
    dial: () => lostWire(`only the program ssh can use the open connection to the ${name}`),
    connection: () => ({
      // Its end shows by the end of what it carries.
      lost: new Promise(() => {}),
      onward: {
        kind: 'openssh',
        proxyCommand: (address, port) => proxyCommandThrough(socket, address, port),
        refusal: () => '',
      },
    }),
    close() {},
  }
}

function goneFault(name: string, login: readonly string[], socket: string): SessionFault {
  return {
    stage: 'connect',
    reason: `The ${name} cannot be used: your open connection to it (ControlPath ${socket}) has ended.`,
    remedy: `Log in again: \`${login.map(typed).join(' ')}\`. Then run the same command again.`,
  }
}
