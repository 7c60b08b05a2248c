import { fileURLToPath } from 'node:url'
import type { RunOptions } from '../lab/inside.ts'
import type { Lab } from '../lab/lab.ts'
import { readOutput } from '../report/contract.ts'

/** The built program, as a user starts it. */
export const executable = fileURLToPath(new URL('../../bin/fw-run.js', import.meta.url))

/** What one run of fw-run left; `json` reads its stdout. */
export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly json: () => RunDocument
}

/** The part of the JSON document that the scenarios look at. */
export interface RunDocument {
  readonly outcome: string
  readonly exitCode: number
  readonly error?: { readonly code: string; readonly message: string; readonly remedy?: string }
  readonly hosts: readonly {
    readonly host: string
    readonly state: string
    readonly requests: number
    readonly changes: readonly unknown[]
    readonly notes: readonly string[]
    readonly checks: readonly {
      readonly id: string
      readonly title: string
      readonly result: string
      readonly reason?: string
      readonly remedy?: string
    }[]
    readonly rules: readonly { readonly position: number; readonly rule: string }[]
    readonly rejected?: { readonly packets: number; readonly bytes: number }
    readonly fault?: { readonly step: string; readonly reason: string }
  }[]
}

/**
 * Runs fw-run on the jump host with the lab's inventory, unless FW_RUN_INVENTORY says otherwise. JSON that breaks the
 * contract is a fault.
 */
export async function fwRun(
  lab: Lab,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const inventory =
    options.env?.FW_RUN_INVENTORY ?? (await lab.file('inventory.yaml', lab.inventoryYaml()))
  const line = ['node', executable, ...words].map(quote).join(' ')
  const env = { ...options.env, FW_RUN_INVENTORY: inventory }
  const answer = await lab.jump.run(line, { ...options, env })
  const format = words[words.indexOf('--output') + 1]
  if (answer.stdout !== '' && (format === 'json' || format === 'ndjson'))
    readOutput(answer.stdout, format)
  return { ...answer, json: () => JSON.parse(answer.stdout) as RunDocument }
}

/** Quotes a word for sh. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** The firewall of every host, to the byte but for counters, and what lies about of ours but for the note. */
export function firewalls(lab: Lab): Promise<readonly string[]> {
  const left = 'for file in /run/fw-run/*; do [ ! -e "$file" ] || echo "$file"; done'
  return Promise.all(
    lab.hosts.map(async (host) => {
      const { stdout } = await host.run(`iptables-save; ipset save; ${left}`)
      const lasting = stdout.replace(/^#.*\n|^\/run\/fw-run\/note\n/gm, '')
      return `${host.name}\n${lasting.replace(/ \[\d+:\d+\]$/gm, '')}`
    }),
  )
}

/** The numbers and texts of our rules in FORWARD of a host. */
export async function guards(lab: Lab, host: string): Promise<readonly string[]> {
  const { stdout } = await lab.host(host).run('iptables -S FORWARD')
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('-A'))
    .flatMap((line, index) => (line.includes('cluster_nodes') ? [`${index + 1} ${line}`] : []))
}

/** The rule of the article, at its place, as `iptables -S` prints it. */
export const articleGuard =
  '12 -A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable'
