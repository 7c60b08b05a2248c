import type { ServiceManager } from '../../facts/boot-files.ts'
import { closesIpv6, type ForwardIntent, type MangleIntent } from '../../guard/intent.ts'
import { type Check, pass, type Subject, warn } from '../check.ts'
import { disabling, ifKept } from '../evidence/boot-commands.ts'

/** The guards that stand among rules which others flush. */
type Endangered = ForwardIntent | MangleIntent

/** How firewall managers are disabled for good. Other services are only kept from starting: their stop may delete all rules. */
const ending: Readonly<Record<string, (manager: ServiceManager) => string>> = {
  firewalld: (manager) =>
    manager === 'systemd'
      ? '`systemctl disable --now firewalld`'
      : `${disabling(['firewalld'], manager)}, then \`service firewalld stop\``,
  ufw: () => '`ufw disable`',
}

/**
 * Whether another program manages this firewall: its next restart or reload can remove our rule. It is no matter where the guard
 * is to go, nor with a table: a reload of firewalld or ufw leaves tables of others alone.
 */
export const firewallManager: Check<Endangered> = {
  id: 'firewall-manager',
  judge(subject) {
    const { intent } = subject
    const { firewalls } = subject.facts
    const managers = [...firewalls, ...restoring(subject)]
    if (managers.length === 0) return pass
    const names = managers.join(' and ')
    const system = subject.state.boot?.manager ?? 'systemd'
    const commands = managers.map((name) => ending[name]?.(system) ?? disabling([name], system))
    const late = isKept(subject) && firewalls.includes('firewalld')
    const ours = intent.kind === 'mangle' ? 'the guard' : 'the rule of fw-run'
    return warn(
      `${names} may delete ${ours}, and rules of Kubernetes, at each start, restart or reload${late ? `. ${atBoot}` : ''}`,
      [
        `On Kubernetes nodes, disable ${names}: ${commands.join(' and ')}.`,
        ...(managers.some((name) => name in ending)
          ? ['Do that in a maintenance window, because it may delete rules of Kubernetes.']
          : []),
        ifKept(managers, {
          manager: system,
          persist: isKept(subject) && firewalls.length === 0,
          atBoot: late,
        }),
        ...(intent.kind === 'mangle' &&
        !intent.persist &&
        system === 'systemd' &&
        firewalls.length === 0
          ? [
              'Or set fw_persist: true for that host, and run `fw-run apply`: then the guard comes back by itself.',
            ]
          : []),
      ].join(' '),
    )
  },
}

/** To systemd it has started as soon as it has its name on D-Bus. Its rules come later. Seen with firewalld 1.3 on Debian 12. */
const atBoot =
  'At boot, firewalld does that after the boot files have created the guard: the host is then not protected'

function isKept({ intent }: Subject<Endangered>): boolean {
  return intent.kind === 'mangle' && intent.persist
}

/** The enabled services that flush or replace the table of our rule. With systemd, boot files bring the guard back with these services. */
function restoring(subject: Subject<Endangered>): readonly string[] {
  const { facts, intent, state } = subject
  if (isKept(subject) && (state.boot?.manager ?? 'systemd') === 'systemd') return []
  const ofMangle = intent.kind === 'mangle'
  const six = ofMangle && closesIpv6(intent)
  const { flushingService: flushing } = facts
  const flushed = ofMangle && facts.tools.backend === 'nf_tables' && flushing !== undefined
  return [
    ...facts.bootObstacles.restorers.filter(
      (name) => name !== 'ipset' && (name !== 'ip6tables' || six),
    ),
    ...(flushed ? [flushing] : []),
  ]
}
