import { parseArgs } from 'node:util'
import { arrivals, compareWithKernel, walks } from './fuzzing.ts'

// npm run fuzz:walk -- --packets 50000 [--seed N]
const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '50000' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 1e9)}` },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(`seed ${values.seed}`)
const seed = Number(values.seed)
const half = Math.ceil(Number(values.packets) / 2)
for (const [title, comparison] of Object.entries({ walks, arrivals })) {
  const start = performance.now()
  let next = 5000
  const report = await compareWithKernel(comparison, seed, half, (done) => {
    if (done < next) return
    say(`${done} packets agree`)
    next += 5000
  })
  const seconds = (performance.now() - start) / 1000
  const rate = Math.round(report.packets / seconds)
  say(`${title}: ${report.packets} packets, ${report.rulesets} rulesets, ${rate} packets a second`)
  say(report.disagreement ?? 'the kernel agrees on all of them')
  if (report.disagreement) process.exitCode = 1
}
