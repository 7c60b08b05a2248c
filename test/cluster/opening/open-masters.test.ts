import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMasterOf } from '../../../src/cluster/opening/open-masters.ts'
import { findRoutes } from '../../../src/cluster/opening/routes.ts'
import { openSession } from '../../../src/ssh/session.ts'
import { sharedBastion } from '../../../src/ssh/shared-bastion.ts'
import { noArguments, parseSshArguments } from '../../../src/ssh-config/ssh-arguments.ts'
import { openSshConfig } from '../../../src/ssh-config/ssh-config.ts'
import { host } from '../../preflight/subject.ts'
import { byOpenssh } from '../../ssh/openssh/by-openssh.ts'
import { type Sshd, startSshd } from '../../ssh/sshd.ts'

const directory = mkdtempSync(join(tmpdir(), 'fw-run-master-'))
const file = join(directory, 'config')
let gate: Sshd
let node: Sshd
beforeAll(async () => {
  ;[gate, node] = await Promise.all([startSshd(), startSshd()])
  writeFileSync(join(directory, 'known'), `[127.0.0.1]:${gate.port} ${gate.hostKey('ed25519')}\n`)
  writeFileSync(
    file,
    `Host far
  ProxyJump none
Host node1 node2
  ProxyJump gate
Host node3
  ProxyJump inner
Host inner
  ProxyJump gate
  ControlPath ${directory}/none-%C
Host gate
  ProxyJump far
  HostName 127.0.0.1
  HostKeyAlias [127.0.0.1]:${gate.port}
  Port ${gate.port}
  User root
  IdentityFile ${gate.userKey}
  UserKnownHostsFile ${directory}/known
  ControlPath ${directory}/%h-%p
`,
    { mode: 0o600 },
  )
  // A person logs in to the bastion, after which it takes no key any more: as with a second factor.
  control('-o', 'ProxyJump=none', '-o', 'ControlMaster=yes', '-fN')
  writeFileSync(join(gate.directory, 'authorized_keys'), '')
})
afterAll(() => {
  try {
    control('-O', 'exit')
  } catch {
    // The last test has ended it.
  }
  gate.stop()
  node.stop()
  rmSync(directory, { recursive: true, force: true })
})

function control(...words: readonly string[]): void {
  execFileSync('ssh', ['-F', file, ...words, 'gate'], { stdio: 'ignore' })
}

async function mastersTo(name: string, options = '') {
  const parsed = parseSshArguments(options)
  if ('fault' in parsed) throw new Error(parsed.fault)
  const config = openSshConfig({ file })
  const one = { ...host, name, address: name, sshOptions: [noArguments, parsed] as const }
  const routes = await findRoutes([one], config, { user: undefined, transport: undefined })
  const route = routes.get(name)
  expect(route?.onlySsh).toBeUndefined()
  const stops = route?.stops ?? []
  return Promise.all(stops.map(async (stop) => `${stop.name} ${await openMasterOf(config, stop)}`))
}

describe('openMasterOf', () => {
  it('finds the connection that the user has open to a bastion, which makes no host one for ssh', async () => {
    const open = `${directory}/127.0.0.1-${gate.port}`
    expect(await mastersTo('node1')).toEqual(['far undefined', `gate ${open}`])
    expect(await mastersTo('node3')).toEqual(['far undefined', `gate ${open}`, 'inner undefined'])
    const command = `-o ProxyCommand="ssh -o ControlPath=${open} -W %h:%p 127.0.0.1"`
    expect(await mastersTo('node9', command)).toEqual([`127.0.0.1 ${open}`])
    const other = `-o ProxyCommand="ssh -o ControlPath=${open}x -W %h:%p 127.0.0.1"`
    expect(await mastersTo('node9', other)).toEqual(['127.0.0.1 undefined'])
  })

  it('finds none where ssh gives no answer', async () => {
    const config = openSshConfig({ file })
    const question = { host: 'gate' }
    const [answer] = await config.answers([question])
    const controlPath = () => Promise.reject(new Error('ssh did not end'))
    expect(await openMasterOf({ controlPath }, { question, answer })).toBeUndefined()
  })

  it('reaches hosts by that connection, and says so when it has ended', async () => {
    const via = sharedBastion('gate', ['-l', 'ops'], `${directory}/127.0.0.1-${gate.port}`)
    const access = byOpenssh(node, { via })
    const opened = await openSession(access, { timeoutSeconds: 60 })
    if (opened.kind === 'failed') throw new Error(opened.fault.reason)
    const { shell } = opened.session
    shell.write('echo $SSH_CONNECTION; echo in\n')
    shell.end()
    expect(await text(shell.stdout)).toContain('in\n')
    opened.session.close()
    via.close()
    control('-O', 'check')
    control('-O', 'exit')
    const failed = await openSession(access, { timeoutSeconds: 60 })
    access.openssh.place.close()
    expect(failed).toMatchObject({
      kind: 'failed',
      fault: { stage: 'connect', remedy: expect.stringContaining('`ssh -l ops gate`') },
    })
  })
})
