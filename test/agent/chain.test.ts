import { describe, expect } from 'vitest'
import { parseNote } from '../../src/agent/host-note.ts'
import type { HostState } from '../../src/facts/state.ts'
import type { Intent, MangleIntent } from '../../src/guard/intent.ts'
import { chainOf } from '../../src/guard/standing-chain.ts'
import { planHost } from '../../src/plan/plan.ts'
import { eventually } from '../eventually.ts'
import { mangleIntent } from '../guard/mangle-intent.ts'
import { long } from '../rounds.ts'
import { type Conversation, talkTo } from './conversation.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'

const more: MangleIntent = {
  ...mangleIntent,
  members: [...mangleIntent.members, '192.0.2.13', 'fd00::13'],
  podCidrs: [...mangleIntent.podCidrs, '10.50.0.0/16', 'fd50::/56'],
  interfaces: ['ens18', 'ens19'],
}

const removal: Intent = { kind: 'remove', set: 'cluster_nodes' }

const felix = `for tool in iptables ip6tables; do
  $tool -t raw -N cali-PREROUTING; $tool -t raw -A PREROUTING -j cali-PREROUTING
  $tool -t mangle -N cali-PREROUTING; $tool -t mangle -A PREROUTING -j cali-PREROUTING
  $tool -t mangle -A cali-PREROUTING -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  $tool -t mangle -A cali-PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT
done`

const backends = ['legacy', 'nft'] as const

/** The agent's program, with a version of iptables that it takes for one without a safe iptables-restore. */
function outdated(version: string): (program: string) => string {
  return (program) => program.replace('version=$(exec iptables -V 2>&1)', `version="${version}"`)
}

const programs = {
  current: (program: string): string => program,
  'of CentOS 7.9': outdated('iptables v1.4.21'),
  'of Debian 10': outdated('iptables v1.8.2 (nf_tables)'),
}

/** Makes a host speak to that backend, with rules of Felix in raw and mangle. */
function furnish(host: Host, backend: (typeof backends)[number], script = felix): void {
  host.run(
    `for tool in iptables ip6tables; do
       for verb in '' -save -restore; do ln -sf /usr/sbin/$tool-${backend}$verb /usr/local/sbin/$tool$verb; done
     done
     iptables-legacy -t filter -S >/dev/null; ip6tables-legacy -t filter -S >/dev/null
     iptables -S FORWARD >/dev/null
     ${script}`,
  )
}

/** Mangle and raw of both families and all sets, without counters and what is random. */
function everything(host: Host): string {
  return host
    .run(
      "for tool in iptables ip6tables; do $tool-save -t raw; $tool-save -t mangle; done | grep -v '^#' | sed 's/ \\[[0-9:]*\\]$//'; ipset save",
    )
    .replace(/ (bucketsize \d+|initval 0x[0-9a-f]+)/g, '')
}

async function change(agent: Conversation, intent: Intent): Promise<string> {
  const state = await agent.state()
  return agent.apply(state, changesFor(state, intent))
}

function changesFor(state: HostState, intent: Intent) {
  const plan = planHost(state, intent)
  if (plan.kind === 'refused') throw new Error(plan.reason)
  return plan.changes
}

