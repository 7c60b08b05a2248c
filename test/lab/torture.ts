import { parseArgs } from 'node:util'
import { usualSlack } from './torture/promise.ts'
import { summarise } from './torture/summary.ts'
import { torture } from './torture/torture.ts'
import { transports } from './torture/trial.ts'
import type { TrialResult } from './torture/trial-result.ts'

// npm run torture -- --runs N --seed S [--labs L] [--slack SECONDS] [--guard nft|mangle [--persist]] [--transport ssh2|openssh]: breaks N runs of the built product on purpose, and
// judges each from outside. A busy machine needs more slack. --run K[,K...] repeats single ones of that seed, with all
// that is known of them.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    run: { type: 'string' },
    labs: { type: 'string', default: '2' },
    slack: { type: 'string', default: `${usualSlack}` },
    guard: { type: 'string', default: 'forward' },
    persist: { type: 'boolean', default: false },
    transport: { type: 'string' },
  },
})
const seed = whole('seed', values.seed)
const labs = whole('labs', values.labs)
const slack = Number(values.slack)
const guard = (['forward', 'nft', 'mangle'] as const).find((one) => one === values.guard)
if (!guard) throw new Error(`--guard takes forward, nft or mangle, not '${values.guard}'.`)
if (values.persist && guard === 'forward') throw new Error('--persist needs --guard nft or mangle.')
const transport = transports.find((one) => one === values.transport)
if (!transport && values.transport !== undefined)
  throw new Error(`--transport takes ssh2 or openssh, not '${values.transport}'.`)
const numbers = values.run
  ? values.run.split(',').map((word) => whole('run', word))
  : Array.from({ length: whole('runs', values.runs) }, (_, at) => at + 1)

function whole(name: string, word: string): number {
  if (!/^\d+$/.test(word)) throw new Error(`--${name} takes a whole number, not '${word}'.`)
  return Number(word)
}

const results: TrialResult[] = []

function tell(result: TrialResult): void {
  results.push(result)
  const { trial, disturbed, violations, outcome, helped, evidence } = result
  const came = disturbed.done.map(({ damage, stage }) => `${damage.kind} (${stage})`).join(', ')
  const tool = trial.brokenTool ? ` ${trial.brokenTool.tool} broken` : ''
  const end = `exit ${disturbed.run.code ?? 'killed'}, ${outcome}${helped ? ', then finished' : ''}`
  const mark = violations.length > 0 ? '✘' : '✔'
  process.stdout.write(
    `${mark} ${trial.number} ${trial.transport} ${[trial.command, ...trial.waves].join(' ')} ${trial.start}: ${came || '-'}${tool}: ${end}\n`,
  )
  if (violations.length === 0 && values.run === undefined) return
  const lines = [
    `seed ${seed}, run ${trial.number}`,
    ...violations.map((one) => `VIOLATION: ${one}`),
    ...evidence.split('\n'),
    `again: npm run torture -- --seed ${seed} --run ${trial.number}${guard === 'forward' ? '' : ` --guard ${guard}`}${values.persist ? ' --persist' : ''}${transport ? ` --transport ${transport}` : ''}`,
  ]
  process.stdout.write(`${lines.map((line) => `    ${line}`).join('\n')}\n`)
}

function conclude(): void {
  const seconds = (performance.now() - started) / 1000
  process.stdout.write(`\n${summarise(results, seconds).join('\n')}\n`)
  if (results.some(({ violations }) => violations.length > 0)) process.exitCode = 1
}

const started = performance.now()
process.once('SIGINT', () => {
  conclude()
  process.kill(process.pid, 'SIGTERM')
})
await torture({ seed, numbers, labs, slack, guard, persist: values.persist, transport, tell })
conclude()
