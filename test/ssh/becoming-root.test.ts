import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import type { HostAccess } from '../../src/ssh/host-access.ts'
import { bySudo, type RootWay } from '../../src/ssh/root-way.ts'
import { type Opened, openSession } from '../../src/ssh/session.ts'
import { accessTo, knowing, pinned } from './host-access.ts'
import { byOpenssh } from './openssh/by-openssh.ts'
import { type Sshd, startSshd } from './sshd.ts'

// Real users and real sudo, in a mount namespace whose /etc is a copy.
const USERS = `
add() { useradd -m -s "$2" "$1"; echo "$1:right" | chpasswd; }
add asked /bin/bash; add dashed /bin/dash; add fishy /usr/bin/fish; add seashell /bin/tcsh
add ptyful /bin/fish; add lectured /bin/bash; add wheel /usr/bin/tcsh; add keeper /usr/bin/fish; add trusted /bin/bash
add free /bin/bash; add barred /bin/bash; add expired /bin/bash; add ttyless /bin/bash
add traced /bin/bash; echo 'set -x; echo noise' > /home/traced/.bashrc
add nologin /usr/sbin/nologin
cat > /etc/sudoers <<'SUDOERS'
Defaults !fqdn, passwd_tries=3
Defaults:ttyless, ptyful requiretty
Defaults:ptyful use_pty
Defaults:lectured lecture=always, !use_pty, secure_path=/usr/sbin:/usr/bin
asked, dashed, fishy, seashell, expired, ttyless, ptyful, lectured ALL=(root) ALL
free, traced ALL=(root) NOPASSWD: ALL
SUDOERS
chage -d 0 expired
echo root:of-root | chpasswd
printf '%s\n' 'permit keeper as root' 'permit nopass trusted as root' >/etc/doas.conf; chmod 400 /etc/doas.conf
printf '%s\n' 'auth required pam_unix.so' 'account required pam_unix.so' >/etc/pam.d/doas
printf '%s\n' 'auth required pam_unix.so' 'account required pam_unix.so' >/etc/pam.d/su
`

const options = { timeoutSeconds: 60 }
const right = new Secret('right')

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({ prepare: USERS })
})
const places: { close(): void }[] = []
afterAll(() => {
  for (const place of places) place.close()
  sshd.stop()
})

async function open(user: string, more: Partial<HostAccess> = {}): Promise<Opened> {
  const access = await accessTo(sshd, { user, become: bySudo, ...more })
  return openSession(knowing(access, pinned(sshd, 'ed25519')), options)
}

async function openBySsh(user: string, more: Partial<HostAccess> = {}): Promise<Opened> {
  const access = byOpenssh(sshd, { user, become: bySudo, ...more })
  places.push(access.openssh.place)
  return openSession(access, options)
}

async function outcome(
  user: string,
  more: Partial<HostAccess> = {},
  way: typeof open = open,
): Promise<string> {
  const result = await way(user, more)
  if (result.kind === 'failed') return `${result.fault.reason} ${result.fault.remedy}`
  const { shell, close } = result.session
  shell.write('id -un; printf %s "$HOME"\n')
  shell.end()
  const output = await text(shell.stdout)
  // On a terminal the two are one.
  const stderr = shell.stderrTail()
  close()
  return output.replace('\n', ' ') === stderr ? output : output + stderr
}

describe('openSession by sudo', () => {
  it.each(['asked', 'dashed', 'fishy', 'seashell'])(
    'becomes root with a password from the login shell of %s',
    async (user) => {
      expect(await outcome(user, { becomePassword: right })).toBe('root\n/root')
    },
  )

  it.each(['ttyless', 'ptyful', 'lectured'])('becomes root as %s', async (user) => {
    expect(await outcome(user, { becomePassword: right })).toBe('root\n/root')
  })

  it.each(['free', 'traced'])('becomes root without a password as %s', async (user) => {
    expect(await outcome(user)).toBe('root\n/root')
  })

  it.each(['free', 'traced'])('keeps an unasked password to itself as %s', async (user) => {
    expect(await outcome(user, { becomePassword: new Secret('touch /tmp/x') })).toBe('root\n/root')
  })

  it('sends a wrong password once', async () => {
    const told = await outcome('asked', { becomePassword: new Secret('wrong') })
    expect(told).toMatch(/sudo refused the password of asked\. fw-run sent it only once.*-K/)
  })

  it('asks for -K when sudo wants a password', async () => {
    expect(await outcome('asked')).toMatch(/sudo asks for a password of asked.*Run with -K/)
  })

  it('says that the user has no right to sudo', async () => {
    const told = await outcome('barred', { becomePassword: right })
    expect(told).toMatch(/barred has no right to become root by sudo.*visudo/)
  })

  it('recognises an expired password and a nologin shell', async () => {
    expect(await outcome('expired', { becomePassword: right })).toContain(
      'has expired, or the account',
    )
    expect(await outcome('nologin')).toContain('the login shell is nologin')
  })

  it('refuses a login that is not root and may not use sudo', async () => {
    expect(await outcome('free', { become: 'none' })).toMatch(
      /free is not root.*ansible_become: true/,
    )
  })

  it('logs in by password, and not with a wrong one', async () => {
    const identities = { offers: [], leftAside: [] }
    expect(await outcome('free', { identities, password: right })).toBe('root\n/root')
    const told = await outcome('free', { identities, password: new Secret('wrong') })
    expect(told).toContain('Tried: the password.')
    expect(told).not.toContain('wrong')
  })
})

