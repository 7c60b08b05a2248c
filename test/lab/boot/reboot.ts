import { readFileSync } from 'node:fs'
import type { LabHost } from '../host.ts'

const script = (name: string): string =>
  readFileSync(new URL(`./${name}.sh`, import.meta.url), 'utf8')

/** Puts a systemd to work on a host, as far as fw-run sees it: its systemctl is a stand-in. */
export async function startSystemd(host: LabHost): Promise<void> {
  const place = '/usr/local/sbin/systemctl'
  const command = `mkdir -p /run/systemd/system && cat >${place} && chmod 755 ${place}`
  await must(host, command, script('systemctl'))
}

/** Takes from a host what a reboot takes; it has not started again yet, forwards nothing, and lets nobody log in. */
export async function shutDown(host: LabHost): Promise<void> {
  await host.killSshd()
  await must(host, 'sh', script('reboot'))
}

/** Starts what is wanted at boot, then sshd. Resolves when that is done, with nothing forwarded yet. */
export async function startUp(host: LabHost): Promise<void> {
  await must(host, 'systemctl boot')
  await host.startSshd()
}

/** The first moment at which packets of others can reach pods. */
export async function startPods(host: LabHost): Promise<void> {
  await must(
    host,
    'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
  )
}

async function must(host: LabHost, command: string, stdin = ''): Promise<void> {
  const { code, stderr } = await host.run(command, { stdin })
  if (code !== 0) throw new Error(`${host.name}: '${command}' ended with ${code}: ${stderr}`)
}
