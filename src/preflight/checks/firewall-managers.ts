import { type Check, pass, warn } from '../check.ts'

/** Whether another program believes that it owns this firewall: its next reload would take our rule away. */
export const firewallManagers: Check = {
  title: 'no other firewall manager',
  judge({ facts }) {
    if (facts.firewalls.length === 0) return pass
    return warn(
      `${facts.firewalls.join(' and ')} is active and flushes foreign rules when it reloads`,
      'Disable it on Kubernetes nodes, or run `fw-run status` after each of its reloads.',
    )
  },
}
