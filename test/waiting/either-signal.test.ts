import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { eitherSignal } from '../../src/waiting/either-signal.ts'

describe('eitherSignal', () => {
  it('comes with the first, and lets many hosts listen without a warning of Node', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    onTestFinished(() => void process.off('warning', warned))
    const [first, second] = [new AbortController(), new AbortController()]
    const either = eitherSignal(first.signal, second.signal)
    const heard = vi.fn()
    for (let host = 1; host <= 11; host++) either.addEventListener('abort', () => heard(host))
    await nextTurn()
    expect(warned).not.toHaveBeenCalled()
    second.abort()
    expect(heard).toHaveBeenCalledTimes(11)
  })
})
