import { describe, expect, it } from 'vitest'
import type { BootFiles } from '../../../src/facts/boot-files.ts'
import { forward, hostState } from '../../plan/host-state.ts'
import { host, mangleSubject, nftSubject, resultOf, subject } from '../subject.ts'

const boot: BootFiles = {
  ...{ manager: 'systemd', program: undefined, service: undefined },
  ...{ enabled: false, masked: false, odd: [] },
}
const room = (free: number): string =>
  `Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 1000 1 999 1% /run\n/dev/vda1 9 1 ${free} 1% /`

describe('boot-files', () => {
  const judged = (texts: Record<string, string>, persist = true) => {
    const about = nftSubject({ texts, boot, intent: { persist } })
    return resultOf('boot-files', about)
  }

  it('refuses the guard forward, and names what to use instead', () => {
    const about = subject()
    const settings = { ...host.settings, persist: true }
    expect(resultOf('boot-files', { ...about, host: { ...host, settings } })).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('position'),
      remedy: expect.stringContaining('fw_guard: auto, nft or mangle'),
    })
    expect(resultOf('boot-files', about).kind).toBe('pass')
  })

  it('asks for an /etc that can be written and has space, where files are to be written', () => {
    const obstacle = { 'boot-obstacles': 'read-only /etc\nread-only /etc/systemd/system' }
    expect(judged({ room: room(4000) }).kind).toBe('pass')
    expect(judged({ ...obstacle })).toMatchObject({
      kind: 'fail',
      reason: '/etc is on a file system that cannot be written',
    })
    expect(judged({ room: room(12) })).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(/^the file system of \/etc has 12 kB free and needs \d+ kB$/),
    })
    expect(judged({ ...obstacle, room: room(0) }, false).kind).toBe('pass')
  })

  it('refuses a firewall that starts after the network or docker, and names the file to mend', () => {
    const late = 'late iptables.service docker.service\nlate iptables.service network.target'
    expect(judged({ 'boot-obstacles': late })).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining(
        'iptables.service starts after docker.service and network.target',
      ),
      remedy: expect.stringContaining(
        '`systemctl cat iptables.service docker.service network.target`',
      ),
    })
    expect(judged({ 'boot-obstacles': late }, false).kind).toBe('pass')
  })
})

describe('saved-rules', () => {
  it('names the services that restore rules at boot, and their files', () => {
    const texts = { 'boot-obstacles': 'restorer ipset\nrestorer netfilter-persistent' }
    const judged = (persist: boolean, set = 'cluster_nodes') =>
      resultOf('saved-rules', nftSubject({ texts, boot, intent: { persist, set } }))
    expect(judged(true, 'my_nodes')).toMatchObject({
      remedy: expect.stringContaining("`grep -rHnE 'KUBE-|cali|FW-RUN|my_nodes' /etc"),
    })
    expect(judged(false).kind).toBe('pass')
    expect(judged(true)).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('/etc/sysconfig/ipset and /etc/iptables/rules.v4'),
      remedy: expect.stringContaining(
        '`systemctl disable ipset` and `systemctl disable netfilter-persistent`',
      ),
    })
  })

  it('names files and commands of OpenRC there, and promises no order', () => {
    const texts = { 'boot-obstacles': 'restorer iptables' }
    const openrc = { ...boot, manager: 'openrc' } as const
    const about = nftSubject({ texts, boot: openrc, intent: { persist: true } })
    expect(resultOf('saved-rules', about)).toMatchObject({
      reason: expect.stringMatching(
        /^at boot, the service iptables restores rules or sets from \/etc\/iptables\/rules-save\. /,
      ),
      remedy: expect.stringContaining('`rc-update -a del iptables`'),
    })
    const ofDebian = { 'boot-obstacles': 'restorer netfilter-persistent' }
    const onDevuan = nftSubject({ texts: ofDebian, boot: openrc, intent: { persist: true } })
    expect(resultOf('saved-rules', onDevuan)).toMatchObject({
      reason: expect.stringContaining('from /etc/iptables/rules.v4.'),
    })
  })
})

describe('a host without systemd, whose boot files bring the guard back at boot only', () => {
  it.each([
    ['openrc', 'rc-update -a del nftables'],
    ['sysv', 'chkconfig nftables off || update-rc.d nftables disable'],
  ] as const)('is warned of a service that deletes it, with %s', (manager, command) => {
    // Without boot files, nothing of ours starts at boot.
    const move = '`rc-update -a del nftables && rc-update add nftables boot`'
    const without = { ...boot, manager }
    for (const persist of [true, false]) {
      const about = nftSubject({
        texts: { flushing: 'nftables' },
        boot: without,
        intent: { persist },
      })
      const result = resultOf('table-flush', about)
      expect(result).toMatchObject({
        kind: 'warn',
        remedy: expect.stringContaining(`\`${command}\``),
      })
      const isMoved = 'remedy' in result && result.remedy.includes(move)
      expect(isMoved).toBe(persist && manager === 'openrc')
    }
    const texts = { 'boot-obstacles': 'restorer iptables' }
    const state = { ...hostState(forward()), boot: without }
    const about = mangleSubject({ texts, state, intent: { persist: true } })
    expect(resultOf('firewall-manager', about)).toMatchObject({
      kind: 'warn',
      remedy: expect.stringContaining(`\`${command.replaceAll('nftables', 'iptables')}\``),
    })
  })
})
