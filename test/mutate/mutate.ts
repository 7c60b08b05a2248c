import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { drawMutants, sourcesOf } from './draw.ts'
import type { Mutant } from './point.ts'
import { copyCheckout, nearestTests, runTests, testsOf, tryChange } from './trial.ts'

// npm run mutate -- --room ROOM [--count N] [--seed S] [--out FILE]
// ROOM is a folder or file of src: placement, ssh/login, cli. Each mutant changes one point of a copy of the checkout
// and the tests of the room run on it. A mutant that they do not notice survives, and is listed.
const checkout = fileURLToPath(new URL('../..', import.meta.url))
const { values } = parseArgs({
  options: {
    room: { type: 'string' },
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 1e6)}` },
    out: { type: 'string' },
  },
})
const { room } = values
if (!room) throw new Error('Name a room: npm run mutate -- --room placement')

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const keyOf = ({ file, was, becomes }: Mutant): string => `${file}: ${was} => ${becomes}`
const equivalent = readFileSync(new URL('./equivalent.txt', import.meta.url), 'utf8').split('\n')
const known = (mutant: Mutant): boolean =>
  equivalent.some((line) => line.startsWith(`${keyOf(mutant)} # `))

const count = Number(values.count)
const mutants = drawMutants(checkout, sourcesOf(checkout, room), {
  count,
  seed: Number(values.seed),
  known,
})
const tests = testsOf(checkout, room)
const copy = copyCheckout(checkout)
process.once('SIGINT', () => {
  rmSync(copy, { recursive: true, force: true })
  process.exit(130)
})
try {
  const plain = await runTests(copy, tests, 1800)
  if (plain.kind !== 'passed') throw new Error(`Without a mutation the tests fail:\n${plain.said}`)
  const maxSeconds = 30 + 5 * plain.seconds
  say(`seed ${values.seed}: ${mutants.length} mutants of ${room}, each held by ${tests.join(' ')}`)
  const survivors: Mutant[] = []
  for (const [i, mutant] of mutants.entries()) {
    const path = join(copy, mutant.file)
    const original = readFileSync(path)
    writeFileSync(path, mutant.text)
    const nearest = nearestTests(checkout, mutant.file)
    const trial = await tryChange(copy, { nearest, tests, maxSeconds })
    writeFileSync(path, original)
    say(
      `${i + 1} ${trial.kind === 'passed' ? 'SURVIVED' : trial.kind} ${mutant.file}:${mutant.line}  ${mutant.was} => ${mutant.becomes}`,
    )
    if (trial.kind === 'passed') survivors.push(mutant)
  }
  const lines = survivors.map((one) => `${one.file}:${one.line}: ${one.was} => ${one.becomes}`)
  say(`\n${survivors.length} of ${mutants.length} survived\n${lines.join('\n')}`)
  if (values.out) writeFileSync(values.out, lines.map((line) => `${line}\n`).join(''))
} finally {
  rmSync(copy, { recursive: true, force: true })
}
