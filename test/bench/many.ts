import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { LabHost } from '../lab/host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleRules, articleSets } from '../lab/spec.ts'
import { executable } from '../scenarios/fw-run.ts'
import { podAddress } from './many/pod-address.ts'
import { startScriptedHosts } from './many/scripted-hosts.ts'
import { measure } from './measuring/measure.ts'
import { profileLines, readRun } from './measuring/profile.ts'
import { table } from './measuring/statistics.ts'

const script = readFileSync(fileURLToPath(new URL('./many/many.sh', import.meta.url)), 'utf8')

/** How many of the hosts are whole ones of the lab. */
const sample = 3

/**
 * One whole round on so many hosts, a few of them whole, the others addresses of one host, or scripted: a table, and where the
 * runner's time went. Throws if a host is not as it should be.
 */
export async function manyLines(
  hosts: number,
  scripted: boolean,
  tell: (news: string) => void,
): Promise<readonly string[]> {
  const lab = await startLab({ hosts: sample + 1 })
  try {
    tell(`${hosts} hosts come up`)
    const inventory = await prepareMany(lab, hosts, scripted)
    const words = (word: string): readonly string[] => [
      ...[executable, word, '-i', inventory, '--timeout', '120'],
    ]
    const rows: (readonly string[])[] = []
    const all = async (word: string, end: string, name = `\`${word}\``): Promise<void> => {
      tell(`${word} on ${hosts} hosts`)
      const run = await measure(lab, ['node', ...words(word)])
      if (!run.stdout.endsWith(`${end}\n`)) throw new Error(run.stdout.slice(-1000))
      rows.push([
        name,
        run.wall.toFixed(0),
        ((run.runnerCpu * 1000) / hosts).toFixed(1),
        ((run.hostsCpu * 1000) / hosts).toFixed(0),
        run.peakMemory.toFixed(0),
      ])
    }
    await all('preflight', `apply would change ${hosts} hosts.`)
    await all('apply', `${hosts} of ${hosts} hosts changed.`, '`apply`, first')
    await all('apply', `nothing to do on ${hosts} hosts.`, '`apply`, nothing to do')
    await all('status', `${hosts} hosts protected.`)
    await all('remove', `${hosts} of ${hosts} hosts changed.`)
    tell('where the time goes')
    const profiled = await readRun(lab, [
      executable,
      'preflight',
      '-i',
      inventory,
      '--timeout',
      '120',
    ])
    return [
      ...table(
        [
          'command',
          'wall, s',
          'CPU of the runner for a host, ms',
          'CPU of a host, ms',
          'peak memory, MB',
        ],
        rows,
      ),
      '',
      ...profileLines([['`preflight`', profiled]]),
    ]
  } finally {
    await lab.stop()
  }
}

/** Makes so many hosts in a lab; gives the path of their inventory. */
async function prepareMany(lab: Lab, hosts: number, scripted: boolean): Promise<string> {
  const addresses = Array.from({ length: hosts - sample }, (_, i) => addressOf(i))
  const key = await (scripted ? startScriptedHosts : makeMany)(lab, addresses)
  return writeInventory(lab, addresses, key)
}

/** Makes the last host of the lab stand for all beyond the sample; gives its host key. */
async function makeMany(lab: Lab, addresses: readonly string[]): Promise<string> {
  const carrier = carrierOf(lab)
  const must = async (command: string, stdin = '', place = carrier.run): Promise<string> => {
    const { code, stdout, stderr } = await place(command, { stdin, timeoutMs: 1_800_000 })
    if (code !== 0) throw new Error(`${command}: ${stderr}`)
    return stdout
  }
  await must('cat >/root/rules', articleRules)
  await must('cat >/root/sets', articleSets)
  await must('cat >/root/many.sh', script)
  await must(
    'sh /root/many.sh 10.200.0.0/16',
    addresses
      .map((address, i) => `${address} ${podAddress(i, 0)}/29 ${podAddress(i, 2)}\n`)
      .join(''),
  )
  // One sshd gets the logins of all.
  await carrier.killSshd()
  await must("echo 'MaxStartups 1000' >>/etc/ssh/sshd_config")
  await carrier.startSshd()
  await must(`ip route add 10.200.0.0/16 via ${carrier.address}`, '', lab.jump.run)
  return (await must('cut -d " " -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub')).trim()
}

/** The host of the lab that is not in the inventory. */
function carrierOf(lab: Lab): LabHost {
  return lab.host(`node${sample + 1}`)
}

/** Writes known_hosts and the inventory; gives the path of that. */
async function writeInventory(
  lab: Lab,
  addresses: readonly string[],
  key: string,
): Promise<string> {
  await lab.jump.run('cat >>.ssh/known_hosts', {
    stdin: addresses.map((address) => `${address} ${key}\n`).join(''),
  })
  const whole = lab.hosts.slice(0, sample).map(({ name, address }) => [name, address] as const)
  const others = addresses.map((address, i) => [`many${i + 1}`, address] as const)
  return lab.file(
    'many.yaml',
    stringify({
      all: {
        // The carrier is a node of the lab's cluster, but no host of its own here.
        vars: {
          ansible_user: 'ops',
          fw_interface: 'ens18',
          fw_extra_members: [carrierOf(lab).address],
        },
        hosts: Object.fromEntries(
          [...whole, ...others].map(([name, address]) => [name, { ansible_host: address }]),
        ),
      },
    }),
  )
}

function addressOf(i: number): string {
  return `10.200.${(i + 16) >> 8}.${(i + 16) & 255}`
}
