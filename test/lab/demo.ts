import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Lab, startLab } from './lab.ts'

const executable = fileURLToPath(new URL('../../bin/fw-run.js', import.meta.url))

/** The main job on three real hosts, with the real output. Ends with 1 if anything is not as the demo says. */
async function demo(): Promise<void> {
  say(
    'Three Kubernetes nodes come up, each with its sshd, its sudo, its legacy iptables and a pod behind it.',
  )
  const lab = await startLab({ hosts: 3 })
  try {
    await lab.file('inventory.yaml', lab.inventoryYaml())
    const before = await rules(lab)

    say(
      'An outsider, a machine that is not in the cluster, routes the pod network to a node. It reaches a pod:',
    )
    await reach(lab, true)
    say('What would be done? Nothing is written yet.')
    await fwRun(lab, ['preflight', '-i', 'inventory.yaml'], 0)
    say('Do it, on all hosts or on none:')
    await fwRun(lab, ['apply', '-i', 'inventory.yaml'], 0)
    say('The outsider again, and nodes and pods among themselves:')
    await reach(lab, false)
    await talk(lab)
    say('Is every host protected, and what was rejected?')
    await fwRun(lab, ['status', '-i', 'inventory.yaml'], 0)
    say('Take it off again:')
    await fwRun(lab, ['remove', '-i', 'inventory.yaml'], 0)
    await reach(lab, true)
    expect(
      'iptables-save and ipset save read as before on all hosts',
      (await rules(lab)) === before,
    )
  } finally {
    await lab.stop()
  }
}

async function reach(lab: Lab, open: boolean): Promise<void> {
  const pod = lab.pod(1).address
  expect(
    `outsider: ping ${pod} ${open ? 'is answered' : 'fails'}`,
    (await lab.outsider.canPing(pod)) === open,
  )
  expect(
    `outsider: TCP to ${pod}:8080 ${open ? 'connects' : 'fails'}`,
    (await lab.outsider.canConnect(pod)) === open,
  )
}

async function talk(lab: Lab): Promise<void> {
  const pod = lab.pod(2).address
  expect(
    `node1: TCP to the pod of node2 (${pod}:8080) connects`,
    await lab.host('node1').canConnect(pod),
  )
  expect(
    `pod of node1: TCP to the pod of node2 (${pod}:8080) connects`,
    await lab.pod(1).canConnect(pod),
  )
}

async function fwRun(lab: Lab, words: readonly string[], wanted: number): Promise<void> {
  process.stdout.write(`$ fw-run ${words.join(' ')}\n`)
  const child = lab.jump.spawn(['node', executable, ...words], { stdio: 'inherit' })
  const [code] = await once(child, 'close')
  expect(`fw-run ended with ${code}`, code === wanted)
}

async function rules(lab: Lab): Promise<string> {
  const texts = await Promise.all(
    lab.hosts.map(async (host) => [await host.filterRules(), await host.sets()]),
  )
  return texts.join('\n')
}

function say(text: string): void {
  process.stdout.write(`\n# ${text}\n`)
}

function expect(text: string, holds: boolean): void {
  process.stdout.write(`${holds ? '✔' : '✘ NOT SO:'} ${text}\n`)
  if (!holds) process.exitCode = 1
}

await demo()
