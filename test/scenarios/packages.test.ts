import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { long } from '../rounds.ts'
import { articleGuard, firewalls, guards, quote } from './fw-run.ts'
import { restartSshd } from './sshd.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))

/** Runs a program of this machine to its end; throws what it said if it fails. */
function run(program: string, words: readonly string[], cwd = '/'): string {
  const { SOURCE_DATE_EPOCH: _, ...env } = process.env
  return execFileSync(program, words, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

// Downloads two builds of Node and two systems of Debian, and compresses for minutes.
describe.runIf(long)('npm run package', { timeout: 3_600_000 }, () => {
  const folder = long ? mkdtempSync(join(tmpdir(), 'fw-run-packages-')) : ''
  /** A copy of the checkout, as a commit of its own: other tests run the program that a build would replace. */
  const copy = join(folder, 'checkout')
  const packages = join(copy, 'packages')
  /** A Debian without Node. */
  const root = join(folder, 'root')
  let commit = ''
  let lab: Lab
  let before: readonly string[]

  beforeAll(async () => {
    lab = await startLab({ hosts: [{}, { flavour: 'el7' }], each: { login: 'sudo-password' } })
    before = await firewalls(lab)
    const listed = run('git', ['ls-files', '-z', '-co', '--exclude-standard'], checkout)
    for (const name of listed.split('\0').filter(Boolean)) {
      const [from, to] = [join(checkout, name), join(copy, name)]
      if (existsSync(from)) cpSync(from, to)
    }
    symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'))
    const git = (...words: string[]): string =>
      run('git', ['-c', 'user.name=x', '-c', 'user.email=x@localhost', ...words], copy)
    git('init', '--quiet')
    git('add', '--all')
    git('commit', '--quiet', '-m', 'x')
    commit = git('rev-parse', 'HEAD').trim()
    run('npm', ['run', 'package'], copy)
    run('debootstrap', ['--variant=minbase', '--include=openssh-client', 'bookworm', root])
    // ssh takes the home from there.
    run('sed', ['-i', `s:/root:${lab.jump.home}:`, `${root}/etc/passwd`])
    // In the lab's own view of the disk, which ends with it.
    const mounts = `mount --rbind /dev ${root}/dev && mount -t proc proc ${root}/proc`
    expect(await lab.jump.run(mounts)).toMatchObject({ code: 0, stderr: '' })
  }, 3_600_000)
  afterAll(async () => {
    await lab?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const made = (ending: string): string => {
    const [name = '', ...others] = readdirSync(packages).filter((one) => one.endsWith(ending))
    expect(others).toEqual([])
    return join(packages, name)
  }
  const inside = (...words: string[]): string => run('chroot', [root, ...words])

  /** The main job by one program on the jump host, and back. */
  async function protectsAndRemoves(program: readonly string[], more: readonly string[] = []) {
    const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
    const fwRun = (command: string) =>
      lab.jump.run([...program, command, '-i', inventory, '-K', ...more].map(quote).join(' '), {
        stdin: 'ops-password\nops-password\n',
      })
    const applied = await fwRun('apply')
    expect(applied.stdout + applied.stderr).toContain('apply: done, 2 of 2 hosts changed.')
    expect(applied.code).toBe(0)
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
    const removed = await fwRun('remove')
    expect(removed.code, removed.stdout + removed.stderr).toBe(0)
    expect(await firewalls(lab)).toEqual(before)
  }

  it('makes every package, with its checksum', () => {
    const names = readdirSync(packages).sort()
    expect(names).toEqual(
      [
        'SHA256SUMS',
        `fw-run-${version}-1.aarch64.rpm`,
        `fw-run-${version}-1.x86_64.rpm`,
        `fw-run-${version}-licences.txt`,
        `fw-run-${version}-linux-arm64`,
        `fw-run-${version}-linux-x64`,
        `fw-run-${version}.tgz`,
        `fw-run_${version}_amd64.deb`,
        `fw-run_${version}_arm64.deb`,
      ].sort(),
    )
    const checked = run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], packages)
    expect(checked.match(/: OK$/gm)).toHaveLength(names.length - 1)
  })

  /** Where a system has the files of the package. */
  const installed = [
    '/usr/bin/fw-run',
    '/usr/share/man/man1/fw-run.1.gz',
    '/usr/share/bash-completion/completions/fw-run',
    '/usr/share/zsh/vendor-completions/_fw-run',
    '/usr/share/fish/vendor_completions.d/fw-run.fish',
    '/usr/share/doc/fw-run/copyright',
  ]
  const found = () => installed.filter((file) => existsSync(join(root, file)))

  async function isWhole(): Promise<void> {
    expect(found()).toEqual(installed)
    await protectsAndRemoves(['chroot', root, 'fw-run'])
    const completion = `source ${installed[2]}; complete -p fw-run`
    expect(inside('bash', '-c', completion)).toContain('_fw_run')
    expect(inside('sh', '-c', `zcat ${installed[1]}`)).toMatch(
      new RegExp(`^\\.TH FW-RUN 1 .* "fw-run ${version}"$`, 'm'),
    )
    const licences = inside('cat', installed[5] ?? '')
    for (const part of ['fw-run', 'ssh2 1.17.0', 'Node 20.20.2', 'OpenSSL'])
      expect(licences).toContain(part)
  }

  it('makes a package that Debian installs, runs and removes', async () => {
    cpSync(made('_amd64.deb'), join(root, 'fw-run.deb'))
    inside('dpkg', '--install', '/fw-run.deb')
    await isWhole()
    inside('dpkg', '--purge', 'fw-run')
    expect(found()).toEqual([])
  })

  it('makes an rpm with the same files, which ask for the libraries of Node', async () => {
    const rpm = made('.x86_64.rpm')
    expect(run('rpm', ['-qp', '--requires', rpm])).toMatch(/^glibc >= 2\.28$/m)
    run('sh', ['-c', `rpm2cpio ${quote(rpm)} | cpio --quiet -idm`], root)
    await isWhole()
    for (const file of found()) rmSync(join(root, file))
  })

  it('makes a package for npm that needs no network and no script', async () => {
    const prefix = join(folder, 'prefix')
    const npm = (...words: string[]) =>
      run('npm', [...words, '--global', '--prefix', prefix, '--offline'], folder)
    mkdirSync(join(folder, 'cache'))
    npm('install', made('.tgz'), '--ignore-scripts', '--cache', join(folder, 'cache'))
    const program = join(prefix, 'bin', 'fw-run')
    const package_ = join(prefix, 'lib', 'node_modules', 'fw-run')
    expect(existsSync(join(package_, 'node_modules'))).toBe(false)
    await protectsAndRemoves([program])
    const said = run(process.execPath, [program, 'version', '-v'])
    expect(said).toContain(
      `commit ${commit}\nNode ${process.versions.node} (${process.execPath})\n`,
    )
    npm('uninstall', 'fw-run')
    expect([existsSync(program), existsSync(package_)]).toEqual([false, false])
  })

  describe('the executable', () => {
    it('protects hosts from a system without Node', async () => {
      expect(() => inside('sh', '-c', 'command -v node')).toThrow()
      cpSync(made('-linux-x64'), join(root, 'usr/local/bin/fw-run'))
      await protectsAndRemoves(['chroot', root, 'fw-run'])
    })

    it('says what it was built from', () => {
      const said = inside('fw-run', 'version', '-v')
      expect(said).toMatch(
        new RegExp(
          `^fw-run ${version}\ncommit ${commit}\nNode 20\\.[\\d.]+ \\(inside the executable\\)\n`,
        ),
      )
      expect(said).toMatch(/^ssh2 1\.\d+\.\d+$/m)
      expect(inside('fw-run', '--version')).toBe(`${version}\n`)
    })

    it('of the other processor starts there', () => {
      const other = join(folder, 'root-arm64')
      run('debootstrap', ['--variant=minbase', '--foreign', '--arch=arm64', 'bookworm', other])
      const words = ['-L', other, made('-linux-arm64'), '--version']
      expect(run('qemu-aarch64-static', words)).toBe(`${version}\n`)
    })

    it('answers an ssh that asks for a password', async () => {
      const only = ['PasswordAuthentication=yes', 'PubkeyAuthentication=no']
      for (const host of lab.hosts) await restartSshd(host, ...only)
      await protectsAndRemoves(['chroot', root, 'fw-run'], ['--transport', 'openssh', '-k'])
    })
  })
})