/** Puts a wrapper before a tool that makes its N-th call with these words fail, before or after it did its work. */
function breakAt(host: Host, at: number, when: 'before' | 'after'): void {
  host.run(`mkdir -p /run/real; echo 0 >/run/count; echo ${at} ${when} >/run/plan
    for tool in iptables ip6tables iptables-restore ip6tables-restore ipset; do
      [ -e /run/real/$tool ] || ln -s "$(readlink -f "$(command -v $tool)")" /run/real/$tool
      rm -f /usr/local/sbin/$tool
      cat >/usr/local/sbin/$tool <<'WRAPPER'
#!/bin/sh
real=/run/real/\${0##*/}
case " $* " in
  # What facts try in a network of their own.
  *' try '*) exec $real "$@" ;;
  *' -N '* | *' -A '* | *' -I '* | *' -D '* | *' -F '* | *' -X '* | ' swap '* | ' rename '* | ' restore '* | ' destroy '* | ' -w '*' -n ') ;;
  *) exec $real "$@" ;;
esac
read -r at when </run/plan
read -r count </run/count
count=$((count + 1))
echo $count >/run/count
if [ $count = $at ] && [ $when = before ]; then echo 'broken for the test' >&2; exit 4; fi
$real "$@"
code=$?
if [ $count = $at ]; then echo 'broken for the test' >&2; exit 4; fi
[ $at != 0 ] || { /run/real/iptables-save -t mangle; ipset list -n; } >/run/after.$count 2>/dev/null
exit $code
WRAPPER
      chmod +x /usr/local/sbin/$tool
    done
    ln -sf "$(readlink -f "$(command -v iptables-save)")" /run/real/iptables-save`)
}

function mend(host: Host): void {
  host.run(`for tool in iptables ip6tables iptables-restore ip6tables-restore ipset; do
    [ ! -e /run/real/$tool ] || ln -sf "$(readlink /run/real/$tool)" /usr/local/sbin/$tool
  done`)
}

function callsMade(host: Host): number {
  return Number(host.run('cat /run/count'))
}

