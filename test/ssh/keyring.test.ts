import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { FwRunError } from '../../src/errors.ts'
import { Secret } from '../../src/secret.ts'
import { type ConfiguredKeys, createKeyring, type Keyring } from '../../src/ssh/keyring.ts'
import { field } from '../../src/ssh/keys/field.ts'
import { fingerprint, parsePublicKey } from '../../src/ssh/keys/public-key.ts'
import { agentKeys } from '../../src/ssh/login/agent-keys.ts'
import { openSession } from '../../src/ssh/session.ts'
import { accessAt, knowing, pinned, silentKeyring } from './host-access.ts'
import { securityKey } from './keys/security-key.ts'
import { byOpenssh } from './openssh/by-openssh.ts'
import { type SshAgent, startSshAgent } from './ssh-agent.ts'
import { generateKey, type Sshd, startSshd } from './sshd.ts'

let sshd: Sshd
let directory: string
let agent: SshAgent
beforeAll(async () => {
  sshd = await startSshd()
  directory = mkdtempSync(join(tmpdir(), 'fw-run-keys-'))
  agent = await startSshAgent(directory)
})
afterAll(() => {
  agent.stop()
  sshd.stop()
  rmSync(directory, { recursive: true, force: true })
})
afterEach(() => {
  vi.unstubAllEnvs()
  agent.empty()
})

function answering(passphrase: string, socket?: string) {
  const askPassphrase = vi.fn((_file: string) => Promise.resolve(new Secret(passphrase)))
  return { askPassphrase, keyring: createKeyring({ agentSocket: socket, askPassphrase }) }
}

function authorise(...keys: string[]): void {
  const publicHalves = keys.map((key) =>
    execFileSync('ssh-keygen', ['-y', '-P', 'open sesame', '-f', key]),
  )
  writeFileSync(join(sshd.directory, 'authorized_keys'), Buffer.concat(publicHalves))
}

async function logsIn(keyring: Keyring, files: string[] = []): Promise<string> {
  const identities = await keyring.identities(files, false)
  const access = accessAt(sshd.port, { identities })
  const opened = await openSession(knowing(access, pinned(sshd, 'ed25519')), { timeoutSeconds: 60 })
  if (opened.kind === 'failed') return opened.fault.reason
  opened.session.close()
  return 'yes'
}

/** A home with an empty .ssh, where default keys are looked for. */
function emptyHome(name: string): string {
  const home = join(directory, name)
  mkdirSync(join(home, '.ssh'), { recursive: true })
  vi.stubEnv('HOME', home)
  return join(home, '.ssh')
}

