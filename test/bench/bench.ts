import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { delayLines } from './delay.ts'
import { inventoryLines } from './inventory.ts'
import { largeLines } from './large.ts'
import { manyLines } from './many.ts'
import { machineLines } from './measuring/machine.ts'
import { placementLines } from './placement.ts'
import { measureTransactions, transactionLines } from './transactions.ts'

// npm run bench -- [--hosts N,N…] [--repeat R] [--out FILE] [--alone] [--delay MS] [--large] [--many N [--scripted]] [--inventory N]: what whole runs cost
// against a floor, in the lab. Prints tables for BENCHMARKS.md; FILE gets every value of whole runs as JSON. --alone measures
// no other programs. --delay, --large, --many and --inventory measure only what they name; the first two on the least of --hosts.
// --large takes --guard forward|nft|mangle and --backend legacy|nft.
const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '3,10,50' },
    repeat: { type: 'string', default: '3' },
    out: { type: 'string' },
    alone: { type: 'boolean', default: false },
    delay: { type: 'string' },
    large: { type: 'boolean', default: false },
    guard: { type: 'string', default: 'forward' },
    backend: { type: 'string', default: 'legacy' },
    many: { type: 'string' },
    scripted: { type: 'boolean', default: false },
    inventory: { type: 'string' },
  },
})

function whole(name: string, word: string): number {
  if (!/^[1-9]\d*$/.test(word)) throw new Error(`--${name} takes a whole number, not '${word}'.`)
  return Number(word)
}

function tell(news: string): void {
  process.stderr.write(`${news}\n`)
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n\n`)
}

const repeat = whole('repeat', values.repeat)
const sizes = values.hosts.split(',').map((word) => whole('hosts', word))
const { delay, large, many, scripted, inventory, out, guard } = values
const backend = (['legacy', 'nft'] as const).find((one) => one === values.backend)
if (!backend) throw new Error(`--backend takes legacy or nft, not '${values.backend}'.`)

say(...machineLines())
if (delay !== undefined) {
  const [hosts, milliseconds] = [Math.min(...sizes), whole('delay', delay)]
  const lines = await delayLines(hosts, milliseconds, repeat, tell)
  say(`### Distance: ${hosts} hosts, ${milliseconds} ms each way`, '', ...lines)
}
if (large) {
  const lines = await largeLines(
    { hosts: Math.min(...sizes), rounds: repeat, guard, backend },
    tell,
  )
  say(`### ${Math.min(...sizes)} large hosts, guard ${guard}, backend ${backend}`, '', ...lines)
}
if (many !== undefined) {
  const lines = await manyLines(whole('many', many), scripted, tell)
  say(`### ${many} hosts${scripted ? ', all but three scripted' : ''}`, '', ...lines)
}
if (inventory !== undefined) {
  say(
    `### An inventory of ${inventory} hosts`,
    '',
    ...(await inventoryLines(whole('inventory', inventory))),
  )
}
if (delay === undefined && !large && many === undefined && inventory === undefined) {
  const transactions = await measureTransactions(sizes, repeat, !values.alone, tell)
  say(...transactionLines(transactions))
  say('### Placement, without hosts', '', ...placementLines())
  if (out !== undefined) {
    writeFileSync(out, `${JSON.stringify({ machine: machineLines(), transactions }, null, 2)}\n`)
  }
}
