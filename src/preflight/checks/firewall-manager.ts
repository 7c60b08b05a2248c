import { type Check, pass, warn } from '../check.ts'

/** Whether another program manages this firewall: its next reload can remove our rule. */
export const firewallManager: Check = {
  id: 'firewall-manager',
  judge({ facts }) {
    if (facts.firewalls.length === 0) return pass
    return warn(
      `${facts.firewalls.join(' and ')} may remove rules of others, and so ours, when it reloads`,
      'After each reload run `fw-run status`; `fw-run apply` puts the rule back. On Kubernetes nodes it is better disabled: do that in a maintenance window.',
    )
  },
}
