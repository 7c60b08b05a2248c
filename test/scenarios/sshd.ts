import type { LabHost } from '../lab/host.ts'

/** Starts sshd of a host anew with more options. */
export async function restartSshd(host: LabHost, ...options: readonly string[]): Promise<void> {
  const words = options.flatMap((option) => ['-o', option]).join(' ')
  await host.run(`printf '%s\\n' ${words} >>/usr/lib/lab/sshd.arguments`)
  await host.killSshd()
  await host.startSshd()
}
