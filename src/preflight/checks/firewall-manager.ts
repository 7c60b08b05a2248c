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
    return warn(
      `${facts.firewalls.join(' and ')} may remove our rule, and rules of Kubernetes, when it starts or reloads`,
      `It is better to disable it on Kubernetes nodes: ${facts.firewalls.map((name) => `\`${disabling[name] ?? name}\``).join(' and ')}. That may delete rules of Kubernetes, too, so do it in a maintenance window. If you keep it, run \`fw-run status\` after each of its reloads. If the rule is gone, \`fw-run apply\` puts it back.`,
    )
  },
}
