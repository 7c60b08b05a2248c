import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishingTables } from '../../src/nft/publishing-tables.ts'
import type { LabHost } from '../lab/host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { long } from '../rounds.ts'
import { withGuard } from './guarded.ts'
import { four } from './matrix/addresses.ts'
import { nftRules } from './matrix/nft-rules.ts'

const run = promisify(execFile)

/** Debian's archive has these beside the one of this machine: 0.9.8, and 1.1.3. */
const suites = ['bullseye', 'trixie'] as const

const packages =
  'nftables libnftables1 libnftnl11 libmnl0 libjansson4 libedit2 libbsd0 libmd0 libxtables12 libgmp10 libtinfo6 libc6'

describe.runIf(long)('hosts with other versions of nft', () => {
  let lab: Lab
  let directory: string
  const nfts: string[] = []

  beforeAll(async () => {
    // Not in /tmp: hosts have one of their own there.
    directory = mkdtempSync('/var/tmp/fw-run-nft-')
    for (const suite of suites) nfts.push(await fetchNft(directory, suite))
    lab = await startLab({
      hosts: 2,
      each: { backend: 'nft', rules: '*filter\nCOMMIT\n', sets: '' },
    })
  })
  afterAll(async () => {
    await lab?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('read, replace and delete what each of the others made', async () => {
    const all = [...nfts, '/usr/sbin/nft']
    for (const [at, first] of all.entries()) {
      await useNft(lab, first)
      expect((await withGuard(lab, 'nft', ['apply'])).code).toBe(0)
      await useNft(lab, all[(at + 1) % all.length] ?? '')
      expect((await withGuard(lab, 'nft', ['status'])).code).toBe(0)
      const more = { fw_extra_members: ['192.0.2.99'] }
      const changed = await withGuard(lab, 'nft', ['apply'], more)
      expect(changed.stdout).toContain('replace table inet fw_run: allow 192.0.2.99')
      await useNft(lab, all[(at + 2) % all.length] ?? '')
      expect((await withGuard(lab, 'nft', ['status'], more)).code).toBe(0)
      expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(false)
      expect(await lab.pod(1).canPing(lab.pod(2).address)).toBe(true)
      expect((await withGuard(lab, 'nft', ['remove'])).code).toBe(0)
      expect(await lab.outsider.canPing(lab.pod(1).address)).toBe(true)
    }
  })

  it('do not make the nft of other programs crash', async () => {
    const [node] = lab.hosts
    if (!node) throw new Error('no host')
    for (const writer of [...nfts, '/usr/sbin/nft']) {
      await useNft(lab, writer)
      expect((await withGuard(lab, 'nft', ['apply'])).code).toBe(0)
      for (const reader of [...nfts, '/usr/sbin/nft']) {
        // Old versions open /dev/stdin, which a socket does not let them.
        await must(node, `cat | ${reader} -f -`, nftRules(four, true))
        await must(
          node,
          `${reader} -j list sets; ${reader} -j list sets ip; ${reader} list ruleset`,
        )
        // As the guard forward asks which tables publish ports.
        const chains = await node.run(`${reader} list chains`)
        expect(chains.stdout).toMatch(
          /^table ip cni_hostport \{.*\n(\t.*\n)*\t\ttype nat hook prerouting /m,
        )
        const { stdout } = await node.run(
          `for one in calico cni_hostport docker-bridges; do ${reader} list table ip $one; done`,
        )
        expect([reader, publishingTables(stdout)]).toEqual([
          reader,
          ['ip cni_hostport', 'ip docker-bridges'],
        ])
        for (const table of ['kube-proxy', 'calico', 'cni_hostport', 'docker-bridges']) {
          await must(node, `${reader} delete table ip ${table}`)
        }
      }
      expect((await withGuard(lab, 'nft', ['remove'])).code).toBe(0)
    }
  })
})

/** Makes all hosts use this nft. */
async function useNft(lab: Lab, path: string): Promise<void> {
  for (const host of lab.hosts) await must(host, `ln -sf ${path} /usr/local/sbin/nft`)
}

async function must(host: LabHost, command: string, stdin = ''): Promise<void> {
  const { code, stderr } = await host.run(`set -e; ${command}`, { stdin })
  expect([command, code, code === 0 ? '' : stderr]).toEqual([command, 0, ''])
}

/** Unpacks the nft of a suite of Debian beside the machine's own, and returns what starts it. */
async function fetchNft(directory: string, suite: string): Promise<string> {
  const home = join(directory, suite)
  for (const part of ['lists/partial', 'archives/partial', 'root']) {
    mkdirSync(join(home, part), { recursive: true })
  }
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(
    join(home, 'sources.list'),
    `deb [signed-by=${key}] http://deb.debian.org/debian ${suite} main\n`,
  )
  writeFileSync(join(home, 'status'), '')
  const options = [
    `Dir::Etc::sourcelist=${home}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${home}/lists`,
    `Dir::State::status=${home}/status`,
    `Dir::Cache=${home}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option])
  await run('apt-get', [...options, '-qq', 'update'])
  await run('apt-get', [...options, '-qq', 'download', ...packages.split(' ')], { cwd: home })
  for (const file of readdirSync(home).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(home, file), join(home, 'root')])
  }
  const root = join(home, 'root')
  const { stdout } = await run('find', [root, '-type', 'f', '-name', 'ld*.so*', '-perm', '-100'])
  const start = join(home, 'nft')
  const libraries = `${root}/usr/lib/x86_64-linux-gnu:${root}/lib/x86_64-linux-gnu`
  writeFileSync(
    start,
    `#!/bin/sh\nexec ${stdout.trim()} --library-path ${libraries} ${root}/usr/sbin/nft "$@"\n`,
    { mode: 0o755 },
  )
  return start
}
