import { networkInterfaces } from 'node:os'
import { maxUnwantedBytes } from '../../limits.ts'
import type { LocalMachine } from '../host-access.ts'
import type { SessionFault } from '../session-fault.ts'
import type { Connected, Connection } from '../transport.ts'
import { localProgram } from './program.ts'

/**
 * Connects the machine on which fw-run runs, without SSH. It must have one of the host's addresses: else an inventory that was taken
 * to another machine would change that one.
 */
export function connectLocally({ addresses }: LocalMachine): Connected {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  const isHere = own.some(({ address, internal }) => !internal && addresses.includes(address))
  return isHere
    ? { kind: 'connected', connection: localConnection() }
    : { kind: 'failed', fault: elsewhere(addresses), again: false }
}

function elsewhere(addresses: readonly string[]): SessionFault {
  const list = addresses.join(', ')
  return {
    stage: 'connect',
    reason: `ansible_connection is local, but this machine has none of the addresses of the host (${list}).`,
    remedy:
      'Run fw-run on that host. Or delete ansible_connection from the inventory: then fw-run connects by SSH.',
  }
}

/** It lasts until it is closed: a program that ends takes nothing else with it. */
function localConnection(): Connection {
  const open = new Set<() => void>()
  let unwanted = 0
  let isClosed = false
  let lose: (reason: string) => void = () => {}
  const lost = new Promise<string>((resolve) => {
    lose = resolve
  })
  const close = (): void => {
    isClosed = true
    lose('fw-run closed it')
    for (const letGo of open) letGo()
  }
  const count = (chunk: Buffer): void => {
    unwanted += chunk.length
    if (unwanted <= maxUnwantedBytes) return
    lose('it sent too much data that fw-run did not ask for')
    close()
  }
  return {
    async run(command, onTerminal) {
      if (onTerminal) throw new Error('there is no pseudo-terminal for a local shell')
      if (isClosed) throw new Error('the connection is closed')
      const { program, letGo } = await localProgram(command, lost)
      open.add(letGo)
      if (isClosed) letGo()
      program.stdout.on('data', count)
      program.stderr.on('data', count)
      return program
    },
    lost,
    wanted(bytes) {
      unwanted -= bytes
    },
    close,
    onward: { kind: 'none' },
  }
}
