import { randomUUID } from 'node:crypto'
import type { Lab } from '../lab/lab.ts'
import { address6, pods6 } from './dual-stack.ts'
import { firewalls, fwRun, type Run } from './fw-run.ts'

/** A service of the article's rules, by its ClusterIP. */
export const clusterIp = '10.43.0.80'

/** The networks that a guard before routing closes in a lab. */
const networks = {
  fw_pod_cidrs: ['10.42.0.0/16', pods6],
  fw_service_cidrs: ['10.43.0.0/16'],
}

/** Runs fw-run with a guard in the inventory, which hosts may have of their own, and with these variables. */
export async function withGuard(
  lab: Lab,
  guard: string | Readonly<Record<string, string>>,
  words: readonly string[],
  vars: object = {},
): Promise<Run> {
  const hosts = Object.fromEntries(
    lab.hosts.map(({ name }, at) => [
      name,
      {
        ip6: address6(at + 1),
        ...(typeof guard === 'object' && { fw_guard: guard[name] }),
      },
    ]),
  )
  const all = typeof guard === 'string' ? { fw_guard: guard } : {}
  const yaml = lab.inventoryYaml({ vars: { ...all, ...networks, ...vars }, hosts })
  const file = await lab.file('guarded.yaml', yaml)
  return fwRun(lab, words, { env: { FW_RUN_INVENTORY: file } })
}

/** Firewalls of both families to the byte, and the names of the tables of nft. Tables without rules do not count. */
export async function everything(lab: Lab): Promise<readonly string[]> {
  const others = await Promise.all(
    lab.hosts.map(async ({ run }) => {
      const { stdout } = await run("ip6tables-save | grep -v '^#'; nft list tables 2>/dev/null")
      return stdout.replace(/ \[\d+:\d+\]$/gm, '')
    }),
  )
  const empty = /^\*\w+\n(?::\S+ ACCEPT\n)*COMMIT\n|^table ip6? (?:mangle|raw)\n/gm
  return [...(await firewalls(lab)), ...others].map((text) => text.replace(empty, ''))
}

interface Pings {
  readonly sent: number
  readonly answered: number
  /** Requests without an answer before the last that got one; later ones may still be on their way. */
  readonly lost: number
}

/** What became of echo requests, sent every 5 ms while something is done: of the outsider, and of a pod to another host. */
export async function meanwhile(
  lab: Lab,
  work: () => Promise<void>,
): Promise<Readonly<Record<'outsiders' | 'pods', Pings>>> {
  const places = [lab.outsider, lab.pod(1)]
  // Other labs of this machine share /tmp of the outsider and of pods.
  const file = `/tmp/pings-${randomUUID()}`
  const pings = places.map((place) =>
    place.run(`echo $$ >${file}-${place.name}; exec ping -n -i 0.005 ${lab.pod(2).address}`),
  )
  await work()
  for (const place of places)
    await place.run(`read -r pid <${file}-${place.name}; rm ${file}-${place.name}; kill -INT $pid`)
  const said = (await Promise.all(pings)).map(({ stdout }) => stdout)
  const [outsiders = '', pods = ''] = said
  return { outsiders: pingsIn(outsiders), pods: pingsIn(pods) }
}

function pingsIn(output: string): Pings {
  const sent = Number(/(\d+) packets transmitted/.exec(output)?.[1])
  const answers = [...output.matchAll(/bytes from .* icmp_seq=(\d+)/g)].map(([, n]) => Number(n))
  return { sent, answered: answers.length, lost: (answers.at(-1) ?? 0) - new Set(answers).size }
}
