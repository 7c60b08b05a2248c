import { type Check, pass, warn } from '../check.ts'

/** How the programs that the agent knows are disabled for good. */
const disabling: Readonly<Record<string, string>> = {
  firewalld: 'systemctl disable --now firewalld',
  ufw: 'ufw disable',
}

/** Whether another program manages this firewall: its next reload can remove our rule. */
export const firewallManager: Check = {
  id: 'firewall-manager',
  judge({ facts }) {
    if (facts.firewalls.length === 0) return pass
    const names = facts.firewalls.join(' and ')
    return warn(
      `${names} may delete our rule, and rules of Kubernetes, at each start or reload`,
      `On Kubernetes nodes, disable ${names}: ${facts.firewalls.map((name) => `\`${disabling[name] ?? name}\``).join(' and ')}. Do that in a maintenance window, because it may delete rules of Kubernetes. If you keep ${names}, run \`fw-run apply\` after each reload.`,
    )
  },
}
