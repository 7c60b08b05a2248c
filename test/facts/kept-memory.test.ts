import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const path = (file: string): string => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)))

/** Reads the answers of 60 hosts, and prints how many bytes stay in use for each, beside the length of an answer. */
const script = `
import { readFileSync } from 'node:fs'
import { factsWith } from ${path('../preflight/subject.ts')}
const numbers = Array.from({ length: 3000 }, (_, i) => i)
const address = (i) => '10.' + (i >> 16) + '.' + ((i >> 8) & 255) + '.' + (i & 255)
const article = readFileSync(${path('../lab/rulesets/article.rules')}, 'utf8')
const rules = numbers.map((i) => '-A KUBE-SERVICES -d ' + address(i) + '/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ\\n')
const members = numbers.map((i) => 'add cluster_nodes ' + address(i) + '\\n')
const answers = (host) => ({
  rules: article.replace(/(\\*nat[^*]*?)COMMIT/, (_, table) => table + rules.join('') + 'COMMIT'),
  sets: 'create of-' + host + ' hash:ip family inet\\ncreate cluster_nodes hash:ip family inet\\n' + members.join(''),
  routes: numbers.map((i) => address(i) + '/32 via 192.0.2.1 dev ens18\\n').join(''),
})
const length = Object.values(answers(0)).join('').length
const kept = [factsWith(answers(0)), factsWith(answers(1))]
gc()
const before = process.memoryUsage().heapUsed
for (let host = 2; host < 62; host++) kept.push(factsWith(answers(host)))
gc()
const used = (process.memoryUsage().heapUsed - before) / 60
process.stdout.write(JSON.stringify({ used: kept.length > 0 && used, length }))
`

describe('facts of many hosts', () => {
  it('keep little of what hosts print alike: 5,000 hosts have 5,000 members each', () => {
    const words = ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script]
    const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    expect(stderr).toBe('')
    const { used, length } = JSON.parse(stdout) as { used: number; length: number }
    expect(length).toBeGreaterThan(400_000)
    expect(used).toBeLessThan(length / 10)
  })
})
