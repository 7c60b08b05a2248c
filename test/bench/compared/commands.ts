import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { renderInventory } from '../../lab/inventory.ts'
import type { Lab } from '../../lab/lab.ts'
import { executable } from '../../scenarios/fw-run.ts'
import type { Measured } from '../measuring/measure.ts'

/** A command that is measured. */
export interface BenchCommand {
  readonly name: string
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Throws if the command did not do what it is measured for. */
  readonly check?: (measured: Measured) => void
  /** Run on the jump host afterwards, not measured. */
  readonly afterwards?: string
}

const floorScript = fileURLToPath(new URL('./floor.mjs', import.meta.url))
const playbook = fileURLToPath(new URL('./playbook.yaml', import.meta.url))

/** As many at a time as fw-run by default. */
const concurrency = '64'

/** The floor alone, for so many hosts. */
export function floor(lab: Lab, hosts: number): BenchCommand {
  const addresses = lab.hosts.slice(0, hosts).map(({ address }) => address)
  return {
    name: 'floor',
    argv: ['node', floorScript, `${lab.jump.home}/.ssh/id_ed25519`, concurrency, ...addresses],
  }
}

/** What fw-run does with so many hosts of a lab, in an order that leaves them as they were. */
export async function ourCommands(
  lab: Lab,
  hosts: number,
  vars: Readonly<Record<string, unknown>> = {},
): Promise<readonly BenchCommand[]> {
  const specs = lab.hosts.slice(0, hosts).map(({ spec }) => spec)
  // The lab's other hosts are nodes of the same cluster.
  const beside = lab.hosts.slice(hosts).map(({ address }) => address)
  const members = beside.length > 0 ? { fw_extra_members: beside } : {}
  const inventory = await lab.file(
    `inventory-${hosts}.yaml`,
    renderInventory(specs, { vars: { ...members, ...vars } }),
  )
  const command = (name: string, word: string, changed: number): BenchCommand => ({
    name,
    argv: ['node', executable, word, '-i', inventory, '--output', 'json'],
    check: ({ stdout }) => {
      const found = documentIn(stdout).hosts.filter(({ changes }) => changes.length > 0).length
      if (found !== changed) throw new Error(`${name}: ${found} of ${hosts} hosts have changes.`)
    },
  })
  return [
    command('`preflight`', 'preflight', hosts),
    command('`apply`, first', 'apply', hosts),
    command('`apply`, nothing to do', 'apply', 0),
    command('`status`', 'status', 0),
    command('`remove`', 'remove', hosts),
  ]
}

/** Other programs that are installed, and how to install those that are not. */
export interface Others {
  readonly commands: readonly BenchCommand[]
  readonly missing: readonly string[]
}

/** The same hosts with what else an administrator may have. The two playbooks leave the hosts as they were. */
export function otherCommands(lab: Lab, hosts: number): Others {
  const names = lab.hosts.slice(0, hosts).map(({ name }) => name)
  const inventory = `${lab.jump.home}/inventory-${hosts}.yaml`
  const ansible = (name: string, state: string): BenchCommand => ({
    name,
    argv: [
      ...['ansible-playbook', '-i', inventory, '-f', `${hosts}`, '-e', `guard=${state}`, playbook],
    ],
    env: {
      ANSIBLE_PIPELINING: 'True',
      ANSIBLE_SSH_ARGS: '-o ControlMaster=auto -o ControlPersist=60s',
      ANSIBLE_GATHERING: 'explicit',
      // 50 logins at a time on two cores take longer than its 10 s.
      ANSIBLE_TIMEOUT: '120',
      ANSIBLE_LOCALHOST_WARNING: 'False',
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    },
    afterwards: 'for path in .ansible/cp/*; do ssh -o ControlPath="$path" -O exit master; done',
  })
  const all: readonly (BenchCommand & { readonly package: string })[] = [
    {
      name: '`clush true`',
      package: 'clustershell',
      argv: ['clush', '-S', '-q', '-l', 'ops', '-f', concurrency, '-w', names.join(','), 'true'],
    },
    {
      name: '`pssh true`',
      package: 'pssh',
      argv: ['parallel-ssh', '-l', 'ops', '-p', concurrency, '-H', names.join(' '), 'true'],
    },
    { ...ansible('Ansible, guard on', 'present'), package: 'ansible-core' },
    { ...ansible('Ansible, guard off', 'absent'), package: 'ansible-core' },
  ]
  const isThere = ({ argv: [program] }: BenchCommand): boolean => existsSync(`/usr/bin/${program}`)
  return {
    commands: all.filter(isThere),
    missing: [
      ...new Set(all.filter((one) => !isThere(one)).map((one) => `apt-get install ${one.package}`)),
    ],
  }
}

/** The part of our JSON that tells what was done. */
interface Document {
  readonly hosts: readonly { readonly requests: number; readonly changes: readonly unknown[] }[]
}

/** What fw-run printed as JSON. */
function documentIn(stdout: string): Document {
  return JSON.parse(stdout) as Document
}

/** How many requests fw-run sent to a host, at most; undefined for other programs. */
export function requestsIn(stdout: string): number | undefined {
  if (!stdout.startsWith('{')) return undefined
  return Math.max(...documentIn(stdout).hosts.map(({ requests }) => requests))
}
