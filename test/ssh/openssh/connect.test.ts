import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { FwRunError } from '../../../src/errors.ts'
import { Secret } from '../../../src/secret.ts'
import { missingBanner } from '../../../src/ssh/banner.ts'
import { createBastion } from '../../../src/ssh/bastion.ts'
import type { HostAccess } from '../../../src/ssh/host-access.ts'
import { hostCertificate, parseKnownHosts } from '../../../src/ssh/known-hosts.ts'
import { answersFor } from '../../../src/ssh/openssh/answers.ts'
import { startHearing } from '../../../src/ssh/openssh/hearing.ts'
import { openSession, type Session } from '../../../src/ssh/session.ts'
import { parseSshArguments } from '../../../src/ssh-config/ssh-arguments.ts'
import { eventually } from '../../eventually.ts'
import { accessTo, knowing } from '../host-access.ts'
import {
  freePort,
  generateKey,
  publicKey,
  type Sshd,
  type SshdSettings,
  startSshd,
} from '../sshd.ts'
import { byOpenssh } from './by-openssh.ts'

const started: Sshd[] = []
const used: HostAccess[] = []
let sshd: Sshd
beforeAll(async () => {
  sshd = await start({ hostKeyTypes: ['ed25519', 'rsa'] })
})
afterAll(() => {
  for (const { openssh } of used) openssh?.place.close()
  for (const each of started) each.stop()
})

async function start(settings: SshdSettings = {}): Promise<Sshd> {
  const each = await startSshd(settings)
  started.push(each)
  return each
}

function to(...words: Parameters<typeof byOpenssh>): ReturnType<typeof byOpenssh> {
  const access = byOpenssh(...words)
  used.push(access)
  return access
}

async function opened(access: HostAccess, keepaliveSeconds = 60): Promise<Session> {
  const result = await openSession(access, { timeoutSeconds: 60, keepaliveSeconds })
  if (result.kind === 'failed') throw new Error(`${result.fault.reason} ${result.fault.remedy}`)
  return result.session
}

async function failed(access: HostAccess, timeoutSeconds = 60): Promise<string> {
  const result = await openSession(access, { timeoutSeconds })
  if (result.kind === 'opened') throw new Error('the session opened')
  const { stage, reason, remedy } = result.fault
  return `${stage}: ${reason} ${remedy}`
}

async function say(session: Session, program: string): Promise<string> {
  session.shell.write(program)
  session.shell.end()
  return text(session.shell.stdout)
}

/** How many processes have such a command line. */
function count(pattern: string): number {
  const words = ['-c', `pgrep -fc '${pattern}' || true`]
  return Number(execFileSync('sh', words, { encoding: 'utf8' }))
}

