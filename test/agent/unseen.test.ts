import { describe, expect } from 'vitest'
import type { GuardChoice } from '../../src/agent/agent.ts'
import type { Intent } from '../../src/guard/intent.ts'
import { planHost } from '../../src/plan/plan.ts'
import { mangleIntent } from '../guard/mangle-intent.ts'
import { changesFor, talkTo } from './conversation.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'

type Backend = 'legacy' | 'nft'

const other = { legacy: 'nft', nft: 'legacy' } as const

const removal: Intent = { kind: 'remove', set: 'cluster_nodes' }

/** Makes a host speak to that backend, as update-alternatives does. */
function speakTo(
  host: Host,
  backend: Backend,
  families: readonly string[] = ['iptables', 'ip6tables'],
): void {
  for (const tool of families) {
    host.run(`for verb in '' -save -restore; do
      ln -sf /usr/sbin/${tool}-${backend}$verb /usr/local/sbin/${tool}$verb
    done`)
  }
}

/** What a host is refused for, as an agent for this guard reads it now; undefined where something is planned. */
async function refusal(
  host: Host,
  guard: GuardChoice,
  edit = (program: string): string => program,
): Promise<{ over: string; reason: string; remedy: string } | undefined> {
  const agent = await talkTo(host, 'run-2', 'test', 30, edit, guard)
  const plan = planHost(await agent.state(), removal)
  await agent.leave()
  return plan.kind === 'refused' ? plan : undefined
}

async function guardByMangle(host: Host): Promise<void> {
  const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, 'mangle')
  const state = await agent.state()
  expect(await agent.apply(state, changesFor(state, mangleIntent))).toBe('applied')
  expect(await agent.commit()).toBe('committed')
  await agent.leave()
}

