import { describe, expect, it } from 'vitest'
import { startHearing } from '../../../src/ssh/openssh/hearing.ts'
import { opensshFault } from '../../../src/ssh/openssh/openssh-fault.ts'
import { createPrivatePlace } from '../../../src/ssh/private-place.ts'
import { accessAt } from '../host-access.ts'

function faultOf(hasProxyCommand: boolean, ...said: readonly string[]) {
  return faultWith(['-F', 'cfg 2'], hasProxyCommand, said)
}

function faultWith(words: readonly string[], hasProxyCommand: boolean, said: readonly string[]) {
  const hearing = startHearing()
  for (const line of said) hearing.push(Buffer.from(`${line}\n`))
  const access = accessAt(22)
  const openssh = {
    ...{ words, destination: 'node1', keyFile: undefined },
    ...{ passphrases: new Map<string, never>(), hasProxyCommand, place: createPrivatePlace() },
  }
  return opensshFault(hearing, { ...access, openssh })
}

function reasonOf(...said: readonly string[]): string {
  return faultOf(false, ...said).fault.reason
}

describe('opensshFault', () => {
  it('blames the ProxyCommand, not the host, where it ends before a banner', () => {
    const closed = 'kex_exchange_identification: Connection closed by remote host'
    const unknown = 'Connection closed by UNKNOWN port 65535'
    const { fault, again } = faultOf(true, 'sh: 1: exec: tsh: not found', closed, unknown)
    expect(fault.reason).toMatch(
      /^The ProxyCommand for .* it said "sh: 1: exec: tsh: not found"\.$/,
    )
    expect(fault.remedy).toContain("`ssh -v -F 'cfg 2' -- node1`")
    expect(again).toBe(false)
    expect(faultOf(false, closed, unknown)).toMatchObject({ again: true })
  })

  it.each([
    ['nc', []],
    ['ssh -W', ['Connection closed by 127.0.0.1 port 22611']],
    ['ssh -W', ['Connection reset by 127.0.0.1 port 22612']],
  ])('tries again where sshd may have dropped the connection of a ProxyCommand: %s', (_, own) => {
    const closed = 'kex_exchange_identification: Connection closed by remote host'
    const inner = own.length > 0 ? [closed] : []
    const said = [...inner, ...own, closed, 'Connection closed by UNKNOWN port 65535']
    const { fault, again } = faultOf(true, ...said)
    expect(again).toBe(true)
    expect(fault.reason).toContain('through its ProxyCommand closed before an SSH banner came')
    expect(fault.remedy).toContain('MaxStartups')
  })

  it('shows no ProxyCommand of the inventory, which may have a password', () => {
    const command = 'ProxyCommand=sshpass -p sesame nc %h %p'
    const { fault } = faultWith(['-F', 'cfg', '-l', 'ops', '-o', command], true, [
      'kex_exchange_identification: Connection closed by remote host',
    ])
    expect(fault.remedy).toContain('run `ssh -v` with the ProxyCommand of the inventory')
    expect(JSON.stringify(fault)).not.toContain('sesame')
    const parsed = faultOf(
      ...([true, "bash: -c: line 1: syntax error near unexpected token `('"] as const),
      "bash: -c: line 1: `exec sshpass -p se(same nc node1 22'",
    )
    expect(parsed.fault.reason).toContain('syntax error')
    expect(JSON.stringify(parsed)).not.toContain('se(same')
  })

  it.each([
    ['Temporary failure in name resolution', 'the name server does not answer'],
    ['Name or service not known', 'is not known to DNS'],
  ])('tells a wrong name from a name server that is down: %s', (words, reason) => {
    expect(reasonOf(`ssh: Could not resolve hostname n1: ${words}`)).toContain(reason)
  })
})
