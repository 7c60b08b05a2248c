import { describe, expect, it } from 'vitest'
import { startHearing } from '../../../src/ssh/openssh/hearing.ts'
import { opensshFault } from '../../../src/ssh/openssh/openssh-fault.ts'
import { createPrivatePlace } from '../../../src/ssh/private-place.ts'
import { accessAt } from '../host-access.ts'

function faultOf(hasProxyCommand: boolean, ...said: readonly string[]) {
  return faultWith(['-F', 'cfg 2'], hasProxyCommand ? 'nc %h %p' : undefined, said)
}

function faultWith(
  words: readonly string[],
  proxyCommand: string | undefined,
  said: readonly string[],
) {
  const hearing = startHearing()
  for (const line of said) hearing.push(Buffer.from(`${line}\n`))
  const access = accessAt(22)
  const openssh = {
    ...{ words, destination: 'node1', keyFile: undefined },
    ...{ passphrases: new Map<string, never>(), proxyCommand, place: createPrivatePlace() },
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
    const command = 'sshpass -p sesame nc %h %p'
    const { fault } = faultWith(
      ['-F', 'cfg', '-l', 'ops', '-o', `ProxyCommand=${command}`],
      command,
      ['kex_exchange_identification: Connection closed by remote host'],
    )
    expect(fault.remedy).toContain('run `ssh -v` with the ProxyCommand of the inventory')
    expect(JSON.stringify(fault)).not.toContain('sesame')
  })

  const tail = 'nc node1 22'
  it.each([
    ['bash', 'se(same', "bash: -c: line 1: `exec sshpass -p se(same nc node1 22'"],
    ['zsh', 'se?same', 'zsh:1: no matches found: se?same'],
    ['zsh, a bracket', 'se(same', `zsh:1: bad pattern: se(same ${tail}`],
    [
      'fish',
      'se?same',
      `fish: No matches for wildcard 'se?same'. See \`help wildcards\`; exec sshpass -p se?same ${tail}; ^~~~~^`,
    ],
    ['quotes and blanks', `'se same'`, 'sshpass: se same is no program'],
    ['an escape', 'se\\?same', 'sh: se?same: not found'],
  ])('shows no argument of a ProxyCommand that its shell repeats: %s', (_, password, said) => {
    const closed = 'kex_exchange_identification: Connection closed by remote host'
    const bare = password.replaceAll(/['\\]/g, '')
    for (const way of [`-p ${password}`, `-p${password}`, `--password=${password}`]) {
      const { fault } = faultWith(['-F', 'cfg'], `sshpass ${way} nc %h %p`, [said, closed])
      expect(fault.reason, way).toContain('it said "')
      expect(JSON.stringify(fault), way).not.toContain(bare)
    }
    const assigned = faultWith(['-F', 'cfg'], `SSHPASS=${password} sshpass -e nc`, [said, closed])
    expect(JSON.stringify(assigned)).not.toContain(bare)
  })

  it('still shows what the tools of a ProxyCommand say', () => {
    const command = 'sshpass -p sesame ssh -W %h:%p bastion.example'
    const { fault } = faultWith(['-F', 'cfg'], command, [
      'ssh: connect to host bastion.example port 22: Connection refused',
      'kex_exchange_identification: Connection closed by remote host',
    ])
    expect(fault.reason).toContain('ssh: connect to host ... port 22: Connection refused')
  })

  it.each([
    ['Temporary failure in name resolution', 'the name server does not answer'],
    ['Name or service not known', 'is not known to DNS'],
  ])('tells a wrong name from a name server that is down: %s', (words, reason) => {
    expect(reasonOf(`ssh: Could not resolve hostname n1: ${words}`)).toContain(reason)
  })
})
