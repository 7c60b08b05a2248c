import { startTimeLimit } from '../waiting/time-limit.ts'
import { lostWire } from './connect/forwarded-wire.ts'
import { connectPatiently } from './connect/patiently.ts'
import { interruptedFault } from './connect/timeout-fault.ts'
import type { Wire } from './connect/wire.ts'
import type { HostAccess } from './host-access.ts'
import type { SessionFault } from './session-fault.ts'
import type { Connection } from './transport.ts'

/** A host through which others are reached: one connection carries all of them. */
export interface Bastion {
  /** As messages name it. */
  readonly name: string
  /**
   * Connects unless it is connected; undefined once it is ready. Hosts that ask at the same time wait for the same connection,
   * and for a moment the next ones get the same fault.
   */
  notReady(signal?: AbortSignal): Promise<SessionFault | undefined>
  /** Dials an address from there, by ssh2. */
  dial(address: string, port: number): Wire
  /** Its connection, if it is connected. */
  connection(): Pick<Connection, 'lost' | 'onward'> | undefined
  /** Ends its connection, and gives up connecting. */
  close(): void
}

// Hosts that waited for their turn meanwhile need not wait for the same bastion again.
const sameFaultMs = 2000

// So that the silence of a bastion shows as its own, before the sessions behind it end for the same reason.
const shareOfKeepalive = 0.6

/** Prepares a bastion; nothing is dialled yet. It is connected again whenever it is needed and its connection is lost. */
export function createBastion(access: HostAccess, timeoutSeconds: number): Bastion {
  const name = `bastion ${access.name}`
  const ended = new AbortController()
  let opening: Promise<SessionFault | undefined> | undefined
  let connection: Connection | undefined

  async function open(): Promise<SessionFault | undefined> {
    const unready = await access.via?.notReady(ended.signal)
    if (unready) return unready
    const seconds = Math.max(timeoutSeconds, access.connectSeconds ?? 0)
    const timeLimit = startTimeLimit(seconds, ended.signal)
    try {
      const keepalive = Math.min(timeoutSeconds, access.aliveSeconds ?? timeoutSeconds)
      const connected = await connectPatiently(access, timeLimit, keepalive * shareOfKeepalive)
      if (connected.kind === 'failed') return faultOf(name, connected.fault)
      const opened = connected.connection
      connection = opened
      void opened.lost.then(() => {
        if (connection !== opened) return
        connection = undefined
        opening = undefined
      })
      return undefined
    } finally {
      timeLimit.dispose()
    }
  }
  function opened(): Promise<SessionFault | undefined> {
    if (opening) return opening
    const tried = open()
    opening = tried
    void tried.then((fault) => {
      const forget = () => {
        if (opening === tried) opening = undefined
      }
      if (fault) setTimeout(forget, sameFaultMs).unref()
    })
    return tried
  }
  return {
    name,
    notReady(signal) {
      if (!signal) return opened()
      if (signal.aborted) return Promise.resolve(interruptedFault('connect'))
      return new Promise((resolve) => {
        const onAbort = () => resolve(interruptedFault('connect'))
        signal.addEventListener('abort', onAbort, { once: true })
        void opened().then((fault) => {
          signal.removeEventListener('abort', onAbort)
          resolve(fault)
        })
      })
    },
    dial(address, port) {
      const onward = connection?.onward
      const words = `the connection to the ${name} has ended`
      return onward?.kind === 'ssh2' ? onward.dial(address, port, words) : lostWire(words)
    },
    connection: () => connection,
    close() {
      ended.abort()
      connection?.close()
    },
  }
}

// Whatever befalls the bastion, the host behind it could not be connected.
function faultOf(
  name: string,
  { stage, reason, remedy, lacks, silence }: SessionFault,
): SessionFault {
  const fault = {
    stage: 'connect',
    reason: `The ${name} cannot be used: ${reason}`,
    remedy,
    ...(lacks !== undefined && { lacks }),
    ...(silence && { silence }),
    ...(stage === 'login' && ({ bastionLogin: 'failed' } as const)),
  } as const
  return fault
}
