import { execFileSync } from 'node:child_process'
import { dirname } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import type { Answer } from '../lab/inside.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, executable, firewalls, guards, quote } from './fw-run.ts'

let lab: Lab
afterEach(() => lab?.stop())

/** Makes node1 a jump host for ops, who becomes root there by sudo with a password. */
async function prepare(): Promise<void> {
  const { home } = lab.jump
  const node1 = lab.host('node1')
  for (const name of ['id_ed25519', 'known_hosts']) {
    const { stdout } = await lab.jump.run(`cat ${home}/.ssh/${name}`)
    await node1.run(`umask 077; cat >/home/ops/.ssh/${name}; chown ops: /home/ops/.ssh/${name}`, {
      stdin: stdout,
    })
  }
  const inventory = lab.inventoryYaml({ hosts: { node1: { ansible_connection: 'local' } } })
  // A host of the lab does not see where this machine has fw-run.
  const words = ['-cz', '-C', dirname(dirname(executable)), 'bin', 'dist', 'package.json']
  const program = execFileSync('tar', words, { encoding: 'base64', maxBuffer: 2 ** 26 })
  const unpack = 'mkdir /opt/fw-run; base64 -d | tar -xz -C /opt/fw-run'
  expect((await node1.run(unpack, { stdin: program })).stderr).toBe('')
  await node1.run('cat >/home/ops/inventory.yaml', { stdin: inventory })
}

/** Runs fw-run on node1 as ops; its process group is in /tmp/runner. */
function onNode1(...words: readonly string[]) {
  const line = [
    'node',
    '/opt/fw-run/bin/fw-run.js',
    ...words,
    '-K',
    '-i',
    '/home/ops/inventory.yaml',
  ].map(quote)
  const run = `echo $$ >/tmp/runner; exec setpriv --reuid ops --regid ops --init-groups ${line.join(' ')}`
  return lab.host('node1').run(`cd /home/ops; exec setsid -w sh -c ${quote(run)}`, {
    stdin: 'ops-password\n',
    env: { HOME: '/home/ops', USER: 'ops', LOGNAME: 'ops' },
  })
}

/** The end of an apply to which something is done when node1 has changed, and node3 has not. */
async function applyAnd(command: string): Promise<Answer> {
  await lab.host('node3').holdTool('iptables', '-I FORWARD')
  const running = onNode1('apply')
  await eventually(async () => expect(await guards(lab, 'node1')).toHaveLength(1))
  const done = await lab.host('node1').run(command)
  await lab.host('node3').mendTools()
  expect(`${command}: ${done.code}`).toBe(`${command}: 0`)
  return running
}

async function expectAsBefore(before: readonly string[]): Promise<void> {
  await eventually(async () => expect(await firewalls(lab)).toEqual(before))
}

it('a node that is the jump host itself is changed with the others or not at all, without SSH', async () => {
  lab = await startLab({ hosts: [{ login: 'sudo-password' }, {}, {}] })
  await prepare()
  const before = await firewalls(lab)
  const node1 = lab.host('node1')

  const applied = await onNode1('apply')
  expect(applied.stdout + applied.stderr).toContain('apply: done, 3 of 3 hosts changed.')
  for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
  expect(await node1.sshConnections()).toBe(0)
  expect((await onNode1('remove')).code).toBe(0)
  await expectAsBefore(before)

  // As Ctrl-C at a terminal: the signal comes to the whole process group.
  const { code, stdout } = await applyAnd('/bin/kill -INT -- -$(cat /tmp/runner)')
  expect(stdout).toContain('apply: interrupted; every host is as before.')
  expect(code).toBe(130)
  await expectAsBefore(before)

  const shot = await applyAnd('pkill -KILL -u root -xf /bin/sh')
  expect(shot.stdout).toContain('rolled back because of node1; every host is as before.')
  await expectAsBefore(before)

  await applyAnd('/bin/kill -KILL -- -$(cat /tmp/runner)')
  await expectAsBefore(before)
  expect((await onNode1('recover', '--yes')).stdout).toContain('node1')
})
