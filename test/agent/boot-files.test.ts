import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect } from 'vitest'
import {
  bootAgain,
  bootProgram,
  bootService,
  guardTable,
  standingFile,
} from '../../src/agent/names.ts'
import type { HostState } from '../../src/facts/state.ts'
import type { Intent, NftIntent } from '../../src/guard/intent.ts'
import { differences } from '../../src/plan/left-after-rollback.ts'
import { type Plan, planHost } from '../../src/plan/plan.ts'
import { eventually } from '../eventually.ts'
import { mangleIntent } from '../guard/mangle-intent.ts'
import { nftIntent } from '../guard/nft-intent.ts'
import { long } from '../rounds.ts'
import { type Conversation, talkTo } from './conversation.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'

const systemctl = readFileSync(new URL('../lab/boot/systemctl.sh', import.meta.url), 'utf8')

const unit = `/etc/systemd/system/${bootService}.service`
const again = `/etc/systemd/system/${bootAgain}.service`
const wanted: NftIntent = { ...nftIntent, persist: true }
const more: NftIntent = { ...wanted, members: [...wanted.members, '192.0.2.13'] }
const gone: Intent = { kind: 'remove', set: wanted.set, guard: 'nft' }

const unreadableUnit = `#!/bin/sh
case $* in *fw-run-guard.service) echo head: no luck >&2; exit 1 ;; esac
exec /usr/bin/head "$@"
`

/** Gives a host an /etc of its own, and a systemd at work. */
function settle(host: Host): void {
  host.run(
    `mount -t tmpfs -o size=1m none /mnt; mkdir /mnt/up /mnt/work
     mount -t overlay none -o lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work /etc
     mkdir -p /run/systemd/system; cat >/usr/local/sbin/systemctl; chmod 755 /usr/local/sbin/systemctl`,
    systemctl,
  )
}

const talk = (host: Host, run = 'run-1', edit = (program: string): string => program) =>
  talkTo(host, run, 'test', 30, edit, 'nft')

function changes(state: HostState, intent: Intent) {
  const plan: Plan = planHost(state, intent)
  if (plan.kind === 'refused') throw new Error(plan.reason)
  return plan.changes
}

async function change(agent: Conversation, intent: Intent): Promise<string> {
  const state = await agent.state()
  return agent.apply(state, changes(state, intent))
}

/** Makes a host as the intent wants it. */
async function make(host: Host, intent: Intent, run = 'run-1'): Promise<void> {
  const agent = await talk(host, run)
  expect(await change(agent, intent)).toBe('applied')
  expect(await agent.commit()).toBe('committed')
  await agent.leave()
}

/** Our files in /etc, and how the unit is linked. */
function filesOf(host: Host): string {
  return host.run(
    "find /etc/fw-run /etc/systemd /etc/init.d /etc/runlevels /etc/rc?.d -name '*fw-run-guard*' -o -path '/etc/fw-run*' 2>/dev/null | sort || :",
  )
}

function standing(host: Host): string {
  return host.run(`/usr/sbin/nft -s list table ${guardTable} 2>/dev/null || :`)
}