describe('createKeyring with named files', () => {
  it.each([
    ['ed25519', []],
    ['ecdsa', []],
    ['ecdsa', ['-b', '521']],
    ['rsa', ['-b', '2048']],
    ['rsa', ['-b', '2048', '-m', 'PEM']],
    ['ecdsa', ['-m', 'PEM']],
    ['rsa', ['-b', '2048', '-m', 'PKCS8']],
    ['ecdsa', ['-m', 'PKCS8']],
  ])('logs in with %s %j, open and locked', async (type, more) => {
    const name = join(directory, [type, ...more].join(''))
    const open = generateKey(name, type, '', ...more)
    const locked = generateKey(`${name}.locked`, type, 'open sesame', ...more)
    authorise(open)
    expect(await logsIn(silentKeyring(), [open])).toBe('yes')
    authorise(locked)
    expect(await logsIn(answering('open sesame').keyring, [locked])).toBe('yes')
    await expect(answering('wrong').keyring.identities([locked], false)).rejects.toMatchObject({
      code: 'credentials',
      message: `The passphrase for ${locked} is wrong.`,
    })
  })

  it.each([undefined, { cipher: 'aes-256-cbc', passphrase: 'open sesame' }])(
    'logs in with an ed25519 key in PKCS#8, encryption %j',
    async (encryption) => {
      const { privateKey } = generateKeyPairSync('ed25519')
      const file = join(directory, `pkcs8${encryption ? 'locked' : ''}`)
      writeFileSync(file, exportPkcs8(privateKey, encryption), { mode: 0o600 })
      const identities = await answering('open sesame').keyring.identities([file], false)
      const [identity] = identities.offers
      if (identity?.kind !== 'key') throw new Error('no key')
      const line = `ssh-ed25519 ${identity.key.getPublicSSH().toString('base64')}\n`
      writeFileSync(join(sshd.directory, 'authorized_keys'), line)
      expect(await logsIn(answering('open sesame').keyring, [file])).toBe('yes')
    },
  )

  it('unlocks keys of every cipher that ssh-keygen has, or leaves them to the program ssh', async () => {
    const ciphers = execFileSync('ssh', ['-Q', 'cipher'], { encoding: 'utf8' }).trim().split('\n')
    const left: string[] = []
    for (const cipher of ciphers) {
      const file = generateKey(join(directory, cipher), 'ed25519', 'open sesame', '-Z', cipher)
      const { keyring } = answering('open sesame')
      if ((await keyring.onlySsh([file], false)) !== undefined) left.push(cipher)
      else expect((await keyring.identities([file], false)).offers).toHaveLength(1)
      expect([...(await keyring.passphrases([file], false)).keys()]).toEqual([file])
    }
    expect(ciphers.length).toBeGreaterThan(6)
    expect(left).toEqual(['chacha20-poly1305@openssh.com'])
  })

  it('keeps the private half out of what is printed', async () => {
    const file = generateKey(join(directory, 'printed'), 'ed25519')
    const identities = await silentKeyring().identities([file], false)
    const printed = inspect(identities, { depth: null }) + JSON.stringify(identities)
    expect(printed).toContain(file)
    expect(printed).not.toContain('PRIVATE KEY')
  })

  it('asks once a file, however many hosts want it', async () => {
    const file = generateKey(join(directory, 'shared'), 'ed25519', 'open sesame')
    const { keyring, askPassphrase } = answering('open sesame')
    await Promise.all([1, 2, 3].map(() => keyring.identities([file], false)))
    expect(askPassphrase).toHaveBeenCalledExactlyOnceWith(file)
  })

  it('gives ssh the passphrase of the key that each host names', async () => {
    const keys = ['of-one', 'of-other'].map((name) =>
      generateKey(join(directory, name), 'ed25519', 'open sesame'),
    )
    const { keyring } = answering('open sesame')
    for (const key of keys)
      expect([...(await keyring.passphrases([key], false)).keys()]).toEqual([key])
  })

  it('is not kept alive by the socket of an agent that does not answer', async () => {
    agent.add(generateKey(join(directory, 'asked-for'), 'ed25519'))
    const [key] = (await agentKeys(agent.socket)).keys
    const unref = vi.spyOn(Socket.prototype, 'unref')
    const stream = await new Promise<Duplex | undefined>((resolve) => {
      key?.agent.getStream?.((_, opened) => resolve(opened))
    })
    expect(unref.mock.contexts).toContain(stream)
    unref.mockRestore()
    stream?.destroy()
  })

  it('takes the copy in the agent, and none of its other keys', async () => {
    const file = generateKey(
      join(directory, 'held'),
      'ed25519',
      'open sesame',
      '-Z',
      'chacha20-poly1305@openssh.com',
    )
    const open = generateKey(join(directory, 'stranger'), 'ed25519')
    agent.add(open)
    const { keyring, askPassphrase } = answering('open sesame', agent.socket)
    const refused = await keyring.identities([file], false).catch((error: FwRunError) => error)
    const { code, remedy = '' } = refused instanceof FwRunError ? refused : { code: 'none' }
    expect(code).toBe('credentials')
    agent.add(file, 'open sesame')
    authorise(file)
    const again = createKeyring({ agentSocket: agent.socket, askPassphrase })
    expect((await again.identities([file], false)).offers).toHaveLength(1)
    expect(await logsIn(again, [file])).toBe('yes')
    expect(await logsIn(again, [`${file}.pub`])).toBe('yes')
    expect(askPassphrase).not.toHaveBeenCalled()

    const [, command] =
      /^Run: (ssh-keygen -p [^;]+); or add the key to an ssh-agent/.exec(remedy) ?? []
    execFileSync('sh', ['-c', `${command} -P 'open sesame' -N '' -a 1`])
    expect((await silentKeyring().identities([file], false)).offers).toHaveLength(1)
  })

  it('refuses what cannot be used, and says what to do', async () => {
    const file = generateKey(join(directory, 'open-to-all'), 'ed25519')
    chmodSync(file, 0o644)
    const junk = join(directory, 'junk')
    writeFileSync(junk, 'hello', { mode: 0o600 })
    const fifo = join(directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    const wanted: [string, string][] = [
      [file, `Run: chmod 600 ${file}`],
      [fifo, 'Check the path and the permissions of the file. Or name another key'],
      [join(directory, 'absent'), 'Correct --private-key'],
      [junk, '`puttygen KEY'],
      [`${sshd.userKey}.pub`, 'Name the private key'],
    ]
    for (const [name, remedy] of wanted) {
      await expect(silentKeyring().identities([name], false)).rejects.toMatchObject({
        code: 'credentials',
        remedy: expect.stringContaining(remedy),
      })
    }
  })
})

describe('createKeyring without named files', () => {
  it('offers the agent before the default files, each key once', async () => {
    const home = emptyHome('both')
    const rsa = generateKey(join(home, 'id_rsa'), 'rsa', '', '-b', '2048')
    generateKey(join(home, 'id_ed25519'), 'ed25519')
    const stranger = generateKey(join(directory, 'first-in-agent'), 'ed25519')
    agent.add(stranger)
    agent.add(rsa)
    const { keyring } = answering('open sesame', agent.socket)
    const { offers } = await keyring.identities([], false)
    expect(offers.map(({ kind }) => kind)).toEqual(['agent', 'agent', 'key'])
    authorise(rsa)
    expect(await logsIn(keyring)).toBe('yes')
  })

  it('skips a mute agent', async () => {
    emptyHome('mute')
    const socket = join(directory, 'mute.sock')
    const mute = createServer((client) => client.on('error', () => {})).listen(socket)
    expect((await answering('', socket).keyring.identities([], false)).offers).toEqual([])
    mute.close()
  })

  it('passes over broken keys of an agent, and takes what is whole before an answer is cut', async () => {
    const home = emptyHome('broken')
    const key = generateKey(join(home, 'other'), 'ed25519')
    const whole = parsePublicKey(readFileSync(`${key}.pub`, 'utf8')) ?? Buffer.alloc(0)
    const noModulus = Buffer.concat([field('ssh-rsa'), field(Buffer.from([3])), field('')])
    const pem = readFileSync(key)
    const listed = [noModulus, Buffer.alloc(0), pem, whole].map((blob) => [field(blob), field('c')])
    const body = Buffer.concat([Buffer.from([12, 0, 0, 0, 9]), ...listed.flat(), Buffer.alloc(3)])
    const socket = join(directory, 'broken.sock')
    const broken = createServer((client) => client.end(field(body))).listen(socket)
    const { offers } = await answering('', socket).keyring.identities([], false)
    expect(offers.map(({ label }) => label)).toEqual([`ssh-agent c (${fingerprint(whole)})`])
    broken.close()
  })

  it('skips a dead agent', async () => {
    emptyHome('dead')
    const { keyring } = answering('open sesame', join(directory, 'nobody.sock'))
    expect((await keyring.identities([], false)).offers).toEqual([])
    expect(await logsIn(keyring)).toContain('There was no key and no password to try')
  })

  it('asks for a default key only when nothing else can log in', async () => {
    const home = emptyHome('locked')
    const locked = generateKey(join(home, 'id_ed25519'), 'ed25519', 'open sesame')
    const { keyring, askPassphrase } = answering('open sesame')
    const withPassword = await keyring.identities([], true)
    expect(withPassword.offers).toEqual([])
    expect(withPassword.leftAside[0]).toContain(`--private-key ${locked}`)
    expect(askPassphrase).not.toHaveBeenCalled()
    authorise(locked)
    expect(await logsIn(keyring)).toBe('yes')
    expect(askPassphrase).toHaveBeenCalledOnce()
  })

  it('asks for no passphrase where another way in is open, but uses one that was asked for already', async () => {
    const home = emptyHome('other-way')
    const locked = generateKey(join(home, 'id_ed25519'), 'ed25519', 'open sesame')
    const other = generateKey(join(home, 'other'), 'ed25519', 'open sesame')
    const { keyring, askPassphrase } = answering('open sesame')
    const by = (name: string, isOpen: boolean) => ({ name, isOpen: async () => isOpen })
    const open = by('gate', true)
    const { offers, leftAside } = await keyring.identities([], false, undefined, open)
    expect(offers).toEqual([])
    expect(leftAside).toEqual([expect.stringContaining(`ssh-add ${locked}`)])
    expect((await keyring.passphrases([], false, undefined, open)).size).toBe(0)
    expect(askPassphrase).not.toHaveBeenCalled()
    await keyring.identities([other], false)
    await keyring.identities([], false, undefined, by('closed', false))
    expect(askPassphrase.mock.calls).toEqual([[other], [locked]])
    const later = by('far', true)
    expect((await keyring.identities([], false, undefined, later)).offers).toHaveLength(1)
    expect((await keyring.passphrases([], false, undefined, later)).size).toBe(1)
    expect(askPassphrase).toHaveBeenCalledTimes(2)
  })

  it('asks for the only key of a configuration with IdentitiesOnly, whatever else the agent holds', async () => {
    const file = generateKey(join(directory, 'only-key'), 'ed25519', 'open sesame')
    const gone = generateKey(join(directory, 'gone'), 'ed25519', 'open sesame')
    rmSync(gone)
    agent.add(generateKey(join(directory, 'unrelated'), 'ed25519'))
    const { askPassphrase } = answering('open sesame')
    const asked = async (only: boolean) => {
      const keyring = createKeyring({ agentSocket: agent.socket, askPassphrase })
      const configured = { files: [file, gone], only, agentSocket: undefined }
      return [...(await keyring.passphrases([], false, configured)).keys()]
    }
    expect(await asked(false)).toEqual([])
    expect(await asked(true)).toEqual([file])
    agent.add(file, 'open sesame')
    expect(await asked(true)).toEqual([])
  })

  it('does not ask for a locked default key beside an open one', async () => {
    const home = emptyHome('beside')
    generateKey(join(home, 'id_ed25519'), 'ed25519', 'open sesame')
    generateKey(join(home, 'id_ecdsa'), 'ecdsa')
    const { offers, leftAside } = await silentKeyring().identities([], false)
    expect(offers).toHaveLength(1)
    expect(leftAside).toHaveLength(1)
  })

  describe('a security key that only an agent has', () => {
    const held = (home: string): string => {
      const file = join(home, 'held')
      writeFileSync(file, securityKey().file, { mode: 0o600 })
      agent.add(file)
      return file
    }
    const keyring = () => answering('', agent.socket).keyring

    it('needs the program ssh where there is no other key', async () => {
      held(emptyHome('touch'))
      const said = await keyring().onlySsh([], false)
      expect(said).toMatch(/^the security key \(FIDO\) .* of ssh-agent$/)
      // A host that has a password needs no key.
      expect(await keyring().onlySsh([], true)).toBeUndefined()
    })

    it('needs the program ssh as a default file, too, and its passphrase', async () => {
      const home = emptyHome('touch-file')
      const file = join(home, 'id_ed25519_sk')
      writeFileSync(file, securityKey().file, { mode: 0o600 })
      const alone = silentKeyring()
      expect(await alone.onlySsh([], false)).toContain(`the security key (FIDO) ${file} `)
      expect(await alone.onlySsh([], true)).toBeUndefined()
      const only = { files: undefined, only: true, agentSocket: undefined }
      expect(await alone.onlySsh([], false, only)).toContain(file)
      const other = { ...only, files: [join(home, 'other')] }
      expect(await alone.onlySsh([], false, other)).toBeUndefined()
      expect((await alone.identities([], false)).leftAside).toEqual([
        expect.stringMatching(/_sk .* --transport openssh\.$/),
      ])
      execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-a', '1', '-f', file])
      const { keyring: asking } = answering('open sesame')
      expect([...(await asking.passphrases([], false)).keys()]).toEqual([file])

      generateKey(join(home, 'id_ed25519'), 'ed25519')
      expect(await silentKeyring().onlySsh([], false)).toBeUndefined()
      expect((await silentKeyring().passphrases([], false)).size).toBe(0)
    })

    it('is left aside, with the way to use it, beside another key', async () => {
      const home = emptyHome('beside-touch')
      held(home)
      generateKey(join(home, 'id_ed25519'), 'ed25519')
      expect(await keyring().onlySsh([], false)).toBeUndefined()
      const { offers, leftAside } = await keyring().identities([], false)
      expect(offers).toHaveLength(1)
      expect(leftAside).toEqual([
        expect.stringMatching(/^the security key \(FIDO\) .* --transport openssh\.$/),
      ])
    })
  })

  it('leaves a certificate of the agent to the program ssh, also beside plain keys, but not with IdentitiesOnly', async () => {
    emptyHome('agent-certificate')
    const authority = generateKey(join(directory, 'authority'), 'ed25519')
    const key = generateKey(join(directory, 'certified-key'), 'ed25519')
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', 'root', `${key}.pub`])
    agent.add(key)
    agent.add(generateKey(join(directory, 'for-others'), 'ed25519'))
    const { keyring } = answering('', agent.socket)
    expect(await keyring.onlySsh([], false)).toMatch(/^the certificate .* of ssh-agent$/)
    vi.stubEnv('PATH', directory)
    const withoutSsh = answering('', agent.socket).keyring
    expect(await withoutSsh.onlySsh([], false)).toBeUndefined()
    vi.unstubAllEnvs()
    expect(await keyring.onlySsh([sshd.userKey], false)).toBeUndefined()
    const only = { files: undefined, only: true, agentSocket: undefined }
    expect(await keyring.onlySsh([], false, only)).toBeUndefined()
  })

  it('leaves aside a default key that others can read', async () => {
    const home = emptyHome('loose')
    const loose = generateKey(join(home, 'id_ed25519'), 'ed25519')
    chmodSync(loose, 0o640)
    const told = await logsIn(silentKeyring())
    const [command = ''] = /chmod 600 \S+/.exec(told) ?? []
    expect(command).toBe(`chmod 600 ${loose}`)
    execFileSync('sh', ['-c', command])
    authorise(loose)
    expect(await logsIn(silentKeyring())).toBe('yes')
  })
})

function exportPkcs8(key: KeyObject, encryption: object | undefined): string {
  return key.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString()
}

describe('createKeyring with keys of an SSH configuration', () => {
  const labels = async (keyring: Keyring, configured: ConfiguredKeys): Promise<string> => {
    const { offers, leftAside } = await keyring.identities([], false, configured)
    return [...offers.map(({ label }) => label.replace(/ \(SHA256.*/, '')), ...leftAside].join('\n')
  }
  const usual = { agentSocket: undefined, only: false }

  it('offers the files, and of an agent with many keys only their own under IdentitiesOnly', async () => {
    emptyHome('configured')
    const [mine = '', other = ''] = ['mine', 'other'].map((name) => {
      const file = generateKey(join(directory, name), 'ed25519', '', '-C', name)
      agent.add(file)
      return file
    })
    const { keyring } = answering('', agent.socket)
    const all = await labels(keyring, { ...usual, files: [other] })
    expect(all).toBe('ssh-agent other\nssh-agent mine')
    expect(await labels(keyring, { ...usual, files: [other], only: true })).toBe('ssh-agent other')
    const none = { files: [mine], only: true, agentSocket: 'none' }
    expect(await labels(keyring, none)).toBe(mine)
  })

  it('logs in with the tenth key of an agent, where sshd would refuse after six', async () => {
    emptyHome('ten')
    const keys = Array.from({ length: 10 }, (_, at) => {
      const file = generateKey(join(directory, `tenth${at}`), 'ed25519')
      agent.add(file)
      return file
    })
    const last = keys.at(-1) ?? ''
    authorise(last)
    const { keyring } = answering('')
    const configured = { files: [`${last}.pub`], only: true, agentSocket: agent.socket }
    const identities = await keyring.identities([], false, configured)
    const words = [
      'IdentitiesOnly=yes',
      `IdentityFile=${last}.pub`,
      `IdentityAgent=${agent.socket}`,
    ]
    const { openssh } = byOpenssh(
      sshd,
      {},
      { keyFile: undefined, words: words.flatMap((one) => ['-o', one]) },
    )
    for (const way of [{}, { openssh }]) {
      const access = knowing(accessAt(sshd.port, { identities, ...way }), pinned(sshd, 'ed25519'))
      const opened = await openSession(access, { timeoutSeconds: 60 })
      expect(opened.kind === 'failed' ? opened.fault.reason : 'yes').toBe('yes')
      if (opened.kind === 'opened') opened.session.close()
    }
    openssh.place.close()
  })

  it('takes another agent, and a public key for the private one that an agent has', async () => {
    emptyHome('public')
    const file = generateKey(join(directory, 'held-by-agent'), 'ed25519', '', '-C', 'held')
    agent.add(file)
    const { keyring } = answering('')
    const there = { files: [`${file}.pub`], only: true, agentSocket: agent.socket }
    expect(await labels(keyring, there)).toBe('ssh-agent held')
    expect(await labels(keyring, { ...there, agentSocket: undefined })).toContain(
      `The key file ${file}.pub is only a public key, and no ssh-agent has its private key`,
    )
  })

  it('leaves aside, with the reason, a file that is missing and a certificate', async () => {
    emptyHome('aside')
    const file = generateKey(join(directory, 'certified'), 'ed25519')
    writeFileSync(`${file}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA\n')
    const missing = join(directory, 'missing')
    const said = await labels(silentKeyring(), { ...usual, files: [missing, file] })
    expect(said).toContain(`${missing} of the SSH configuration does not exist`)
    expect(said).toContain(`does not offer the certificate ${file}-cert.pub`)
  })
})
