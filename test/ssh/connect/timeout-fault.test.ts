import { describe, expect, it } from 'vitest'
import type { ConnectStep } from '../../../src/ssh/connect/connect-cause.ts'
import { timeoutFault } from '../../../src/ssh/connect/timeout-fault.ts'
import type { HostAccess } from '../../../src/ssh/host-access.ts'
import { accessAt } from '../host-access.ts'

describe('timeoutFault', () => {
  it.each<[ConnectStep, string, RegExp, RegExp]>([
    ['dialling', 'connect', /port 22 did not answer within 7 s/, /firewall may drop/],
    ['awaiting-banner', 'connect', /no SSH banner within 7 s/, /sshd listens on that port/],
    ['exchanging-keys', 'connect', /SSH key exchange within 7 s/, /MTU/],
    ['logging-in', 'login', /the login as root within 7 s/, /PAM/],
  ])('says at the step %s what is slow, and names --timeout', (step, stage, reason, remedy) => {
    const fault = timeoutFault(step, accessAt(22), 7)
    expect(fault.stage).toBe(stage)
    // A host that accepts connections is up.
    expect(fault.silence).toBe(step === 'dialling' ? 'no-answer' : undefined)
    expect(fault.reason).toMatch(reason)
    expect(fault.remedy).toMatch(remedy)
    expect(fault.remedy).toContain('--timeout')
  })

  it('takes a host for silent only where ssh would say that it is connected', () => {
    const by = (proxyCommand: string | undefined, via?: HostAccess['via']) =>
      accessAt(22, { openssh: { proxyCommand } as HostAccess['openssh'], via })
    const silence = (access: HostAccess) => timeoutFault('dialling', access, 7).silence
    expect(silence(by(undefined))).toBe('no-answer')
    expect(silence(by('nc'))).toBeUndefined()
    expect(silence(by(undefined, { name: 'bastion gate' } as HostAccess['via']))).toBeUndefined()
  })
})