describe('openSession by the program ssh', () => {
  it('gives a root shell: bytes, exit codes, signals, more than a window, and its own stderr only', async () => {
    const session = await opened(to(sshd))
    expect(await say(session, 'id -u; printf "ä€"; echo oops >&2; exit 3\n')).toBe('0\nä€')
    expect(await session.shell.ended).toEqual({ kind: 'exited', code: 3 })
    expect(session.shell.stderrTail()).toBe('oops')
    session.close()
    session.close()

    const killed = await opened(to(sshd))
    killed.shell.stdout.resume()
    killed.shell.write('kill -9 $$\n')
    expect(await killed.shell.ended).toMatchObject({ kind: 'signalled' })
    const odd = await opened(to(sshd))
    odd.shell.stdout.resume()
    odd.shell.write('exit 255\n')
    expect(await odd.shell.ended).toEqual({ kind: 'exited', code: 255 })

    const large = await opened(to(sshd))
    large.shell.write('head -c 6000000 /dev/zero | tr "\\0" x; exit\n')
    let size = 0
    for await (const chunk of large.shell.stdout) size += chunk.length
    expect(size).toBe(6_000_000)
    expect(await large.shell.ended).toEqual({ kind: 'exited', code: 0 })
    for (const one of [killed, odd, large]) one.close()
  })

  it('connects by its 99,999th socket, in the longest TMPDIR that it uses', async () => {
    const base = mkdtempSync('/tmp/fw-run-t-')
    let longest = 0
    try {
      for (let length = 100; longest === 0 && length > 40; length--) {
        const directory = join(base, 'x'.repeat(length - base.length - 1))
        mkdirSync(directory)
        vi.stubEnv('TMPDIR', directory)
        const access = to(sshd)
        const first = await access.openssh.place.socket()
        if (!first.startsWith(directory)) continue
        longest = length
        for (let number = 2; number < 99_999; number++) await access.openssh.place.socket()
        const session = await opened(access)
        expect(await say(session, 'echo in\n')).toBe('in\n')
        session.close()
        access.openssh.place.close()
        await eventually(() => expect(readdirSync(directory)).toEqual([]))
      }
      expect(longest).toBeGreaterThan(55)
    } finally {
      vi.unstubAllEnvs()
      rmSync(base, { recursive: true, force: true })
    }
  })

  it('is lost when sshd, its own ssh or the link goes, even with output unread, and when closed from here', async () => {
    const cut = await opened(to(sshd))
    cut.shell.write('head -c 1000000 /dev/zero | tr "\\0" x; kill -9 $PPID\n')
    expect(await cut.shell.ended).toMatchObject({ kind: 'lost' })

    for (const process of ['ControlMaster=yes', 'fw-run exec']) {
      const access = to(sshd)
      const session = await opened(access)
      session.shell.stdout.resume()
      const place = dirname(await access.openssh.place.socket())
      execFileSync('pkill', [
        '-KILL',
        '-f',
        `^ssh .*${place}/.*${process === 'fw-run exec' ? process : ''}`,
      ])
      expect(await session.shell.ended).toMatchObject({ kind: 'lost' })
      session.close()
    }

    const closed = await opened(to(sshd))
    closed.close()
    expect(await closed.shell.ended).toEqual({ kind: 'lost', reason: 'fw-run closed it' })

    const silent = await opened(to(sshd), 4)
    silent.shell.stdout.once('data', (line) => {
      const pid = String(line).trim()
      const parent = execFileSync('ps', ['-o', 'ppid=', '-p', pid], { encoding: 'utf8' }).trim()
      stopped.push(pid, ...(parent === String(sshd.pid()) ? [] : [parent]))
      execFileSync('kill', ['-STOP', ...stopped])
    })
    const stopped: string[] = []
    silent.shell.write('echo $PPID\n')
    const end = await silent.shell.ended
    execFileSync('kill', ['-KILL', ...stopped])
    expect(end).toEqual({ kind: 'lost', reason: 'the host no longer answers' })
  })

  it('leaves no ssh and no directory behind, neither at its end nor after a kill', async () => {
    const access = to(sshd)
    const session = await opened(access)
    const directory = dirname(await access.openssh.place.socket())
    expect(execFileSync('stat', ['-c', '%a', directory], { encoding: 'utf8' })).toBe('700\n')
    const living = () => count(`^ssh .*${directory}`) + (existsSync(directory) ? 1 : 0)
    expect(living()).toBeGreaterThanOrEqual(3)
    // What waits for the end of this process sees it: its stdin is closed.
    access.openssh.place.close()
    await eventually(() => expect(living()).toBe(0))
    expect(await session.shell.ended).toMatchObject({ kind: 'lost' })
  })

  it('checks host keys as strictly: unknown, changed, revoked, of another type', async () => {
    const at = `[127.0.0.1]:${sshd.port}`
    const [key, rsa] = [sshd.hostKey('ed25519'), sshd.hostKey('rsa')]
    const print = execFileSync('ssh-keygen', ['-lf', `${sshd.directory}/host_ed25519.pub`], {
      encoding: 'utf8',
    })
    const unknown = await failed(to(sshd, {}, {}, []))
    expect(unknown).toMatch(/^host-key: ssh trusts no key .*--accept-new-host-keys --limit node1`$/)
    expect(unknown).toContain(print.split(' ')[1])
    const other = publicKey(generateKey(join(sshd.directory, 'other'), 'ed25519'))
    expect(await failed(to(sshd, {}, {}, [`${at} ${other}`]))).toMatch(
      /^host-key: .* differs from \S+:1\. .*ssh-keygen -R '\[127/,
    )
    expect(await failed(to(sshd, {}, {}, [`${at} ${key}`, `@revoked * ${key}`]))).toMatch(
      /^host-key: .* revokes\. Do not log in/,
    )
    // sshd offers its ed25519 key first, and ssh must ask for the one that is known, whose name it must hash to find it.
    const hashed = join(sshd.directory, 'hashed')
    writeFileSync(hashed, `${at} ${rsa}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', hashed], { stdio: 'ignore' })
    const line = readFileSync(hashed, 'utf8').trim()
    expect(line).toMatch(/^\|1\|/)
    ;(await opened(to(sshd, {}, {}, [line]))).close()
    const knownHosts = parseKnownHosts(line, hashed)
    ;(await opened(knowing(await accessTo(sshd), knownHosts))).close()
    const lax = {
      words: ['-o', 'StrictHostKeyChecking=no', '-o', 'NoHostAuthenticationForLocalhost=yes'],
    }
    expect(await failed(to(sshd, {}, lax, []))).toMatch(/^host-key: ssh trusts no key/)
  })

  it('writes a new key down where that is asked for, tells of it, and never over a known one', async () => {
    const heard: string[] = []
    const acceptNew = {
      file: join(sshd.directory, 'new_known_hosts'),
      hash: false,
      heard: ({ type }: { type: string }) => heard.push(type),
    }
    const access = to(sshd, { hostKeys: { knownHosts: [], acceptNew } }, {}, [])
    ;(await opened(access)).close()
    expect(heard).toEqual(['ssh-ed25519'])
    ;(await opened(access)).close()
    expect(heard).toHaveLength(1)

    const { file } = acceptNew
    writeFileSync(file, `|1|YWJj|ZGVm ${sshd.hostKey('rsa')}\n`)
    const knownHosts = parseKnownHosts(readFileSync(file, 'utf8'), file)
    const words = ['-o', `UserKnownHostsFile=${file}`]
    const beside = to(sshd, { hostKeys: { knownHosts, acceptNew } }, { words }, [])
    const first = { ...beside.openssh, words: [...words, ...beside.openssh.words] }
    ;(await opened({ ...beside, openssh: first })).close()
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|.*\n\|1\|\S+ ssh-ed25519 .*\n$/)
    expect(heard).toHaveLength(2)
    const other = publicKey(generateKey(join(sshd.directory, 'another'), 'ed25519'))
    const changed = to(sshd, { hostKeys: { knownHosts: [], acceptNew } }, {}, [
      `[127.0.0.1]:${sshd.port} ${other}`,
    ])
    expect(await failed(changed)).toMatch(/^host-key: .* differs from/)
  })

  it('does not log in with a new key that cannot be written down, whether that shows before or only to ssh', async () => {
    const fromNowhere = (file: string) => {
      const acceptNew = { file, hash: false, heard: () => {} }
      const words = ['-o', `UserKnownHostsFile=${file}`]
      const access = to(sshd, { hostKeys: { knownHosts: [], acceptNew } }, {}, [])
      return {
        ...access,
        openssh: { ...access.openssh, words: [...words, ...access.openssh.words] },
      }
    }
    expect(await failed(fromNowhere(sshd.directory))).toMatch(
      /^host-key: A new key of \S+ cannot be written to .* \(EISDIR\)/,
    )
    expect(await failed(fromNowhere(join(sshd.directory, 'no', 'such')))).toMatch(
      /^host-key: The new ssh-ed25519 key SHA256:\S+ of \S+ cannot be written to .* \(ssh could not\)/,
    )
  })

  it('names a way to trust a key that can work: by hand where another key or an authority is known', async () => {
    const line = `@cert-authority [127.0.0.1]:${sshd.port} ${sshd.hostKey('rsa')}`
    const hostKeys = { knownHosts: parseKnownHosts(line, 'known_hosts'), file: '/x/hosts' }
    const byHand = await failed(to(sshd, { hostKeys }, {}, [line]))
    expect(byHand).toMatch(/^host-key: .*, add the key to \/x\/hosts by hand, as one line: \[127/)
    expect(byHand).not.toContain('--accept-new-host-keys')
    const bastion = await failed(to(sshd, { name: 'gate', isBastion: true }, {}, []))
    expect(bastion).toMatch(/`fw-run preflight --accept-new-host-keys`$/)
  })

  it('gives no ssh the settings of fw-run, which may hold a password', async () => {
    const seen = join(sshd.directory, 'environment')
    vi.stubEnv('FW_RUN_EXTRA_VARS', 'ansible_password=hunter2')
    vi.stubEnv('PASSED_ON', 'yes')
    // ssh ends its ProxyCommand as soon as the pipe to it is closed: the shell keeps it open.
    await failed(to(sshd, {}, { words: ['-o', `ProxyCommand=sh -c 'env > ${seen}; :'`] }))
    vi.unstubAllEnvs()
    expect(readFileSync(seen, 'utf8')).toContain('PASSED_ON=yes')
    expect(readFileSync(seen, 'utf8')).not.toContain('FW_RUN_EXTRA_VARS')
  })

  it('makes its sockets elsewhere where TMPDIR is missing', async () => {
    vi.stubEnv('TMPDIR', join(sshd.directory, 'missing'))
    vi.stubEnv('XDG_RUNTIME_DIR', join(sshd.directory, 'missing-too'))
    ;(await opened(to(sshd))).close()
    vi.unstubAllEnvs()
    const fault = new FwRunError('credentials', 'There is no place.', { remedy: 'Make one.' })
    const access = to(sshd)
    const place = { ...access.openssh.place, socket: () => Promise.reject(fault) }
    expect(await failed({ ...access, openssh: { ...access.openssh, place } })).toBe(
      'connect: There is no place. Make one.',
    )
  })

  it('answers with the password once in all, in whichever way the host asks', () => {
    const access = to(sshd, { password: new Secret('hunter2') })
    const answer = answersFor(access, access.openssh, () => true)
    expect(answer?.('(root@127.0.0.1) Password: ')?.reveal()).toBe('hunter2')
    expect(answer?.("root@127.0.0.1's password: ")).toBeUndefined()
  })

  it('gives no host the passphrase of a key, where ssh passes on questions in the words of the host', () => {
    const passphrases = new Map([['/home/ops/.ssh/id', new Secret('open sesame')]])
    const access = to(sshd, {}, { passphrases })
    const answerTo = (version: string, ...remarks: string[]) => {
      const hearing = startHearing()
      hearing.push(Buffer.from(`${version}, OpenSSL 1.1.1\n`))
      for (const remark of remarks) hearing.push(Buffer.from(`debug1: ${remark}\n`))
      const answer = answersFor(access, access.openssh, hearing.mayPassOn)
      return answer?.("Enter passphrase for key '/home/ops/.ssh/id': ")?.reveal()
    }
    const byKey = ['Connection established.', 'Next authentication method: publickey']
    const byHost = [...byKey, 'Next authentication method: keyboard-interactive']
    // A banner of the host can look like this.
    const forged = [...byHost, ...byKey, 'x\nOpenSSH_9.9p1, OpenSSL 3']
    expect(answerTo('OpenSSH_8.4p1', ...byKey)).toBe('open sesame')
    expect(answerTo('OpenSSH_8.4p1', ...byHost)).toBeUndefined()
    expect(answerTo('OpenSSH_8.0p1', ...forged)).toBeUndefined()
    expect(answerTo('OpenSSH_8.5p1', ...byHost)).toBe('open sesame')
    expect(answerTo('OpenSSH_10.0p2', ...byHost)).toBe('open sesame')
  })

  it('gives a password and a passphrase once, through no file, and to nobody else', async () => {
    // PAM would count tries; sshd itself asks for the password of root, which is wrong here.
    const asked = await failed(
      to(
        sshd,
        { password: new Secret('hunter2') },
        { keyFile: undefined, words: ['-o', 'IdentityFile=none'] },
      ),
    )
    expect(asked).toMatch(/^login: .*the password.*It accepts: publickey, password/)
    const locked = generateKey(
      join(sshd.directory, 'locked'),
      'ed25519',
      'open sesame',
      '-Z',
      'chacha20-poly1305@openssh.com',
    )
    const authorised = join(sshd.directory, 'authorized_keys')
    writeFileSync(
      authorised,
      `${readFileSync(authorised, 'utf8')}${readFileSync(`${locked}.pub`, 'utf8')}`,
    )
    const session = await opened(
      to(
        sshd,
        {},
        { keyFile: locked, passphrases: new Map([[locked, new Secret('open sesame')]]) },
      ),
    )
    session.close()
    expect(await failed(to(sshd, {}, { keyFile: locked }))).toMatch(/^login: /)
  })

  it('tries a ProxyCommand that ends without a word only twice, because a bastion may ban who fails again and again', async () => {
    const tries = join(sshd.directory, 'tries')
    const proxyCommand = `sh -c 'echo >>${tries}; exit 1'`
    const words = ['-o', `ProxyCommand=${proxyCommand}`]
    // ssh says of some that the pipe broke, of others that the connection was closed.
    for (let round = 1; round <= 6; round++) {
      expect(await failed(to(sshd, {}, { words, proxyCommand }))).toMatch(
        /^connect: .* through its ProxyCommand closed before an SSH banner came.*without `-q`/,
      )
      expect(readFileSync(tries, 'utf8')).toBe('\n'.repeat(2 * round))
    }
  })

  it('says what is wrong in the words of the other transport', async () => {
    expect(await failed(to(sshd, { port: await freePort() }))).toMatch(
      /^connect: .* refused the connection/,
    )
    const stranger = generateKey(join(sshd.directory, 'stranger'), 'ed25519')
    expect(await failed(to(sshd, {}, { keyFile: stranger }))).toMatch(
      /^login: The host refused the login as root\. Tried: .*stranger .*It accepts: publickey, password/,
    )
    expect(await failed(to(sshd, {}, { words: ['-o', 'ProxyCommand=false'] }))).toMatch(
      /^connect: .*banner/,
    )
    expect(
      await failed(to(sshd, {}, { words: ['-o', 'ProxyCommand=echo noise; sleep 100'] }), 3),
    ).toMatch(/^connect: .*(did not answer within 3 s|SSH|banner exchange)/)
    const hung = to(sshd, {}, { words: ['-o', 'ProxyCommand=sleep 4242'] })
    expect(await failed(hung, 2)).toMatch(/^connect: .*within 2 s/)
    await eventually(() => expect(count('^sleep 4242')).toBe(0))
    expect(await failed(to(sshd, {}, { words: ['-o', 'Ciphers=foo'] }))).toMatch(
      /^connect: ssh did not connect.*Bad SSH2 cipher/,
    )
    const single = await start({ config: ['MaxSessions 0'] })
    expect(await failed(to(single))).toMatch(/^become: .*MaxSessions/)
  })

  it('reaches what ssh2 cannot: post-quantum only, a host certificate, a user certificate', async () => {
    const authority = generateKey(join(sshd.directory, 'ca'), 'ed25519')
    const strict = await start({
      config: [
        'KexAlgorithms sntrup761x25519-sha512@openssh.com',
        `TrustedUserCAKeys ${authority}.pub`,
        'HostCertificate none',
      ].slice(0, 2),
    })
    const sign = (...words: string[]) =>
      execFileSync('ssh-keygen', ['-q', '-s', authority, ...words])
    sign('-I', 'host', '-h', '-n', '127.0.0.1', join(strict.directory, 'host_ed25519.pub'))
    const user = generateKey(join(strict.directory, 'certified'), 'ed25519')
    const known = [
      `@cert-authority [127.0.0.1]:* ${publicKey(authority)}`,
      `[127.0.0.1]:${strict.port} ${strict.hostKey('ed25519')}`,
    ]
    expect(await failed(to(strict, {}, { keyFile: user }, known))).toMatch(/^login: /)
    sign('-I', 'me', '-n', 'root', `${user}.pub`)
    const session = await opened(to(strict, {}, { keyFile: user }, known))
    expect(await say(session, 'id -u\n')).toBe('0\n')
    session.close()
  })

  it('takes a host certificate where ssh2 says that it lacks that: beside an old key, and by a line without a port', async () => {
    const authority = generateKey(join(sshd.directory, 'host-ca'), 'ed25519')
    const certified = await start({
      prepare: `ssh-keygen -q -s ${authority} -I host -h -n 127.0.0.1 "$1/host_ed25519.pub"
        echo "HostCertificate $1/host_ed25519-cert.pub" >>"$1/sshd_config"`,
    })
    const name = `[127.0.0.1]:${certified.port}`
    const trusting = (names: string) => `@cert-authority ${names} ${publicKey(authority)}`
    for (const known of [
      [`${name} ${sshd.hostKey('ed25519')}`, trusting(name)],
      [`${name} ${sshd.hostKey('rsa')}`, trusting(name)],
      [`${name} ${sshd.hostKey('ed25519')}`, trusting('127.0.0.1')],
      [trusting('127.0.0.*')],
    ]) {
      const lines = parseKnownHosts(known.join('\n'), 'known_hosts')
      const bySsh2 = await openSession(knowing(await accessTo(certified), lines), {
        timeoutSeconds: 60,
      })
      expect(bySsh2).toMatchObject({ fault: { stage: 'host-key', lacks: hostCertificate } })
      const session = await opened(to(certified, {}, {}, known))
      expect(await say(session, 'echo in\n')).toBe('in\n')
      session.close()
    }
    // A plain key is no certificate.
    expect(await failed(to(sshd, {}, {}, [trusting('127.0.0.1')]))).toMatch(/^host-key: /)
  })
})

describe('a bastion by the program ssh', () => {
  it('carries many hosts in one connection, checks both keys, shows banners, and says what it could not reach', async () => {
    const gate = await start({ config: ['MaxStartups 1:100:1', 'MaxSessions 1'] })
    const bastion = createBastion(to(gate, { name: 'gate' }), 60)
    // The configuration that named the bastion is still read.
    const named = parseSshArguments('-J gate.invalid')
    const jump = 'words' in named ? named.words : []
    const gone = { ...bastion, notReady: async () => undefined, connection: () => undefined }
    expect(await failed(to(sshd, { via: gone }, { words: jump }))).toMatch(/^connect: /)
    expect(await failed(to(sshd, { via: gone }))).toMatch(/^connect: /)
    const sessions = await Promise.all(
      Array.from({ length: 4 }, () => opened(to(sshd, { via: bastion }, { words: jump }))),
    )
    const found = execFileSync('ss', ['-Htn', 'state', 'established', `sport = :${gate.port}`])
    expect(String(found).split('\n').filter(Boolean)).toHaveLength(1)
    const { signal } = new AbortController()
    expect(await missingBanner(to(sshd, { via: bastion }), 60, signal)).toBeUndefined()
    const closed = await freePort()
    expect(await failed(to(sshd, { via: bastion, port: closed }))).toMatch(
      /^connect: 127\.0\.0\.1 port \d+ \(through the bastion gate\) refused the connection/,
    )
    expect(await missingBanner(to(sshd, { via: bastion, port: closed }), 2, signal)).toMatchObject({
      reason: expect.stringContaining('refused the connection'),
    })
    expect(await failed(to(sshd, { via: bastion }, {}, []))).toMatch(/^host-key: /)
    const unknown = createBastion(to(gate, { name: 'gate' }, {}, []), 60)
    expect(await failed(to(sshd, { via: unknown }))).toMatch(
      /^connect: The bastion gate cannot be used: ssh trusts no key/,
    )

    for (const session of sessions) session.shell.stdout.resume()
    execFileSync('pkill', ['-KILL', '-P', String(gate.pid())])
    for (const session of sessions) {
      expect(await session.shell.ended).toEqual({
        kind: 'lost',
        reason: expect.stringMatching(/^the connection to the bastion gate has ended: /),
      })
    }
    const again = await opened(to(sshd, { via: bastion }))
    expect(await say(again, 'echo again\n')).toBe('again\n')
    again.close()
    bastion.close()
  })
})
