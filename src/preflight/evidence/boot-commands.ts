import type { ServiceManager } from '../../facts/boot-files.ts'

/** The commands that keep services from starting at boot. Where it is not known what starts services, they are those of systemd. */
export function disabling(names: readonly string[], manager: ServiceManager = 'systemd'): string {
  return listed(names.map(commands[manager]))
}

const commands: Readonly<Record<ServiceManager, (name: string) => string>> = {
  systemd: (name) => `systemctl disable ${name}`,
  openrc: (name) => `rc-update -a del ${name}`,
  sysv: (name) => `chkconfig ${name} off || update-rc.d ${name} disable`,
}

/**
 * What else helps against services that take the guard away when they start, where our boot files, if there are any, do not bring it back
 * with them. OpenRC starts all of the runlevel `boot`, as ours, before all of `default`, whatever the services say of their order.
 */
export function ifKept(
  names: readonly string[],
  {
    manager,
    persist,
    atBoot = false,
  }: { readonly manager: ServiceManager; readonly persist: boolean; readonly atBoot?: boolean },
): string {
  const both = names.join(' and ')
  const again = `If you keep ${both}, run \`fw-run apply\` after each start, restart or reload${atBoot ? ', also after each boot of the host' : ''}.`
  if (manager !== 'openrc' || !persist) return again
  const moves = names.map((name) => `rc-update -a del ${name} && rc-update add ${name} boot`)
  return `${again} At boot, ${both} must start before the service of fw-run, which is in the runlevel boot. If ${both} ${names.length > 1 ? 'are' : 'is'} not there, run ${listed(moves)} on that host.`
}

function listed(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(' and ')
}
