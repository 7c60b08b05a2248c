import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../lab/lab.ts'
import { quote } from '../../scenarios/fw-run.ts'
import { machineCpu, processesUnder } from './processes-of.ts'

/** What one command on the jump host took. Times are in seconds. */
export interface Measured {
  readonly wall: number
  /** Of the command and all that it waited for. */
  readonly runnerCpu: number
  /** Of all processes on the hosts. */
  readonly hostsCpu: number
  /** Of this whole machine, whatever else ran on it. */
  readonly machineCpu: number
  /** Of the largest process of the command, in megabytes. */
  readonly peakMemory: number
  /** On the wires to the hosts and from them, headers of all layers included. */
  readonly bytes: { readonly to: number; readonly from: number }
  readonly stdout: string
}

const script = `TIMEFORMAT='%R %U %S'
time /usr/bin/time -qf %M -o memory "$@" >stdout 2>stderr
`

/** Runs a command on the jump host, and `afterwards` unmeasured; throws if it does not end with 0. */
export async function measure(
  lab: Lab,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  afterwards = ':',
): Promise<Measured> {
  const idle = processesUnder(lab.pid)
  const bytesBefore = await bytesOnWires(lab)
  const machineBefore = machineCpu()
  const words = ['bash', '-c', script, 'bash', ...argv].map(quote).join(' ')
  const { code, stderr } = await lab.jump.run(words, {
    env,
    timeoutMs: 1_800_000,
  })
  const machine = machineCpu() - machineBefore
  await lab.jump.run(afterwards)
  const read = async (name: string): Promise<string> => (await lab.jump.run(`cat ${name}`)).stdout
  if (code !== 0) {
    throw new Error(
      `'${argv.join(' ')}' ended with ${code}.\n${(await read('stdout')).slice(-3000)}${(await read('stderr')).slice(-3000)}`,
    )
  }
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(' ').map(Number)
  const rested = await rest(lab, idle.count)
  const bytes = await bytesOnWires(lab)
  return {
    wall,
    runnerCpu: user + system,
    hostsCpu: rested.cpu - idle.cpu,
    machineCpu: machine,
    peakMemory: Number(await read('memory')) / 1024,
    bytes: { to: bytes.to - bytesBefore.to, from: bytes.from - bytesBefore.from },
    stdout: await read('stdout'),
  }
}

/** Waits until the sessions on the hosts have ended, and the watchdogs with them. */
async function rest(lab: Lab, count: number): Promise<{ readonly cpu: number }> {
  for (let tries = 0; tries < 100; tries++) {
    const now = processesUnder(lab.pid)
    if (now.count <= count) return now
    await sleep(100)
  }
  throw new Error('The hosts do not come to rest: something that was started there stays.')
}

async function bytesOnWires(lab: Lab): Promise<{ readonly to: number; readonly from: number }> {
  const { stdout } = await lab.jump.run('cat /proc/net/dev')
  const wires = [...stdout.matchAll(/^ *wire\d+: *(.*)$/gm)].map(([, fields = '']) =>
    fields.split(/ +/).map(Number),
  )
  const sum = (field: number): number => wires.reduce((all, wire) => all + (wire[field] ?? 0), 0)
  // The jump host's end of a wire receives what the host sends.
  return { to: sum(8), from: sum(0) }
}
