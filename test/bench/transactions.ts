import type { LabHost } from '../lab/host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { type Started, startedIn, straceArguments } from '../processes-started.ts'
import { executable } from '../scenarios/fw-run.ts'
import {
  type BenchCommand,
  floor,
  type Others,
  otherCommands,
  ourCommands,
  requestsIn,
} from './compared/commands.ts'
import { type Measured, measure } from './measuring/measure.ts'
import { type Profile, profileLines, readRun } from './measuring/profile.ts'
import { shown, spreadOf, table } from './measuring/statistics.ts'

/** All runs of one command, in the order of the rounds. */
export interface Series {
  readonly name: string
  readonly hosts: number
  readonly runs: readonly Omit<Measured, 'stdout'>[]
  readonly requests: number | undefined
}

/** What was measured in one lab. */
export interface Transactions {
  readonly series: readonly Series[]
  /** What each command started on one host. */
  readonly started: readonly { readonly name: string; readonly started: Started }[]
  /** Where the time of the runner goes on the most hosts. */
  readonly profiles: readonly (readonly [name: string, profile: Profile])[]
  /** How to install what was not there to be measured. */
  readonly missing: readonly string[]
}

const noOthers: Others = { commands: [], missing: [] }

/** Runs all commands in turn, for each number of hosts in each round. The first round warms up and does not count. */
export async function measureTransactions(
  sizes: readonly number[],
  rounds: number,
  withOthers: boolean,
  tell: (news: string) => void,
): Promise<Transactions> {
  const lab = await startLab({ hosts: Math.max(...sizes) })
  try {
    const sets = await Promise.all(
      sizes.map(async (hosts) => {
        const ours = [floor(lab, hosts), ...(await ourCommands(lab, hosts))]
        const others = withOthers ? otherCommands(lab, hosts) : noOthers
        return { hosts, commands: [...ours, ...others.commands], missing: others.missing }
      }),
    )
    const rows = sets.flatMap(({ hosts, commands }) =>
      commands.map((command) => ({ command, hosts, runs: [] as Measured[] })),
    )
    for (let round = 0; round <= rounds; round++) {
      for (const { command, hosts, runs } of rows) {
        tell(`round ${round} of ${rounds}, ${hosts} hosts: ${command.name}`)
        const measured = await runOnce(lab, command)
        if (round > 0) runs.push(measured)
        // What comes after may fail, and this took long.
        const { wall, runnerCpu, hostsCpu, peakMemory } = measured
        const figures = [wall, runnerCpu, hostsCpu].map((seconds) => seconds.toFixed(2)).join(', ')
        tell(`  wall, CPU of the runner, of the hosts: ${figures} s; ${peakMemory.toFixed(0)} MB`)
      }
    }
    const started = []
    for (const command of sets[0]?.commands ?? []) {
      tell(`what it starts on a host: ${command.name}`)
      const trace = await traced(lab.host('node1'), () => runOnce(lab, command))
      started.push({ name: command.name, started: startedIn(trace) })
    }
    const profiles = await profiled(lab, Math.max(...sizes), tell)
    return {
      series: rows.map(({ command, hosts, runs }) => ({
        name: command.name,
        hosts,
        runs: runs.map(({ stdout, ...rest }) => rest),
        requests: requestsIn(runs[0]?.stdout ?? ''),
      })),
      started,
      profiles,
      missing: sets[0]?.missing ?? [],
    }
  } finally {
    await lab.stop()
  }
}

