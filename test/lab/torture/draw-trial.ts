import type { GuardKind } from '../../../src/agent/agent.ts'
import { makeRandom, type Random } from '../../random.ts'
import { drawDamage } from './draw-damage.ts'
import {
  type BrokenTool,
  type Command,
  type Damage,
  type Fault,
  lasting,
  type Moment,
  type Start,
  type Transport,
  type Trial,
  transports,
} from './trial.ts'
import { drawWriterSteps } from './writer.ts'

/** Draws one trial on this number of hosts. The same seed and number give the same trial. */
export function drawTrial(
  seed: number,
  number: number,
  hosts: number,
  guard: GuardKind,
  only?: Transport,
  persist = false,
): Trial {
  const random = makeRandom(Math.imul(seed, 104_729) + Math.imul(number, 65_537))
  const start = random.pick([
    'fresh',
    'fresh',
    'drifted',
    'drifted',
    'partly',
    'guarded',
    'guarded',
  ])
  const command = drawCommand(random, start)
  const brokenTool = random.chance(0.15) ? drawBrokenTool(random, hosts, guard) : undefined
  const enough = brokenTool ? random.chance(0.2) : true
  const faults = enough ? drawFaults(random, hosts, guard) : []
  const trial: Omit<Trial, 'transport'> = {
    number,
    start,
    command,
    lease: random.pick([5, 5, 6]),
    waves: drawWaves(seed, number, hosts),
    faults: faults.filter(
      ({ damage }) => !(brokenTool && (damage.kind === 'second-runner' || damage.kind === 'cut')),
    ),
    brokenTool,
    writers: random.chance(0.2) ? Array.from({ length: hosts }, () => drawWriterSteps(random)) : [],
    finishedBy: random.chance(0.7) ? 'recover' : 'again',
    afterwards: [
      ...(random.chance(0.3) ? (['recover'] as const) : []),
      ...(random.chance(0.3) ? (['again'] as const) : []),
    ],
  }
  // Last, so that what was drawn before stays what it was.
  const drawn = random.pick(transports)
  const killed = random.chance(0.25) ? drawKilledSsh(random, hosts) : undefined
  const transport = only ?? drawn
  const rebooted = persist && start !== 'drifted' && random.chance(0.6)
  if (rebooted) return { ...trial, transport, ...drawReboot(random, hosts) }
  if (transport === 'ssh2' || !killed) return { ...trial, transport }
  const instead = trial.faults.map((fault, at) => (at === 0 ? { ...fault, damage: killed } : fault))
  return { ...trial, transport, faults: instead }
}

/** A third of the runs that can have waves. With a generator of its own, so that what was drawn before stays what it was. */
function drawWaves(seed: number, number: number, hosts: number): readonly string[] {
  const random = makeRandom(Math.imul(seed, 15_485_863) + Math.imul(number, 32_452_843))
  if (hosts === 1 || random.chance(0.65)) return []
  const serial = ['--serial', random.pick(['1', '1', '1,100%', '50%', '2,1'])]
  const first = ['--serial-first', `node${1 + random.below(hosts)}`]
  return [
    ...random.pick([serial, serial, first, [...first, ...serial]]),
    ...(random.chance(0.4) ? ['--pause', random.pick(['0.2', '1', '6'])] : []),
  ]
}

/** Alone, because it takes what others broke or wrote. */
function drawReboot(
  random: Random,
  hosts: number,
): Pick<Trial, 'faults' | 'brokenTool' | 'writers'> {
  const all = Array.from({ length: hosts }, (_, at) => at)
  const some = random.chance(0.5) ? all : [random.below(hosts)]
  const fault: Fault = {
    damage: { kind: 'rebooted', hosts: some },
    moment: drawMoment(random, hosts),
  }
  return { faults: [fault], brokenTool: undefined, writers: [] }
}

function drawKilledSsh(random: Random, hosts: number): Damage {
  const all = Array.from({ length: hosts }, (_, at) => at)
  return random.chance(0.5)
    ? { kind: 'ssh-killed', which: 'client', hosts: all }
    : {
        kind: 'ssh-killed',
        which: 'master',
        hosts: random.chance(0.5) ? all : [random.below(hosts)],
      }
}

function drawFaults(random: Random, hosts: number, guard: GuardKind): readonly Fault[] {
  const count = random.chance(0.2) ? 2 : 1
  return Array.from({ length: count }, () => ({
    damage: drawDamage(random, hosts, guard),
    moment: drawMoment(random, hosts),
  }))
}

/** The commands that have something to do on such hosts. */
function drawCommand(random: Random, start: Start): Command {
  if (start === 'fresh') return 'apply'
  if (start === 'guarded') return 'remove'
  return random.pick(['apply', 'apply', 'remove'])
}

/** Where a call is one of the last of a run, at the commit, its part is at least this many thousandths. */
const late = 800

/** Half of the moments lie at the decision and the commits, which take the least time. */
function drawMoment(random: Random, hosts: number): Moment {
  switch (random.below(10)) {
    case 0:
    case 1:
      return { kind: 'time', part: random.below(1000) / 1000 }
    case 2:
      return { kind: 'locked', hosts: 1 + random.below(hosts) }
    case 3:
    case 4:
    case 5:
      return { kind: 'call', host: random.below(hosts), part: random.below(1000) / 1000 }
    case 6:
    case 7: {
      const part = (late + random.below(1000 - late)) / 1000
      return { kind: 'call', host: random.below(hosts), part }
    }
    case 8:
      return { kind: 'decided' }
    default:
      return { kind: 'committed', hosts: 1 + random.below(hosts) }
  }
}

/** Seconds: more than any limit of the agent, or few. */
const hangs = [1, 3, 8, 25] as const

function drawBrokenTool(random: Random, hosts: number, guard: GuardKind): BrokenTool {
  const tool =
    guard === 'nft' ? random.pick(['nft', 'nft', 'ipset']) : random.pick(['iptables', 'ipset'])
  return {
    host: random.below(hosts),
    tool,
    from: 1 + random.below(16),
    times: random.pick([1, 1, 1, 2, 4, lasting]),
    how: random.chance(0.7)
      ? { exit: random.pick([1, 1, 2, 3, 4, 137, 255]) }
      : { hang: random.pick(hangs) },
  }
}
