import { closesIpv6, type ForwardIntent, type MangleIntent } from '../../guard/intent.ts'
import { type Check, pass, type Subject, warn } from '../check.ts'

/** The guards that stand among rules which others flush. */
type Endangered = ForwardIntent | MangleIntent

/** How firewall managers are disabled for good. Other services are only kept from starting: their stop may delete all rules. */
const disabling: Readonly<Record<string, string>> = {
  firewalld: 'systemctl disable --now firewalld',
  ufw: 'ufw disable',
}

/**
 * Whether another program manages this firewall: its next restart or reload can remove our rule. It is no matter where the guard
 * is to go, nor with a table: a reload of firewalld or ufw leaves tables of others alone.
 */
export const firewallManager: Check<Endangered> = {
  id: 'firewall-manager',
  judge(subject) {
    const managers = [...subject.facts.firewalls, ...restoring(subject)]
    if (managers.length === 0) return pass
    const names = managers.join(' and ')
    const commands = managers.map((name) => `\`${disabling[name] ?? `systemctl disable ${name}`}\``)
    const ours = subject.intent.kind === 'mangle' ? 'the guard' : 'our rule'
    return warn(
      `${names} may delete ${ours}, and rules of Kubernetes, at each start, restart or reload`,
      [
        `On Kubernetes nodes, disable ${names}: ${commands.join(' and ')}.`,
        ...(managers.some((name) => name in disabling)
          ? ['Do that in a maintenance window, because it may delete rules of Kubernetes.']
          : []),
        `If you keep ${names}, run \`fw-run apply\` after each start, restart or reload.`,
        ...(subject.intent.kind === 'mangle' && subject.facts.firewalls.length === 0
          ? ['Or set fw_persist: true for that host: then the guard comes back by itself.']
          : []),
      ].join(' '),
    )
  },
}

/** The enabled services that flush or replace the table of our rule. Boot files bring the guard back with these services. */
function restoring({ facts, intent }: Subject<Endangered>): readonly string[] {
  if (intent.kind === 'mangle' && intent.persist) return []
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