async function profiled(
  lab: Lab,
  hosts: number,
  tell: (news: string) => void,
): Promise<Transactions['profiles']> {
  tell('where the time goes')
  const commands = await ourCommands(lab, hosts)
  const named = (wanted: string): BenchCommand[] =>
    commands.filter(({ name }) => name === `\`${wanted}\``)
  const words = (word: string): readonly string[] => [
    ...[executable, word, '-i', `inventory-${hosts}.yaml`],
  ]
  const remove = async (): Promise<void> => {
    for (const command of named('remove')) await runOnce(lab, command)
  }
  const preflight = await readRun(lab, words('preflight'))
  const apply = await readRun(lab, words('apply'), remove)
  await remove()
  return [
    [`\`preflight\`, ${hosts} hosts`, preflight],
    [`\`apply\`, ${hosts} hosts`, apply],
  ]
}

/** Runs a command once, and checks that it did its work. */
export async function runOnce(lab: Lab, command: BenchCommand): Promise<Measured> {
  const measured = await measure(lab, command.argv, command.env, command.afterwards)
  command.check?.(measured)
  return measured
}

/** The trace of what a host's sshd starts while `work` goes on. */
async function traced(host: LabHost, work: () => Promise<unknown>): Promise<string> {
  const file = '/tmp/processes'
  const words = straceArguments('"$(cat /run/sshd.pid)"', file)
  const tracing = host.run(`echo $$ >/tmp/tracer; exec strace ${words.join(' ')}`)
  await host.run(
    'until [ -s /tmp/tracer ] && grep -qx "TracerPid:.$(cat /tmp/tracer)" "/proc/$(cat /run/sshd.pid)/status"; do sleep 0.1; done',
  )
  await work()
  await host.run('kill "$(cat /tmp/tracer)"; rm /tmp/tracer')
  await tracing
  return (await host.run(`cat ${file}`)).stdout
}

/** The tables of what was measured, the ratios first. */
export function transactionLines({
  series,
  started,
  profiles,
  missing,
}: Transactions): readonly string[] {
  const sizes = [...new Set(series.map(({ hosts }) => hosts))]
  return [
    ...sizes.flatMap((hosts) => [
      `### ${hosts} hosts`,
      '',
      ...tableOf(series.filter((one) => one.hosts === hosts)),
      '',
    ]),
    '### Processes on one host',
    '',
    ...table(
      ['command', 'processes', 'programs'],
      started.map(({ name, started: { forks, programs } }) => [name, `${forks}`, `${programs}`]),
    ),
    '',
    '### Where the time of the runner goes',
    '',
    ...profileLines(profiles),
    ...missing.map((command) => `\nNot measured, because it is not installed: \`${command}\`.`),
  ]
}

function tableOf(series: readonly Series[]): readonly string[] {
  const floorRuns = series[0]?.runs ?? []
  const all = (run: Series['runs'][number]): number => run.runnerCpu + run.hostsCpu
  const rows = series.map(({ name, hosts, runs, requests }) => {
    const of = (value: (run: Series['runs'][number]) => number) => spreadOf(runs.map(value))
    const overFloor = (value: (run: Series['runs'][number]) => number) =>
      spreadOf(
        runs.map((run, round) => value(run) / (floorRuns[round] ? value(floorRuns[round]) : NaN)),
      )
    const kilobytes = (value: (run: Series['runs'][number]) => number): string =>
      (of(value).median / hosts / 1000).toFixed(1)
    return [
      name,
      shown(
        overFloor(({ wall }) => wall),
        1,
      ),
      shown(overFloor(all), 1),
      shown(
        of(({ wall }) => wall),
        2,
      ),
      of(all).median.toFixed(2),
      of(({ runnerCpu }) => runnerCpu).median.toFixed(2),
      of(({ peakMemory }) => peakMemory).median.toFixed(0),
      kilobytes(({ bytes }) => bytes.to),
      kilobytes(({ bytes }) => bytes.from),
      `${requests ?? ''}`,
    ]
  })
  return table(
    [
      'command',
      'wall, × floor',
      'all CPU, × floor',
      'wall, s',
      'all CPU, s',
      'CPU of the runner, s',
      'peak memory, MB',
      'kB to a host',
      'kB from a host',
      'requests',
    ],
    rows,
  )
}