describe.concurrent.each(Object.entries(shells))('boot files under %s', (shell, command) => {
  const it = itOnHost(command)

  it('get their names at commit, and go as they came', async ({ host }) => {
    settle(host)
    const agent = await talk(host)
    const before = await agent.state()
    expect(await change(agent, wanted)).toBe('applied')
    expect(filesOf(host)).not.toMatch(/guard\.sh\n|\.service\n/)
    const after = await agent.look()
    expect(changes(after, wanted)).toEqual([])
    expect(await agent.rollback()).toBe('rolled-back')
    expect(filesOf(host)).toBe('')
    expect(differences(before, await agent.state(), wanted.set)).toEqual([])
    expect(await change(agent, wanted)).toBe('applied')
    expect(await agent.commit()).toBe('committed')
    await agent.leave()
    expect(filesOf(host).split('\n')).toEqual(
      expect.arrayContaining([
        bootProgram,
        unit,
        `/etc/systemd/system/multi-user.target.wants/${bootService}.service`,
      ]),
    )
    const table = standing(host)
    host.run(`nft delete table ${guardTable}; rm -r /run/lab-active; systemctl boot`)
    expect(standing(host)).toBe(table)
    // Our service is active. The first start of another one flushes as well as its restart and its reload.
    for (const verb of ['start', 'restart', 'reload', 'stop', 'start']) {
      host.run(`nft flush ruleset; systemctl ${verb} nftables.service`)
      expect(standing(host), verb).toBe(verb === 'stop' ? '' : table)
    }

    const next = await talk(host, 'run-2')
    expect(changes(await next.state(), wanted)).toEqual([])
    expect(await change(next, gone)).toBe('applied')
    expect(await next.rollback()).toBe('rolled-back')
    expect(changes(await next.state(), wanted)).toEqual([])
    await next.leave()
    await make(host, gone, 'run-3')
    expect(filesOf(host)).toBe('')
    expect(standing(host)).toBe('')
    expect(host.leftovers()).toBe('')
  })

  it('are activated without running, and systemd reads its units again only for a new one', async ({
    host,
  }) => {
    settle(host)
    host.run(`sed -i '2iecho "$*" >>/mnt/calls' /usr/local/sbin/systemctl`)
    const calls = (): string => host.run('cat /mnt/calls; : >/mnt/calls')
    const agent = await talk(host)
    expect(await change(agent, wanted)).toBe('applied')
    // A program that runs makes the table anew: then its handle is another.
    const handle = (): string => host.run(`nft -a list table ${guardTable} | head -n 1`)
    const made = handle()
    expect(await agent.commit()).toBe('committed')
    await agent.leave()
    expect(handle()).toBe(made)
    host.run(`systemctl is-active ${bootService}`)
    expect(calls()).toMatch(/daemon-reload/)
    await make(host, more, 'run-2')
    expect(calls()).not.toMatch(/enable|daemon-reload/)
    const table = standing(host)
    host.run('nft flush ruleset; systemctl restart nftables.service')
    expect(standing(host)).toBe(table)
  })

  it('are activated again where the service failed or was stopped, because it would hear of no reload', async ({
    host,
  }) => {
    settle(host)
    await make(host, wanted)
    const table = standing(host)
    host.run(`systemctl stop ${bootService}`)
    const agent = await talk(host, 'run-2')
    const state = await agent.state()
    expect(changes(state, wanted)).toMatchObject([{ kind: 'boot', before: { enabled: false } }])
    expect(await change(agent, wanted)).toBe('applied')
    expect(await agent.rollback()).toBe('rolled-back')
    expect(differences(state, await agent.state(), wanted.set)).toEqual([])
    expect(await change(agent, wanted)).toBe('applied')
    expect(await agent.commit()).toBe('committed')
    expect(changes(await agent.state(), wanted)).toEqual([])
    host.run('nft flush ruleset; systemctl reload nftables.service')
    expect(standing(host)).toBe(table)
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  it('are written by the agent alone, however long systemd takes and however short the lease is', async ({
    host,
  }) => {
    settle(host)
    const agent = await talkTo(host, 'run-1', 'test', 8, undefined, 'nft')
    expect(await change(agent, wanted)).toBe('applied')
    host.run(
      `sed -i '2i case $* in *enable*|daemon-reload|start*) sleep 12; echo "$*" >>/mnt/calls ;; esac' /usr/local/sbin/systemctl`,
    )
    expect(await agent.commit()).toBe('committed')
    expect(host.run('cat /mnt/calls').split('\n')).toHaveLength(4)
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  it.for([
    ['nft', 'nft flush ruleset'],
    ['mangle', 'ip6tables -t mangle -F'],
  ] as const)(
    'bring the guard %s back where a service flushes rules while commit starts ours',
    async ([guard, flush], { host }) => {
      settle(host)
      const intent: Intent = guard === 'nft' ? wanted : { ...mangleIntent, persist: true }
      const agent = await talkTo(host, 'run-1', 'test', 30, undefined, guard)
      expect(await change(agent, intent)).toBe('applied')
      // As the unit that runs it again does after the flush: the program is still told to leave the guard alone.
      host.run(
        `sed -i '2i case "$*" in "start ${bootService}.service") ${flush}; sh ${bootProgram} ;; esac' /usr/local/sbin/systemctl`,
      )
      expect(await agent.commit()).toBe('committed')
      expect(changes(await agent.state(), intent)).toEqual([])
      host.run(`rm ${again}; systemctl mask ${bootAgain}; rm -r /run/lab-active`)
      expect(await change(agent, { ...intent, members: more.members })).toBe('applied')
      expect(await agent.commit()).toBe('committed, unguarded')
      await agent.leave()
      expect(host.leftovers()).toBe('')
    },
  )

  it('say why systemd did not start their service, because status would say drifted without a reason', async ({
    host,
  }) => {
    settle(host)
    const agent = await talkTo(host, 'run-1', 'test', 30, undefined, 'nft')
    expect(await change(agent, wanted)).toBe('applied')
    host.run(
      `sed -i '2i case "$*" in "start ${bootService}.service") echo job failed >&2; exit 1 ;; esac' /usr/local/sbin/systemctl`,
    )
    expect(await agent.commit()).toMatch(
      /^committed.*systemctl start fw-run-guard.service failed with exit code 1: job failed/s,
    )
    expect((await agent.state()).boot).toMatchObject({ enabled: false })
    await agent.leave()
    expect(host.leftovers()).toBe('')
  })

  it.for([
    ['nft', 'nft flush ruleset; systemctl restart nftables.service'],
    ['mangle', `iptables -t mangle -F; sh ${bootProgram}`],
  ] as const)(
    'make the new guard %s where a service has brought the old one back before commit',
    async ([guard, restart], { host }) => {
      settle(host)
      const old: Intent = guard === 'nft' ? wanted : { ...mangleIntent, persist: true }
      const joined: Intent = { ...old, members: more.members }
      const first = await talkTo(host, 'run-1', 'test', 30, undefined, guard)
      for (const intent of [old, joined]) {
        expect(await change(first, intent)).toBe('applied')
        if (intent === joined) host.run(restart)
        expect(await first.commit()).toBe('committed')
        expect(changes(await first.state(), intent)).toEqual([])
      }
      // A new session does not know what was made.
      expect(await change(first, old)).toBe('applied')
      host.run(restart)
      const next = await talkTo(host, 'run-1', 'test', 30, undefined, guard)
      await next.facts()
      expect(await next.commit()).toBe('committed')
      expect(changes(await next.state(), old)).toEqual([])
      await next.leave()
      expect(host.leftovers()).toBe('')
    },
  )

  it('make no chain mangle at boot where its set cannot be filled, because it would stop members', async ({
    host,
  }) => {
    settle(host)
    const intent: Intent = { ...mangleIntent, persist: true }
    const agent = await talkTo(host, 'run-1', 'test', 30, undefined, 'mangle')
    expect(await change(agent, intent)).toBe('applied')
    expect(await agent.commit()).toBe('committed')
    await agent.leave()
    const guards = 'iptables -t mangle -S PREROUTING; ip6tables -t mangle -S PREROUTING'
    const standing = host.run(guards)
    // As a host boots where another program has a set of this name.
    host.run(`iptables -t mangle -F; ip6tables -t mangle -F; iptables -t mangle -X; ip6tables -t mangle -X
      ipset destroy; ipset create ${intent.set} hash:net`)
    expect(host.run(`sh ${bootProgram} 2>/dev/null || echo failed; ${guards}`)).toBe(
      `failed\n${standing.replace(/^.*\n.*FW-RUN\n/, '-P PREROUTING ACCEPT\n')}`,
    )
  })

  it('whose new text vanished before commit are told, and hold nobody up', async ({ host }) => {
    settle(host)
    await make(host, wanted)
    const agent = await talk(host, 'run-2')
    expect(await change(agent, more)).toBe('applied')
    host.run(`rm ${bootProgram}.new-*`)
    expect(await agent.commit()).toMatch(/^committed.*not as fw-run wrote them/s)
    expect(changes(await agent.state(), more)).toMatchObject([{ kind: 'boot' }])
    await agent.leave()
    await make(host, more, 'run-3')
    expect(host.leftovers()).toBe('')
  })

  it('are tried while another program holds the lock of iptables, and find firewalls that start late', async ({
    host,
  }) => {
    settle(host)
    const unit = '/etc/systemd/system/iptables.service'
    host.run(`echo '[Unit]\nAfter=local-fs.target docker.service network.target' >${unit}`)
    const agent = await talk(host)
    const { bootObstacles } = await agent.facts()
    expect(bootObstacles.late).toEqual([
      { unit: 'iptables.service', after: ['docker.service', 'network.target'] },
    ])
    const state = await agent.state()
    const program = 'flock /run/xtables.lock iptables -w 1 -t mangle -N try'
    const held = changes(state, wanted).map((one) =>
      one.kind === 'boot' && one.after ? { ...one, after: { ...one.after, program } } : one,
    )
    expect(await agent.apply(state, held)).toBe('applied')
    expect(await agent.rollback()).toBe('rolled-back')
    await agent.leave()
  })

  it('that somebody edited are told, kept by a rollback to the byte, and replaced at commit', async ({
    host,
  }) => {
    settle(host)
    await make(host, wanted)
    host.run(`printf '\\t\\377 #\\n' >>${bootProgram}; systemctl disable ${bootService}`)
    const edited = host.run(`cksum ${bootProgram}`)
    const agent = await talk(host, 'run-2')
    expect(changes(await agent.state(), wanted)).toMatchObject([
      { kind: 'boot', before: { enabled: false } },
    ])
    expect(await change(agent, wanted)).toBe('applied')
    expect(await agent.rollback()).toBe('rolled-back')
    expect(host.run(`cksum ${bootProgram}`)).toBe(edited)
    expect(await change(agent, wanted)).toBe('applied')
    // An edit in between makes the plan stale.
    expect(await agent.commit()).toBe('committed')
    expect(changes(await agent.state(), wanted)).toEqual([])
    // The second unit is one of them, unless somebody wants none.
    host.run(`rm ${again}`)
    expect(changes(await agent.state(), wanted)).toMatchObject([
      { kind: 'boot', before: { enabled: false } },
    ])
    await make(host, wanted, 'run-3')
    expect(filesOf(host)).toContain(`${again}\n`)
    host.run(`rm ${again}; systemctl disable ${bootAgain}; systemctl mask ${bootAgain}`)
    expect(changes(await agent.state(), wanted)).toEqual([])
    await make(host, more, 'run-4')
    await make(host, wanted, 'run-5')
    expect(host.run(`readlink ${again}`)).toBe('/dev/null\n')
    const read = await agent.state()
    host.run(`echo '# by hand' >>${unit}`)
    expect(await agent.apply(read, changes(read, more))).toBe('stale')
    await agent.leave()
  })

  it('that cannot be written fail before any rule is touched, and commit waits for /etc', async ({
    host,
  }) => {
    settle(host)
    const agent = await talk(host)
    host.run('mount -o remount,ro /etc')
    const { bootObstacles } = await agent.facts()
    // Busybox looks at the mode only: there the change itself finds it.
    const places = shell === 'busybox sh' ? [] : ['/etc', '/etc/systemd/system']
    expect(bootObstacles.readOnly).toEqual(places)
    expect(await change(agent, wanted)).toMatch(/^failed: .*\/etc\/fw-run.*Read-only file system/)
    expect(standing(host)).toBe('')
    expect(await agent.rollback()).toBe('rolled-back')
    host.run('mount -o remount,rw /etc; dd if=/dev/zero of=/mnt/filled bs=4k 2>/dev/null || :')
    expect(await change(agent, wanted)).toMatch(/^failed: .*\/etc\/fw-run.*No space left/)
    expect(standing(host)).toBe('')
    expect(await agent.rollback()).toBe('rolled-back')
    host.run('rm /mnt/filled')
    expect(await change(agent, wanted)).toBe('applied')
    host.run('mount -o remount,ro /etc')
    expect(await agent.commit()).toMatch(/^failed: .*Read-only file system/)
    host.run('mount -o remount,rw /etc')
    const next = await talk(host)
    expect(await next.commit()).toBe('committed')
    expect(changes(await next.state(), wanted)).toEqual([])
    await next.leave()
    expect(host.leftovers()).toBe('')
  })

  it('are told of where only their own directory cannot be written', async ({ host }) => {
    settle(host)
    host.run(`mkdir -p /etc/fw-run; mount --bind /etc/fw-run /etc/fw-run
      mount -o remount,ro,bind /etc/fw-run`)
    const agent = await talk(host)
    const { bootObstacles } = await agent.facts()
    expect(bootObstacles.readOnly).toEqual(shell === 'busybox sh' ? [] : ['/etc/fw-run'])
    await agent.leave()
    host.run('umount /etc/fw-run')
  })

  it('that a slow disk does not take are told with the reason', async ({ host }) => {
    settle(host)
    const impatient = (program: string) => program.replace('\nlimit=20\n', '\nlimit=2\n')
    const agent = await talk(host, 'run-1', impatient)
    const state = await agent.state()
    host.run(
      "printf '#!/bin/sh\\nexec sleep 300.6\\n' >/usr/local/sbin/dd; chmod 755 /usr/local/sbin/dd",
    )
    expect(await agent.apply(state, changes(state, wanted))).toBe(
      `failed: cannot write ${bootProgram}.new-run-1: it did not end within 2 s`,
    )
    expect(await agent.rollback()).toBe('rolled-back')
    await agent.leave()
    expect(host.leftovers() + filesOf(host)).toBe('')
  })

  it('commit also where no more file can be made in /run', async ({ host }) => {
    settle(host)
    const agent = await talk(host)
    expect(await change(agent, wanted)).toBe('applied')
    // From the moment on when systemd reads its units again.
    host.run(
      `sed -i '2i [ "$*" = daemon-reload ] \\&\\& mount -o remount,nr_inodes=$(df --output=iused /run | tail -1 | tr -d " ") /run' /usr/local/sbin/systemctl`,
    )
    expect(await agent.commit()).toBe('committed')
    await agent.leave()
    expect(host.leftovers()).toBe('')
    expect(filesOf(host)).toContain(unit)
  })

  it('that do not work here are not kept', async ({ host }) => {
    settle(host)
    const agent = await talk(host)
    const state = await agent.state()
    const broken = changes(state, wanted).map((one) =>
      one.kind === 'boot' && one.after
        ? {
            ...one,
            after: {
              ...one.after,
              program: `[ ! -e ${standingFile} ] || exit 0\nnft list table inet nowhere`,
            },
          }
        : one,
    )
    // As a run leaves it that is killed while it activates the service: it tells the program to do nothing.
    host.run(`umask 077; mkdir -p ${dirname(standingFile)}; : >${standingFile}`)
    expect(await agent.apply(state, broken)).toMatch(
      /^failed: sh \S+guard\.sh\S* in an empty network failed with exit code 1: .*No such file/,
    )
    expect(await agent.rollback()).toBe('rolled-back')
    expect(filesOf(host)).toBe('')
    await agent.leave()
  })

  it('that cannot be read are told with the command and the file that failed', async ({ host }) => {
    settle(host)
    await make(host, wanted)
    host.run(`cat >/usr/local/sbin/head; chmod 755 /usr/local/sbin/head`, unreadableUnit)
    const agent = await talk(host)
    expect((await agent.facts()).state).toEqual({
      kind: 'unreadable',
      reason: `head ${unit} failed with exit code 1: head: no luck`,
      remedy: expect.stringContaining(`Run \`head ${unit}\` on that host`),
    })
    await agent.leave()
  })

  it('are refused where the service is masked, is another program’s, or others may write', async ({
    host,
  }) => {
    settle(host)
    const agent = await talk(host)
    const refused = async (): Promise<string> => {
      const plan = planHost(await agent.state(), wanted)
      return plan.kind === 'refused' ? `${plan.over}: ${plan.reason}` : plan.kind
    }
    host.run(`mkdir -p /etc/systemd/system; echo '[Unit]' >${unit}`)
    expect(await refused()).toMatch(/^boot: .*another program made it$/)
    expect(changes(await agent.state(), gone)).toEqual([])
    host.run(`rm ${unit}; systemctl mask ${bootService}`)
    expect(await refused()).toMatch(/^boot: .*is masked/)
    host.run(`systemctl unmask ${bootService}; mkdir -m 777 /etc/fw-run`)
    expect(await refused()).toMatch(/^boot: \/etc\/fw-run is not safe: root must own it/)
    host.run('chmod 755 /etc/fw-run; ln -s /tmp/theirs /etc/fw-run/guard.sh')
    expect(await refused()).toMatch(/^boot: \/etc\/fw-run\/guard\.sh is not safe/)
    host.run('rm -r /etc/fw-run')
    await make(host, wanted, 'run-2')
    host.run(`chmod 666 ${bootProgram}`)
    expect(await refused()).toMatch(/^boot: \/etc\/fw-run\/guard\.sh is not safe/)
    host.run(`chmod 644 ${bootProgram}; chown 1 ${unit}`)
    expect(await refused()).toMatch(
      /^boot: \/etc\/systemd\/system\/fw-run-guard\.service is not safe/,
    )
    host.run(`chown 0 ${unit}`)
    expect(await refused()).toBe('planned')
    await make(host, gone, 'run-3')
    host.run(`ln -s /nowhere ${unit}`)
    expect(await refused()).toMatch(/another program made it$/)
    expect(changes(await agent.state(), gone)).toEqual([])
    await agent.leave()
  })

  it('are forgotten by the watchdog when the agent is killed', async ({ host }) => {
    settle(host)
    const agent = await talk(host)
    expect(await change(agent, wanted)).toBe('applied')
    process.kill(agent.pid, 'SIGKILL')
    await eventually(() => expect(filesOf(host)).toBe(''))
    await eventually(() => expect(host.leftovers()).toBe(''))
    expect(standing(host)).toBe('')
  })

  it('are a script where OpenRC or SysV init starts services', async ({ host }) => {
    settle(host)
    const links = '/etc/runlevels/boot'
    host.run(
      `rm -r /run/systemd; mkdir -p /run/openrc ${links}
       cat >/usr/local/sbin/rc-update; chmod 755 /usr/local/sbin/rc-update`,
      `#!/bin/sh\ncase $1 in add) ln -s /etc/init.d/$2 ${links}/$2 ;; del) rm ${links}/$2 ;; esac\n`,
    )
    for (const [manager, run, nftables] of [
      [
        'openrc',
        // As OpenRC does: what needs a service that is not there does not start.
        `ebegin() { :; }; eend() { return "$1"; }
         use() { :; }; after() { :; }; before() { :; }
         need() { for one; do [ -e "/etc/init.d/$one" ] || exit 3; done; }
         . $file; depend; start`,
        '/etc/runlevels/default/nftables',
      ],
      ['sysv', '$file restart', '/etc/rc2.d/S20nftables'],
    ] as const) {
      await make(host, wanted, `run-${manager}`)
      const agent = await talk(host, `look-${manager}`)
      const state = await agent.state()
      expect(state.boot).toMatchObject({ manager, enabled: true })
      expect(changes(state, wanted)).toEqual([])
      expect((await agent.facts()).flushingService).toBe(undefined)
      host.run(`mkdir -p ${dirname(nftables)}; ln -s /etc/init.d/nftables ${nftables}`)
      expect((await agent.facts()).flushingService).toBe('nftables')
      host.run(`chmod 644 /etc/init.d/${bootService}`)
      expect((await agent.state()).boot).toMatchObject({ enabled: false })
      await agent.leave()
      await make(host, wanted, `again-${manager}`)
      const table = standing(host)
      host.run(`nft flush ruleset; file=/etc/init.d/${bootService}; ${run}`)
      expect(standing(host)).toBe(table)
      await make(host, gone, `gone-${manager}`)
      expect(filesOf(host)).toBe('')
      host.run('rm -rf /run/openrc')
    }
  })

  it.runIf(shell === 'dash')('are whole after a reboot at any step', async ({ host }) => {
    settle(host)
    host.run(
      `pgrep --ns $$ --nslist net -x cat >/mnt/holder; echo 0 >/mnt/count; echo 0 >/mnt/at
       cat >/usr/local/sbin/step; chmod 755 /usr/local/sbin/step; cp /usr/local/sbin/systemctl /mnt/
       for tool in ${watched.join(' ')}; do ln -sf step /usr/local/sbin/$tool; done`,
      step,
    )
    const calls = (): number => Number(host.run('/usr/bin/cat /mnt/count'))
    const arm = (at: number): string => host.run(`echo 0 >/mnt/count; echo ${at} >/mnt/at`)
    const look = (): readonly string[] => [
      filesOf(host),
      host.run(`/usr/bin/cat ${bootProgram} ${unit}`),
      standing(host),
    ]
    await make(host, more)
    const after = look()
    await make(host, wanted, 'run-2')
    const before = look()
    const first = await talk(host, 'run-3')
    const read = await first.state()
    arm(0)
    expect(await first.apply(read, changes(read, more))).toBe('applied')
    const applied = calls()
    expect(await first.commit()).toBe('committed')
    const all = calls()
    await first.leave()
    await make(host, wanted, 'run-4')

    const steps = Array.from({ length: all }, (_, at) => at + 1)
    const ends: boolean[] = []
    for (const at of long ? steps : steps.filter((one) => one > applied || one % 5 === 0)) {
      const agent = await talk(host, `run-${at}-a`)
      const state = await agent.state()
      arm(at)
      await agent
        .apply(state, changes(state, more))
        .then(() => agent.commit())
        .catch(() => 'lost')
      await eventually(() => expect(host.run('/usr/bin/cat /mnt/rebooted')).toBe(`${at}\n`))
      arm(0)
      expect(standing(host)).toBe('')
      host.run('mkdir -p /run/systemd/system; /mnt/systemctl boot')
      const next = await talk(host, `run-${at}-b`)
      expect(await next.clear()).toBe('cleared')
      await next.leave()
      const now = look()
      expect([before, after], `step ${at} of ${all}`).toContainEqual(now)
      ends.push(now[2] === after[2])
      if (now[2] === after[2]) await make(host, wanted, `run-${at}-c`)
      expect(host.leftovers()).toBe('')
    }
    // Forward only after the decision, and from some step on for good.
    expect(ends).toEqual(ends.toSorted((a, b) => Number(a) - Number(b)))
    expect(new Set(ends).size).toBe(2)
  })
})

const watched = ['nft', 'mkdir', 'mv', 'rm', 'rmdir', 'dd', 'unshare', 'setsid', 'systemctl']

/** Stands before tools: the call whose number /mnt/at has is a reboot, which takes processes, /run and rules. */
const step = `#!/usr/bin/dash
tool=\${0##*/}
# A sign of life comes once a second, however many steps that are.
case $1 in */lease.*) exec /usr/bin/mv "$@" ;; esac
for real in /mnt/$tool /usr/sbin/$tool /usr/bin/$tool; do [ ! -x "$real" ] || break; done
read -r at </mnt/at
read -r count </mnt/count
count=$((count + 1))
echo $count >/mnt/count
[ "$count" = "$at" ] || exec "$real" "$@"
read -r holder </mnt/holder
for pid in $(pgrep --ns $$ --nslist net); do
  [ "$pid" = $$ ] || [ "$pid" = "$holder" ] || kill -KILL "$pid"
done 2>/dev/null
/usr/bin/rm -rf /run/fw-run /run/systemd /run/lab-active
/usr/sbin/nft flush ruleset
echo "$at" >/mnt/rebooted
`
