import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../lab/inside.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { long } from '../rounds.ts'
import { executable, fwRun } from './fw-run.ts'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))

/** A machine of its own over the jump host, with fw-run, an inventory and node_exporter's directory where the examples expect them. */
const installed = `set -e
for at in usr/bin etc var/lib; do
  mkdir -p up/$at work/$at
  mount -t overlay overlay -o "lowerdir=/$at,upperdir=$HOME/up/$at,workdir=$HOME/work/$at" /$at
done
mkdir -p /etc/fw-run /var/lib/prometheus/node-exporter
cp inventory.yaml /etc/fw-run
printf '#!/bin/sh\\nexec ${process.execPath} ${executable} "$@"\\n' >/usr/bin/fw-run
chmod 755 /usr/bin/fw-run
set +e
`

describe.runIf(long)('the examples, as they stand', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 3 })
    await lab.file('inventory.yaml', lab.inventoryYaml())
    await lab.file('installed.sh', installed)
  })
  afterAll(() => lab.stop())

  /** Runs a command on such a machine. */
  const run = (command: string): Promise<Answer> =>
    lab.jump.run(
      `LC_ALL=C.UTF-8 unshare --mount sh -c '. ./installed.sh; eval "$1"' sh ${quoted(command)}`,
    )
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  const commandOf = (unit: string): string =>
    `$(sed -n 's/^ExecStart=//p' ${examples}/systemd/${unit})`
  const metrics = 'cat /var/lib/prometheus/node-exporter/fw-run.prom'

  it('systemd finds no fault in the units', async () => {
    expect(await run(`systemd-analyze verify ${examples}/systemd/*`)).toMatchObject({
      ...{ code: 0, stdout: '', stderr: '' },
    })
  })

  it('the audit writes metrics; the repair protects all hosts, and the next audit is content', async () => {
    const before = await run(
      `${commandOf('fw-run-audit.service')}; code=$?; ${metrics}; exit $code`,
    )
    expect(before.code).toBe(3)
    expect(before.stdout.match(/^fw_run_host_protected\{.*host="node\d"\} 0$/gm)).toHaveLength(3)
    expect((await run(commandOf('fw-run-repair.service'))).code).toBe(0)
    const line = `$(sed -n 's/^\\*.* fw-run fw-run /fw-run /p' ${examples}/cron/fw-run)`
    const after = await run(`${line} && ${metrics}`)
    expect(after).toMatchObject({ code: 0, stderr: '' })
    expect(after.stdout.match(/^fw_run_host_protected\{.*host="node\d"\} 1$/gm)).toHaveLength(3)
  })

  it('the jobs for CI leave the page and JUnit', async () => {
    const jobs = `sed -n 's/^ *- \\(run: \\)*fw-run /fw-run /p' ${examples}/gitlab-ci.yml ${examples}/github-workflow.yml`
    const answer = await run(`${jobs} | sh -e && ls fw-run.html fw-run.xml && ${jobs} | wc -l`)
    expect(answer.stdout).toMatch(/fw-run\.html\nfw-run\.xml\n2\n$/)
  })

  it('the play of Ansible knows changed, failed and check mode', async () => {
    await fwRun(lab, ['remove'])
    const play = `ansible-playbook -i inventory.yaml ${examples}/ansible/fw-run.yml`
    const planned = await run(`${play} --check`)
    expect(planned.stdout).toContain('nothing was changed; apply would change 3 hosts.')
    expect(planned.stdout).toMatch(/localhost +: ok=2 +changed=1 .* failed=0/)
    const first = await run(play)
    expect(first.stdout).toContain('apply: done, 3 of 3 hosts changed.')
    expect(first.stdout).toMatch(/localhost +: ok=2 +changed=1 .* failed=0/)
    // What the nodes need to become root is not for the controller.
    await lab.file('become.yaml', lab.inventoryYaml({ vars: { ansible_become: true } }))
    const second = await run(
      `${play.replace('inventory.yaml', 'become.yaml')} -e ansible_become_exe=/bin/false`,
    )
    expect(second.stdout).toMatch(/localhost +: ok=2 +changed=0 .* failed=0/)
    await lab.file('broken.yaml', lab.inventoryYaml({ vars: { fw_interface: 'none0' } }))
    const failed = await run(play.replace('inventory.yaml', 'broken.yaml'))
    expect(failed.code).not.toBe(0)
    expect(failed.stdout).toMatch(
      /refused, nothing was changed\. Not ready: node1, node2, node3\..*\(exit code 2\)/,
    )
    expect(failed.stdout).toMatch(/localhost +: ok=1 +changed=0 .* failed=1/)
    await run(`sed "s/'fw-run',/'fw-run-absent',/" ${examples}/ansible/fw-run.yml >absent.yml`)
    const missing = await run('ansible-playbook -i inventory.yaml absent.yml')
    expect(missing.stdout).toMatch(/No such file or directory.*fw-run-absent.*\(exit code 2\)/)
  })
})
