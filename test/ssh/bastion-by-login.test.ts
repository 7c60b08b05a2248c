import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bastion, createBastion } from '../../src/ssh/bastion.ts'
import { byLoginFirst, createStandIn, type StandIn } from '../../src/ssh/bastion-by-login.ts'
import type { HostAccess } from '../../src/ssh/host-access.ts'
import { openSession } from '../../src/ssh/session.ts'
import { accessTo, knowing, pinned } from './host-access.ts'
import { byOpenssh } from './openssh/by-openssh.ts'
import { type Sshd, startSshd } from './sshd.ts'

const directory = mkdtempSync(join(tmpdir(), 'fw-run-by-login-'))
const socket = join(directory, 'gate')
let gate: Sshd
let node: Sshd
let key: string
beforeAll(async () => {
  ;[gate, node] = await Promise.all([startSshd({ config: ['LogLevel VERBOSE'] }), startSshd()])
  key = readFileSync(join(gate.directory, 'authorized_keys'), 'utf8')
  // A person has logged in to the bastion.
  const words = ['-F', 'none', '-i', gate.userKey, '-p', String(gate.port), '-l', 'root', '-fN']
  const more = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ControlMaster=yes']
  const options = [...more, `ControlPath=${socket}`].flatMap((each) => ['-o', each])
  execFileSync('ssh', [...words, ...options, '127.0.0.1'], { stdio: 'ignore' })
})
afterAll(() => {
  execFileSync('ssh', ['-o', `ControlPath=${socket}`, '-O', 'exit', 'x'], { stdio: 'ignore' })
  gate.stop()
  node.stop()
  rmSync(directory, { recursive: true, force: true })
})

const closing: { close(): void }[] = []
const heard: string[] = []
beforeEach(() => {
  heard.length = 0
  takesKey(true)
})
afterEach(() => {
  for (const each of closing.splice(0)) each.close()
})

/** Whether the bastion takes our key: with a second factor it does not. */
function takesKey(takes: boolean): void {
  writeFileSync(join(gate.directory, 'authorized_keys'), takes ? key : '')
}

function standIn(found: string | undefined = socket): StandIn {
  return createStandIn(
    'gate',
    [],
    () => Promise.resolve(found),
    (at) => heard.push(at),
  )
}

/** For a bastion to which the user has no connection open. */
function none(bastion: string): StandIn {
  const nowhere = () => Promise.resolve(undefined)
  return createStandIn(bastion, [], nowhere, (at) => heard.push(at))
}

async function gateBySsh2(instead: StandIn, more: Partial<HostAccess> = {}): Promise<Bastion> {
  const access = knowing(await accessTo(gate, { name: 'gate' }), pinned(gate, 'ed25519'))
  return byLoginFirst(started({ ...access, ...more }), instead, false)
}

function gateBySsh(instead: StandIn): Bastion {
  const access = byOpenssh(gate, { name: 'gate' })
  closing.push(access.openssh.place)
  return byLoginFirst(started(access), instead, true)
}

function started(access: HostAccess): Bastion {
  const own = createBastion(access, 60)
  closing.push(own)
  return own
}

/** What the host behind it says. */
async function reached(access: HostAccess): Promise<string> {
  const opened = await openSession(access, { timeoutSeconds: 60 })
  if (opened.kind === 'failed') throw new Error(opened.fault.reason)
  const { shell, close } = opened.session
  shell.write('echo in\n')
  shell.end()
  const said = await text(shell.stdout)
  close()
  return said
}

function reachedBySsh(via: Bastion): Promise<string> {
  const access = byOpenssh(node, { via })
  closing.push(access.openssh.place)
  return reached(access)
}

/** How many connections somebody has made to the bastion. */
function dialled(): number {
  return gate.log().match(/^Connection from /gm)?.length ?? 0
}

describe('byLoginFirst', () => {
  it('leaves the open connection alone where its own login succeeds', async () => {
    const instead = standIn()
    const [bySsh2, bySsh] = [await gateBySsh2(instead), gateBySsh(instead)]
    const before = dialled()
    const known = knowing(await accessTo(node), pinned(node, 'ed25519'))
    expect(await reached({ ...known, via: bySsh2 })).toBe('in\n')
    expect(await reachedBySsh(bySsh)).toBe('in\n')
    expect(dialled()).toBe(before + 2)
    expect(instead.used()).toBeUndefined()
    expect(heard).toEqual([])
  })

  it('leaves it alone when a later login fails: hosts of ssh2 could not follow any more', async () => {
    const instead = standIn()
    const refused = await gateBySsh2(none('gate'))
    let takes = true
    const own = { ...refused, notReady: async () => (takes ? undefined : refused.notReady()) }
    const bastion = byLoginFirst(own, instead, true)
    expect(await bastion.notReady()).toBeUndefined()
    takesKey(false)
    takes = false
    expect(await bastion.notReady()).toMatchObject({ bastionLogin: 'failed' })
    expect(heard).toEqual([])
  })

  it('goes through the open connection once its login has failed, says so once, and does not try again', async () => {
    takesKey(false)
    const instead = standIn()
    const [bySsh2, bySsh] = [await gateBySsh2(instead), gateBySsh(instead)]
    const before = dialled()
    const faults = await Promise.all([bySsh2.notReady(), bySsh2.notReady()])
    expect(faults.map((fault) => fault?.bastionLogin)).toEqual(['by-ssh', 'by-ssh'])
    expect((await bySsh2.notReady())?.bastionLogin).toBe('by-ssh')
    expect(await reachedBySsh(bySsh)).toBe('in\n')
    expect(dialled()).toBe(before + 1)
    expect(heard).toEqual([socket])
  })

  it('tells of the failed login where the user has no connection open', async () => {
    takesKey(false)
    const fault = await gateBySsh(standIn(join(directory, 'none'))).notReady()
    expect(fault?.reason).toContain('has ended')
    const instead = none('gate')
    for (const bastion of [await gateBySsh2(instead), gateBySsh(instead)]) {
      expect(await bastion.notReady()).toMatchObject({
        bastionLogin: 'failed',
        reason: expect.stringContaining('The bastion gate cannot be used: The host refused'),
      })
    }
  })

  it('goes through it if the login at a bastion before it fails, and not if a host key is wrong', async () => {
    const wrong = await gateBySsh2(standIn(), { hostKeys: { knownHosts: [] } })
    expect((await wrong.notReady())?.bastionLogin).toBeUndefined()
    expect(heard).toEqual([])
    takesKey(false)
    const far = await gateBySsh2(none('far'))
    const inner = await gateBySsh2(standIn(), { via: far })
    expect((await inner.notReady())?.bastionLogin).toBe('by-ssh')
    expect(heard).toEqual([socket])
  })
})