/** Types the command of a remedy. */
function type(host: Host, remedy = ''): void {
  host.run(/`([^`]+)`/.exec(remedy)?.[1] ?? 'false')
}

describe.concurrent.each(Object.entries(shells))(
  'a guard that is not seen, under %s',
  (_, command) => {
    const it = itOnHost(command)

    it.for(['legacy', 'nft'] as const)(
      'is found after iptables was switched, when it is a chain of %s',
      async (backend, { host }) => {
        speakTo(host, backend)
        await guardByMangle(host)
        for (const guard of ['mangle', 'nft', 'auto', 'forward'] as const) {
          speakTo(host, backend)
          expect(await refusal(host, guard), guard).toBeUndefined()
          speakTo(host, other[backend])
          expect(await refusal(host, guard), guard).toMatchObject({
            over: 'chain',
            reason: expect.stringContaining(`\`iptables-${backend} -t mangle\``),
          })
        }
        type(host, (await refusal(host, 'auto'))?.remedy)
        expect(await refusal(host, 'auto')).toBeUndefined()
        const left = `iptables-${backend}-save; ip6tables-${backend}-save`
        expect(host.run(left)).not.toContain('FW-RUN')
      },
    )

    it('may stand where nft is no longer installed, as long as its table was not deleted', async ({
      host,
    }) => {
      const without = (program: string): string => program.replaceAll('has nft', 'has nft-gone')
      const table = 'chain prerouting { type filter hook prerouting priority -155; policy accept; }'
      const change = async (after: string | undefined, commit = true): Promise<void> => {
        const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, 'nft')
        const state = await agent.state()
        const before = state.table?.text
        expect(await agent.apply(state, [{ kind: 'table', before, after }])).toBe('applied')
        expect(await (commit ? agent.commit() : agent.rollback())).toMatch(
          /^(committed|rolled-back)$/,
        )
        await agent.leave()
      }
      expect(await refusal(host, 'auto', without)).toBeUndefined()
      await change(table, false)
      expect(host.run('ls /run')).not.toContain('fw-run')
      await change(table)
      await change(undefined, false)
      for (const guard of ['auto', 'mangle', 'forward'] as const) {
        expect(await refusal(host, guard, without), guard).toMatchObject({
          over: 'table',
          reason: expect.stringContaining('may still be active'),
        })
        expect(await refusal(host, guard), guard).toBeUndefined()
      }
      const toReboot = async (): Promise<boolean | undefined> =>
        (await refusal(host, 'auto', without))?.remedy?.includes('reboot')
      expect(await toReboot()).toBe(true)
      // Boot files would be in the way again.
      host.run(`mount -t tmpfs none /mnt; mkdir /mnt/up /mnt/work
        mount -t overlay none -o lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work /etc
        mkdir /etc/fw-run; echo 'delete table inet fw_run' >/etc/fw-run/guard.sh`)
      expect(await toReboot()).toBe(false)
      host.run('umount /etc /mnt')
      await change(undefined)
      expect(await refusal(host, 'auto', without)).toBeUndefined()
      expect(host.run('ls /run')).not.toContain('fw-run')
    })

    it('is found when only ip6tables was switched', async ({ host }) => {
      await guardByMangle(host)
      speakTo(host, 'nft', ['ip6tables'])
      const found = await refusal(host, 'mangle')
      expect(found?.reason).toContain('`ip6tables-legacy -t mangle`')
      expect(found?.reason).not.toContain('`iptables-legacy')
    })

    it('is found when it is a rule in FORWARD, but no rule of others counts', async ({ host }) => {
      host.run(`ipset create cluster_nodes hash:ip
      iptables -I FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j DROP
      iptables -I INPUT -m set --match-set cluster_nodes src -j ACCEPT`)
      speakTo(host, 'nft')
      for (const guard of ['nft', 'auto', 'forward', 'mangle'] as const) {
        expect(await refusal(host, guard), guard).toMatchObject({
          over: 'rules',
          reason: expect.stringContaining('a rule in FORWARD of `iptables-legacy`'),
        })
      }
      type(host, (await refusal(host, 'nft'))?.remedy)
      expect(host.run('iptables-legacy -S FORWARD')).not.toContain('cluster_nodes')
      expect(await refusal(host, 'nft')).toBeUndefined()
    })

    it('may stand where the program of the other backend is missing or fails', async ({ host }) => {
      await guardByMangle(host)
      speakTo(host, 'nft')
      const without = (program: string): string =>
        program.replaceAll('"$asked-save"', '"$asked-gone"')
      expect(await refusal(host, 'nft', without)).toMatchObject({
        over: 'rules',
        remedy: expect.stringContaining('Install `iptables-legacy-save`'),
      })
      host.run(`for program in iptables-legacy-save ip6tables-legacy-save; do
        printf '#!/bin/sh\\necho odd >&2; exit 3\\n' >/usr/local/sbin/$program
        chmod +x /usr/local/sbin/$program
      done`)
      expect((await refusal(host, 'nft'))?.reason).toContain(
        'iptables-legacy-save failed with exit code 3: odd',
      )
    })
  },
)

describe.concurrent.each(Object.entries(shells))('programs of iptables under %s', (_, command) => {
  const it = itOnHost(command)

  it('are known to have different backends, by their files or their versions', async ({ host }) => {
    const found = async (guard: GuardChoice = 'nft'): Promise<readonly (readonly string[])[]> => {
      const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, guard)
      const { tools, state } = await agent.facts()
      await agent.leave()
      expect(state.kind).toBe('read')
      return tools.oddBackends
    }
    const put = (tool: string, file: string): void =>
      void host.run(`rm -f /usr/local/sbin/${tool}
        printf '#!/bin/sh\\nexec /usr/sbin/${file} "$@"\\n' >/usr/local/sbin/${tool}
        chmod +x /usr/local/sbin/${tool}`)
    expect(await found()).toEqual([])
    host.run('ln -sf /usr/sbin/iptables-nft /usr/local/sbin/iptables')
    const both = [
      ['iptables', 'iptables-save'],
      ['iptables', 'iptables-restore'],
    ]
    for (const guard of ['nft', 'forward', 'mangle'] as const)
      expect(await found(guard), guard).toEqual(both)
    // Wrappers are other files, of one backend.
    put('iptables-save', 'iptables-nft-save')
    put('iptables-restore', 'iptables-nft-restore')
    expect(await found()).toEqual([])
    put('ip6tables-save', 'ip6tables-nft-save')
    expect(await found()).toEqual([['ip6tables', 'ip6tables-save']])
  })
})
