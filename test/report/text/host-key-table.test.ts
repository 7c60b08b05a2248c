import { execFileSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderText } from '../../../src/report/run-text.ts'
import { hostKeyTable } from '../../../src/report/text/host-key-table.ts'
import { wrapLines } from '../../../src/text/wrap.ts'
import { failed, hostReport, names, noPaint, runReport, unreached } from '../run.ts'

const keyOf = (host: string, index: number) => ({
  ...{ host, address: `192.0.2.${index + 1}`, port: index === 0 ? 2222 : 22, type: 'ssh-ed25519' },
  fingerprint: `SHA256:${host}`,
  file: '/etc/ssh/ssh_host_ed25519_key.pub',
  line: `192.0.2.${index + 1} ssh-ed25519 AAAA${host}`,
  knownHosts: join(homedir(), '.ssh/known_hosts'),
})

describe('hostKeyTable', () => {
  it('has a row for each key, and one command that trusts all', () => {
    const [first, second, remedy] = hostKeyTable(names(2).map(keyOf))
    expect(first).toBe('      node01  192.0.2.1 port 2222  ssh-ed25519  SHA256:node01')
    expect(second).toBe('      node02  192.0.2.2            ssh-ed25519  SHA256:node02')
    expect(remedy).toContain('On the console of each host, run `ssh-keygen -lf /etc/ssh/')
    const [, command = ''] = /, run on the jump host: (.*)$/.exec(remedy ?? '') ?? []
    const printed = command.replace('mkdir -p ~/.ssh && ', '').replace(' >> ~/.ssh/known_hosts', '')
    expect(execFileSync('sh', ['-c', printed], { encoding: 'utf8' }).split('\n')).toEqual(
      expect.arrayContaining([
        '192.0.2.1 ssh-ed25519 AAAAnode01',
        '192.0.2.2 ssh-ed25519 AAAAnode02',
      ]),
    )
  })

  it('adds each key to the file that counts for its host', () => {
    const keys = names(3).map((name, index) => {
      return { ...keyOf(name, index), knownHosts: index === 1 ? "/x/it's mine" : '/x/both' }
    })
    const [, command] = /, run on the jump host: (.*)$/.exec(hostKeyTable(keys).at(-1) ?? '') ?? []
    expect(command).toMatch(
      /^mkdir -p \/x && printf \S+ '.*AAAAnode01' '.*AAAAnode03' >> \/x\/both && mkdir -p \/x && printf \S+ '.*AAAAnode02' >> '\/x\/it'\\''s mine'$/,
    )
  })

  it('names the command for each type of key, where there are several', () => {
    const keys = names(2).map((name, index) => {
      const file = `/etc/ssh/ssh_host_${['ed25519', 'ecdsa'][index]}_key.pub`
      return { ...keyOf(name, index), file }
    })
    expect(hostKeyTable(keys).at(-1)).toMatch(
      /the command for its key type: `ssh-keygen -lf \S+_ed25519_key\.pub` or `ssh-keygen -lf \S+_ecdsa_key\.pub`\. Compare/,
    )
  })

  it('stands in the report once for all hosts, and its command is never broken', () => {
    const hosts = names(50).map((name, index) => {
      const finding = {
        ...failed('host-key', `${name} is unknown`),
        unknownKey: keyOf(name, index),
      }
      return hostReport(name, unreached(finding))
    })
    const lines = renderText(runReport('refused', hosts), false, noPaint)
    expect(lines.filter((line) => line.includes('SHA256:'))).toHaveLength(50)
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([
      'FAIL  host key not trusted: node01, node02, node03, node04 and 46 more',
    ])
    const command = wrapLines(lines, 80).filter((line) => line.includes('known_hosts'))
    expect(command).toHaveLength(1)
    expect(command[0]).toContain('AAAAnode50')
  })
})
