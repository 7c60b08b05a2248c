import type { Random } from '../../random.ts'
import type { Lab } from '../lab.ts'
import type { Firewall } from './firewall.ts'
import type { HostView } from './host-view.ts'

/** One thing that somebody else does to a host's firewall, and how long they wait before. */
export interface WriterStep {
  readonly pauseMs: number
  readonly act: 'insert' | 'append' | 'delete'
  /** Of the filter table. */
  readonly chain: 'FORWARD' | 'INPUT'
  /** As iptables-save prints it behind the chain. */
  readonly rule: string
}

/** A writer at work on one host. */
export interface Writer {
  /** Resolves when it has stopped, with the steps that it carried out, in their order. */
  stop(): Promise<readonly WriterStep[]>
}

const rules = 6
const jump = '-m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD'

/** About a second of writing: rules come and go, and Felix puts its jump back on top. */
export function drawWriterSteps(random: Random): readonly WriterStep[] {
  const there = new Map<string, WriterStep>()
  return Array.from({ length: 12 }, () => random.below(rules)).flatMap((number): WriterStep[] => {
    const pauseMs = random.below(160)
    if (number === 0) {
      const felix = { chain: 'FORWARD', rule: jump } as const
      return [
        { pauseMs, act: 'delete', ...felix },
        { pauseMs: 0, act: 'insert', ...felix },
      ]
    }
    const rule = `-s 203.0.113.${number}/32 -m comment --comment lab-writer -j DROP`
    const before = there.get(rule)
    if (before) {
      there.delete(rule)
      return [{ ...before, pauseMs, act: 'delete' }]
    }
    const chain = number % 3 === 0 ? 'INPUT' : 'FORWARD'
    const step: WriterStep = { pauseMs, act: number % 2 ? 'insert' : 'append', chain, rule }
    there.set(rule, step)
    return [step]
  })
}

/** Starts to write on a host, like Felix: by value, at the top or at the end, waiting for the lock. */
export function startWriter(lab: Lab, view: HostView, steps: readonly WriterStep[]): Writer {
  const letter = { insert: '-I', append: '-A', delete: '-D' }
  const lines = steps.map(({ pauseMs, act, chain, rule }, at) => {
    const call = `/usr/sbin/iptables -w ${letter[act]} ${chain} ${rule} && echo ${at}`
    // Felix does not stop half way.
    const putsBack = act === 'insert' && rule === jump
    return putsBack ? ` && ${call}` : `\n[ ! -e /tmp/stop ] && sleep ${pauseMs / 1000} && ${call}`
  })
  const script = `rm -f /tmp/stop; ${lines.join('')}`
  const child = lab.jump.spawn(['on', view.name, 'sh', '-c', script])
  let done = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    done += chunk.toString()
  })
  child.stderr?.resume()
  const ended = new Promise((resolve) => child.once('close', resolve))
  return {
    async stop() {
      await lab.jump.run(`on ${view.name} touch /tmp/stop`)
      await ended
      const numbers = done.split('\n').filter(Boolean).map(Number)
      return steps.filter((_, at) => numbers.includes(at))
    },
  }
}

/** The rules of others as they must be after those steps. */
export function afterWriting(firewall: Firewall, steps: readonly WriterStep[]): Firewall {
  const others = new Map(firewall.others)
  for (const { act, chain, rule } of steps) {
    const key = `filter ${chain}`
    const line = `-A ${chain} ${rule}`
    const lines = others.get(key) ?? []
    if (act === 'insert') others.set(key, [line, ...lines])
    if (act === 'append') others.set(key, [...lines, line])
    if (act === 'delete') others.set(key, lines.toSpliced(lines.indexOf(line), 1))
  }
  return { ...firewall, others }
}
