import { type Check, pass, warn } from '../check.ts'

/** Whether another program manages this firewall: its next reload can remove our rule. */
export const firewallManager: Check = {
  id: 'firewall-manager',
  judge({ facts }) {
    if (facts.firewalls.length === 0) return pass
    return warn(
      `${facts.firewalls.join(' and ')} may remove our rule, and rules of Kubernetes, when it starts or reloads`,
      'After each reload, run `fw-run status`. If the rule is gone, `fw-run apply` puts it back. It is better to disable that program on Kubernetes nodes, in a maintenance window.',
    )
  },
}
