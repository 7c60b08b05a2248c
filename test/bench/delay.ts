import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Lab, startLab } from '../lab/lab.ts'
import { floor, ourCommands } from './compared/commands.ts'
import { shown, spreadOf, table } from './measuring/statistics.ts'
import { runOnce } from './transactions.ts'

const relay = fileURLToPath(new URL('./relay.mjs', import.meta.url))
const firstPort = 20_000
const relayUser = '65534'

/** What a command took near, and over a distance, in seconds, round by round. */
interface Distance {
  readonly name: string
  readonly near: number[]
  readonly far: number[]
}

/**
 * How many round trips each command takes more than the floor, where every packet to a host or from it takes so many
 * milliseconds: a table.
 */
export async function delayLines(
  hosts: number,
  milliseconds: number,
  rounds: number,
  tell: (news: string) => void,
): Promise<readonly string[]> {
  const lab = await startLab({ hosts })
  try {
    const commands = [floor(lab, hosts), ...(await ourCommands(lab, hosts))]
    const rows = commands.map(({ name }): Distance => ({ name, near: [], far: [] }))
    const stopRelay = await startRelay(lab, milliseconds)
    for (let round = 0; round <= rounds; round++) {
      for (const place of ['near', 'far'] as const) {
        await redirect(lab, place === 'far')
        for (const [index, command] of commands.entries()) {
          tell(`round ${round} of ${rounds}, ${place}: ${command.name}`)
          const { wall } = await runOnce(lab, { ...command, env: { FW_RUN_TIMEOUT: '120' } })
          if (round > 0) rows[index]?.[place].push(wall)
        }
      }
    }
    stopRelay()
    return linesOf(rows, milliseconds)
  } finally {
    await lab.stop()
  }
}

function linesOf(rows: readonly Distance[], milliseconds: number): readonly string[] {
  const trips = ({ near, far }: Distance): readonly number[] =>
    far.map((wall, round) => (wall - (near[round] ?? NaN)) / (milliseconds / 500))
  const floorTrips = rows[0] ? trips(rows[0]) : []
  return table(
    ['command', 'round trips', 'more than the floor'],
    rows.map((row) => [
      row.name,
      shown(spreadOf(trips(row)), 1),
      shown(spreadOf(trips(row).map((one, round) => one - (floorTrips[round] ?? NaN))), 1),
    ]),
  )
}

async function startRelay(lab: Lab, milliseconds: number): Promise<() => void> {
  const pairs = lab.hosts.map(({ address }, index) => `${firstPort + index}=${address}`)
  const child = lab.jump.spawn(['node', relay, `${milliseconds}`, relayUser, ...pairs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout) await once(child.stdout, 'data')
  return () => void child.kill()
}

/** Sends what root connects to through the relay, or no longer. */
async function redirect(lab: Lab, through: boolean): Promise<void> {
  const rules = lab.hosts.map(
    ({ address }, index) =>
      `iptables-legacy -t nat -A OUTPUT -p tcp -d ${address} --dport 22 -m owner --uid-owner 0 -j REDIRECT --to-ports ${firstPort + index}`,
  )
  const script = ['iptables-legacy -t nat -F OUTPUT', ...(through ? rules : [])].join(' && ')
  const { code, stderr } = await lab.jump.run(script)
  if (code !== 0) throw new Error(stderr)
}
