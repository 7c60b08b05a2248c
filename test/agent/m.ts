import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { startHost } from './host-in-namespace.ts'

const host = await startHost(['/usr/bin/dash'])
const c = cases[Number(process.argv[2] ?? 0)]!
furnish(host, c.script)
const h2 = {
  ...host,
  shell() {
    const s = host.shell()
    spawn('strace', [
      '-f',
      '-qq',
      '-o',
      '/tmp/tr',
      '-e',
      'trace=execve,clone,fork,vfork,clone3',
      '-p',
      String(s.pid),
    ])
    return s
  },
}
let pf = 0,
  pe = 0
const mark = async (n: string) => {
  await new Promise((r) => setTimeout(r, 700))
  const t = readFileSync('/tmp/tr', 'utf8')
  const f = (t.match(/(clone|vfork|fork|clone3)(\(| resumed).*= \d+/g) ?? []).length
  const e = (t.match(/execve.*= 0/g) ?? []).length
  console.log(n, 'forks', f - pf, 'execs', e - pe)
  pf = f
  pe = e
  writeFileSync('/tmp/tr.' + n, t)
}
const p = talkTo(h2 as any)
const agent = await p
await mark('start')
const state = await agent.state()
await mark('state')
await agent.facts()
await mark('facts')
const changes = changesFor(state, c.wanted)
await agent.apply(state, changes)
await mark('apply')
await agent.rollback()
await mark('rollback')
await agent.apply(state, changes)
await mark('apply2')
await agent.commit()
await mark('commit')
await agent.leave()
await mark('leave')
host.stop()
process.exit(0)
