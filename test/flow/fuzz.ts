import { parseArgs } from 'node:util'
import { compareWithKernel } from './fuzzing.ts'

// npm run fuzz:walk -- --packets 50000 [--seed N]
const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '50000' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 1e9)}` },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(`seed ${values.seed}`)
const start = performance.now()
let next = 5000
const report = await compareWithKernel(Number(values.seed), Number(values.packets), (done) => {
  if (done < next) return
  say(`${done} packets agree`)
  next += 5000
})
const seconds = (performance.now() - start) / 1000
const rate = Math.round(report.packets / seconds)
say(`${report.packets} packets, ${report.rulesets} rulesets, ${rate} packets a second`)
say(report.disagreement ?? 'walk and kernel agree on all of them')
if (report.disagreement) process.exitCode = 1