describe.concurrent.each(Object.entries(shells))(
  'the chain of fw-run under %s',
  (shell, command) => {
    const it = itOnHost(command)

    it.for(backends)(
      'is made, changed and removed, with the backend %s',
      async (backend, { host }) => {
        furnish(host, backend)
        const before = everything(host)
        const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, 'mangle')
        expect(await change(agent, mangleIntent)).toBe('applied')
        expect(host.run('iptables -t mangle -S PREROUTING; ip6tables -t mangle -S FW-RUN')).toBe(
          `-P PREROUTING ACCEPT
-A PREROUTING -i ens18 -j FW-RUN
-A PREROUTING -j cali-PREROUTING
-N FW-RUN
-A FW-RUN -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j RETURN
-A FW-RUN -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j RETURN
-A FW-RUN -m conntrack --ctdir REPLY -j RETURN
-A FW-RUN -p ipv6-icmp -m conntrack --ctstate RELATED -j RETURN
-A FW-RUN -m set --match-set cluster_nodes-6 src -j RETURN
-A FW-RUN -d fd42::/56 -j DROP
`,
        )
        expect(changesFor(await agent.look(), mangleIntent)).toEqual([])
        expect(await agent.commit()).toBe('committed')
        const made = everything(host)
        expect(await change(agent, mangleIntent)).toBe('applied')
        expect(everything(host)).toBe(made)
        expect(await agent.commit()).toBe('committed')

        expect(await change(agent, more)).toBe('applied')
        expect(changesFor(await agent.look(), more)).toEqual([])
        expect(host.run('iptables -t mangle -S')).not.toContain('aside')
        expect(await agent.rollback()).toBe('rolled-back')
        expect(everything(host)).toBe(made)

        expect(await change(agent, more)).toBe('applied')
        expect(await agent.commit()).toBe('committed')
        expect(await change(agent, removal)).toBe('applied')
        expect(host.run('iptables-save; ip6tables-save')).not.toContain('FW-RUN')
        expect(await agent.rollback()).toBe('rolled-back')
        expect(changesFor(await agent.state(), more)).toEqual([])
        expect(await change(agent, removal)).toBe('applied')
        expect(await agent.commit()).toBe('committed')
        expect(everything(host)).toBe(before)
        await agent.leave()
        expect(host.leftovers()).toBe('')
      },
    )

    it.for(['current', 'of CentOS 7.9'] as const)(
      'never lets an outsider pass while it changes, with an iptables that is %s',
      async (age, { host }) => {
        furnish(host, 'legacy')
        const agent = await talkTo(host, 'run-1', 'test', 30, programs[age], 'mangle')
        expect(await change(agent, mangleIntent)).toBe('applied')
        expect(await agent.commit()).toBe('committed')
        const intents = [more, { ...more, interfaces: ['ens18'] }, mangleIntent]
        for (const intent of intents) {
          breakAt(host, 0, 'before')
          expect(await change(agent, intent)).toBe('applied')
          const calls = callsMade(host)
          expect(calls).toBeGreaterThan(0)
          for (let at = 1; at <= calls; at++) {
            expect(guarding(host.run(`cat /run/after.${at}`)), `call ${at}`).toBe(true)
          }
          mend(host)
          expect(await agent.commit()).toBe('committed')
        }
        await agent.leave()
      },
    )

    it('lets no outsider pass while a change that broke off is rolled back, without a safe iptables-restore', async ({
      host,
    }) => {
      furnish(host, 'legacy')
      const agent = await talkTo(host, 'run-1', 'test', 30, programs['of CentOS 7.9'], 'mangle')
      expect(await change(agent, mangleIntent)).toBe('applied')
      expect(await agent.commit()).toBe('committed')
      breakAt(host, 0, 'before')
      expect(await change(agent, more)).toBe('applied')
      const covered = host.run("grep -l -e '-A FW-RUN -g FW-RUN-aside' /run/after.*")
      const first = Math.min(
        ...[...covered.matchAll(/after\.(\d+)/g)].map(([, call]) => Number(call)),
      )
      mend(host)
      expect(await agent.rollback()).toBe('rolled-back')
      breakAt(host, first + 2, 'before')
      expect(await change(agent, more)).toMatch(/^failed: .*broken for the test/)
      breakAt(host, 0, 'before')
      expect(await agent.rollback()).toBe('rolled-back')
      for (let step = 1; step <= callsMade(host); step++) {
        expect(guarding(host.run(`cat /run/after.${step}`)), `step ${step}`).toBe(true)
      }
      mend(host)
      await agent.leave()
      expect(host.leftovers()).toBe('')
    })

    // On nf_tables, iptables warns of legacy tables each time.
    it.for([
      ['current', 'legacy'],
      ['of CentOS 7.9', 'legacy'],
      ['of Debian 10', 'nft'],
    ] as const)(
      'is as before where any command of its change fails, with an iptables that is %s, backend %s',
      async ([age, backend], { host }) => {
        furnish(host, backend)
        for (const [from, to] of [
          [undefined, mangleIntent],
          [mangleIntent, more],
          [more, removal],
        ] as const) {
          const agent = await talkTo(host, 'run-1', 'test', 30, programs[age], 'mangle')
          const before = everything(host)
          if (from) expect(changesFor(await agent.state(), from)).toEqual([])
          breakAt(host, 0, 'before')
          expect(await change(agent, to)).toBe('applied')
          const calls = callsMade(host)
          mend(host)
          expect(await agent.rollback()).toBe('rolled-back')
          expect(everything(host)).toBe(before)
          // Each shell breaks other calls, because they are many.
          const step = long ? 3 : shell === 'dash' && backend === 'legacy' ? 12 : 36
          for (let at = 1 + Object.keys(shells).indexOf(shell); at <= calls; at += step) {
            const when = (at + step) % 4 < 2 ? 'before' : 'after'
            breakAt(host, at, when)
            expect(await change(agent, to), `call ${at}`).toMatch(/^failed: .*broken for the test/)
            mend(host)
            expect(await agent.rollback()).toBe('rolled-back')
            expect(everything(host), `call ${at} ${when}`).toBe(before)
          }
          expect(await change(agent, to)).toBe('applied')
          expect(await agent.commit()).toBe('committed')
          await agent.leave()
          expect(host.leftovers()).toBe('')
        }
      },
    )

    it('is read and changed where iptables warns of legacy tables in the middle of a rule', async ({
      host,
    }) => {
      furnish(host, 'nft')
      host.run(`{ echo '*mangle'
      for chain in cali-PREROUTING PREROUTING; do
        i=0; while [ "$((i += 1))" -le 120 ]; do echo "-A $chain -s 10.0.0.$i -m mark --mark $i -j ACCEPT"; done
      done
      echo COMMIT; } | iptables-restore -n`)
      expect(host.run('iptables-save -t mangle 2>&1')).toMatch(
        /^.+# Warning: iptables-legacy tables/m,
      )
      const before = everything(host)
      const agent = await talkTo(host, 'run-1', 'test', 30, programs.current, 'mangle')
      expect(await change(agent, mangleIntent)).toBe('applied')
      expect(changesFor(await agent.look(), mangleIntent)).toEqual([])
      expect(await agent.rollback()).toBe('rolled-back')
      expect(everything(host)).toBe(before)
      await agent.leave()
    })

    it('keeps rules that need quotes through a rollback, and removes them', async ({ host }) => {
      furnish(host, 'nft')
      const agent = await talkTo(host, 'run-1', 'test', 30, programs.current, 'mangle')
      expect(await change(agent, mangleIntent)).toBe('applied')
      expect(await agent.commit()).toBe('committed')
      host.run(`iptables -t mangle -I FW-RUN -s 203.0.113.1 -m comment --comment "by hand" -j DROP`)
      const edited = everything(host)
      expect(await change(agent, more)).toBe('applied')
      expect(everything(host)).not.toContain('by hand')
      expect(await agent.rollback()).toBe('rolled-back')
      expect(everything(host)).toBe(edited)
      await agent.leave()
    })

    it.runIf(shell === 'dash')(
      'is rolled back by a session that asked for the version while iptables failed',
      async ({ host }) => {
        furnish(host, 'nft')
        const before = everything(host)
        const first = await talkTo(host, 'run-1', 'test', 30, programs.current, 'mangle')
        expect(await change(first, mangleIntent)).toBe('applied')
        host.run(`rm /usr/local/sbin/iptables; touch /run/failing
      printf '%s\\n' '#!/bin/sh' '[ ! -e /run/failing ] || { echo killed; exit 137; }' 'exec /usr/sbin/iptables-nft "$@"' >/usr/local/sbin/iptables
      chmod +x /usr/local/sbin/iptables`)
        const next = await talkTo(host, 'run-1', 'test', 30, programs.current, 'mangle')
        expect(await next.rollback()).toMatch(/^failed/)
        host.run('rm /run/failing')
        expect(await next.rollback()).toBe('rolled-back')
        expect(everything(host)).toBe(before)
        await next.leave()
        await first.leave()
        expect(host.leftovers()).toBe('')
      },
    )

    it('is brought back by the watchdog when the agent is killed', async ({ host }) => {
      furnish(host, 'legacy')
      const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, 'mangle')
      expect(await change(agent, mangleIntent)).toBe('applied')
      expect(await agent.commit()).toBe('committed')
      const before = everything(host)
      expect(await change(agent, more)).toBe('applied')
      process.kill(agent.pid, 'SIGKILL')
      await eventually(() => expect(everything(host)).toBe(before))
      await eventually(() => expect(host.leftovers()).toBe(''))
      expect(parseNote(host.note())).toMatchObject({ kind: 'rolled-back', run: 'run-1' })
    })

    it('is not looked for in a table that the kernel has not loaded', async ({ host }) => {
      furnish(host, 'legacy', '')
      const loaded = (): string =>
        host.run('cat /proc/net/ip_tables_names /proc/net/ip6_tables_names')
      const before = loaded()
      for (const guard of ['forward', 'nft', 'mangle'] as const) {
        const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, guard)
        const state = await agent.state()
        expect(state.mangle).toBeUndefined()
        expect(await agent.apply(state, changesFor(state, removal))).toBe('applied')
        expect(await agent.rollback()).toBe('rolled-back')
        await agent.leave()
      }
      expect(loaded()).toBe(before)
    })

    it('is seen by every other guard, whose plan takes it off', async ({ host }) => {
      for (const backend of backends) {
        furnish(host, backend, backend === 'legacy' ? felix : 'nft flush ruleset; ipset destroy')
        const first = await talkTo(host, 'run-1', 'test', 30, (text) => text, 'mangle')
        expect(await change(first, mangleIntent)).toBe('applied')
        expect(await first.commit()).toBe('committed')
        await first.leave()
        const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, 'nft')
        const state = await agent.state()
        expect(chainOf(state, 4)?.jumps).toHaveLength(1)
        expect(chainOf(state, 6)?.rules).toHaveLength(6)
        expect(await agent.apply(state, changesFor(state, removal))).toBe('applied')
        expect(await agent.commit()).toBe('committed')
        expect(everything(host)).not.toContain('FW-RUN')
        await agent.leave()
      }
    })

    it('makes a plan stale when it is edited, not when it counts packets', async ({ host }) => {
      furnish(host, 'legacy')
      const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, 'mangle')
      expect(await change(agent, { ...mangleIntent, interfaces: ['lo'] })).toBe('applied')
      expect(await agent.commit()).toBe('committed')
      const state = await agent.state()
      host.run('ip link set lo up; ping -c 1 -q 127.0.0.1 >/dev/null')
      host.run('iptables -t mangle -I PREROUTING -s 203.0.113.1 -j DROP')
      expect((await agent.state()).fingerprint).toBe(state.fingerprint)
      host.run('ip6tables -t mangle -I FW-RUN -j RETURN')
      expect(await agent.apply(state, changesFor(state, more))).toBe('stale')
      const edited = await agent.state()
      host.run('ipset add cluster_nodes-6 fd00::99')
      expect(await agent.apply(edited, changesFor(edited, more))).toBe('stale')
      await agent.leave()
    })

    it('is told from a rule with a forged comment, which stays', async ({ host }) => {
      furnish(
        host,
        'legacy',
        `iptables -t mangle -A PREROUTING -m comment --comment 'x
-A PREROUTING -i ens18 -j FW-RUN
y' -j MARK --set-mark 1`,
      )
      const before = everything(host)
      const agent = await talkTo(host, 'run-1', 'test', 30, (text) => text, 'mangle')
      expect(await change(agent, mangleIntent)).toBe('applied')
      expect(host.run('iptables -t mangle -S PREROUTING 1').trim()).toBe(
        '-A PREROUTING -i ens18 -j FW-RUN',
      )
      expect(changesFor(await agent.look(), mangleIntent)).toEqual([])
      expect(await agent.commit()).toBe('committed')
      expect(await change(agent, removal)).toBe('applied')
      expect(await agent.commit()).toBe('committed')
      expect(everything(host).replace(/^\*(mangle|raw)[\s\S]*?COMMIT\n/gm, '')).toBe(
        before.replace(/^\*(mangle|raw)[\s\S]*?COMMIT\n/gm, ''),
      )
      expect(host.run('iptables -t mangle -S')).toContain('MARK --set-xmark 0x1/0xffffffff')
      await agent.leave()
    })
  },
)

/** Whether tables as `iptables-save` prints them send what asks for pods from ens18 to a rule that drops it. */
function guarding(saved: string): boolean {
  const led = /^-A PREROUTING -i ens18 (?:-m comment --comment "?fw-run-moving-\S+ )?-j FW-RUN$/m
  const whole = (chain: string): boolean =>
    saved.includes(`-A ${chain} -m conntrack --ctdir REPLY -j RETURN`) &&
    saved.includes(`-A ${chain} -m set --match-set cluster_nodes src -j RETURN`) &&
    saved.includes(`-A ${chain} -d 10.42.0.0/16 -j DROP`)
  const aside = /^-A FW-RUN (.*)$/m.exec(saved)?.[1] === '-g FW-RUN-aside'
  return led.test(saved) && whole(aside ? 'FW-RUN-aside' : 'FW-RUN')
}