describe('openSession by su', () => {
  const become: RootWay = { method: 'su', program: 'su', options: [] }

  it.each(['wheel', 'traced', 'fishy'])('takes the password of root, as %s', async (user) => {
    expect(await outcome(user, { become, becomePassword: new Secret('of-root') })).toBe(
      'root\n/root',
    )
  })

  it('sends a wrong password once, and asks for one that it lacks', async () => {
    const told = await outcome('wheel', { become, becomePassword: right })
    expect(told).toMatch(/su refused the password of root\. fw-run sent it only once.*su password/)
    expect(await outcome('wheel', { become })).toMatch(
      /su asks for the password of root\. Run with -K, and type the password of root\.$/,
    )
  })
})

describe('openSession by doas', () => {
  const become: RootWay = { method: 'doas', program: 'doas', options: [] }

  it('becomes root with a password or without one', async () => {
    expect(await outcome('keeper', { become, becomePassword: right })).toBe('root\n/root')
    expect(await outcome('trusted', { become })).toBe('root\n/root')
    expect(await outcome('trusted', { become, becomePassword: right })).toBe('root\n/root')
  })

  it('says what is wrong', async () => {
    const becomePassword = new Secret('wrong')
    expect(await outcome('keeper', { become, becomePassword })).toMatch(/doas refused the password/)
    expect(await outcome('keeper', { become })).toMatch(/doas asks for.*permit nopass keeper/)
    expect(await outcome('free', { become })).toMatch(/free has no right.*permit free as root/)
    expect(
      await outcome('free', { become: { ...become, program: '/usr/local/bin/doas-rs' } }),
    ).toMatch(/\/usr\/local\/bin\/doas-rs is not installed/)
  })
})

describe('openSession through the program ssh', () => {
  it.each([
    ['sudo with requiretty', 'ttyless', bySudo, 'right'],
    ['sudo with requiretty and use_pty', 'ptyful', bySudo, 'right'],
    ['su', 'wheel', { method: 'su', program: 'su', options: [] }, 'of-root'],
    ['doas with a password', 'keeper', { method: 'doas', program: 'doas', options: [] }, 'right'],
  ] as const)('becomes root by %s', async (_way, user, become, password) => {
    const becomePassword = new Secret(password)
    expect(await outcome(user, { become, becomePassword }, openBySsh)).toBe('root\n/root')
    const wrong = await outcome(user, { become, becomePassword: new Secret('wrong') }, openBySsh)
    expect(wrong).toMatch(/(sudo|su|doas) refused the password .*only once/)
  })
})

describe.each([
  ['ssh2', open],
  ['the program ssh', openBySsh],
])('a root shell on a terminal, through %s', (_name, way) => {
  it('gets every byte as it was sent, echoes none, and ends when told', async () => {
    const result = await way('ptyful', { becomePassword: right })
    if (result.kind !== 'opened') throw new Error(result.fault.reason)
    const { shell, close } = result.session
    const long = `${'x'.repeat(9000)}\u0003\u0004\u001a\\n\ttäglich`
    shell.write(`cat <<'END'\n${long}\nEND\necho lost >&2; test -t 0 || exit 7\n`)
    expect(await text(shell.stdout)).toBe(`${long}\nlost\n`)
    expect(await shell.ended).toEqual({ kind: 'exited', code: 7 })
    close()
  })
})
