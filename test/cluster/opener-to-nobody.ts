import type { Opener } from '../../src/cluster/opener.ts'

/** An opener for hosts that are open already: it must not dial any. `changes`: the run has a journal. */
export function openerToNobody(changes: boolean): Opener {
  return {
    dial: () => Promise.reject(new Error('nobody is to be dialled')),
    leaveToSsh: () => Promise.resolve(false),
    close: () => {},
    ...{ timeout: 1, requestSeconds: 1, idle: 1, changes },
  }
}
