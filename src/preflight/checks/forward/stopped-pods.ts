import type { ForwardIntent } from '../../../guard/intent.ts'
import type { Rule } from '../../../iptables/rule.ts'
import { ownerOf } from '../../../placement/rule-owner.ts'
import { type PodStop, podStop } from '../../../placement/stopped-pods.ts'
import { type ForwardCheck, pass, warn } from '../../check.ts'

/** Whether nodes and pods of other hosts can open connections to pods here, with or without our rule. */
export const stoppedPods: ForwardCheck = {
  id: 'stopped-pods',
  judge({ state, intent }) {
    const stop = podStop(state, intent)
    if (!stop) return pass
    const owner = stop.rule && ownerOf(stop.rule)
    return warn(
      `pods on this host get no new connections, even from nodes: ${nameOf(stop)} stops them all`,
      owner
        ? `${owner} wrote that rule: look at the settings of ${owner} and at its policies. Do not change the rule itself: ${owner} would write it again.`
        : stop.rule
          ? mendOwn(stop.rule, intent)
          : 'If iptablesFilterAllowAction is Return, Calico does not accept connections to pods in FORWARD: `kubectl get felixconfiguration default -o yaml` shows the value. If it is not Return, read `iptables -S FORWARD` on that host, and the log of calico-node there.',
    )
  },
}

/** Its number is not said, because the administrator may come to it after our change. */
function mendOwn({ chain }: Rule, { podCidrs }: ForwardIntent): string {
  return `If that rule is your own, delete it: \`iptables -nL ${chain} --line-numbers\` on that host shows its number, \`iptables -D ${chain} NUMBER\` deletes it. Or keep it, and accept traffic to pods right before it: \`iptables -I ${chain} NUMBER -d ${podCidrs.join(',')} -j ACCEPT\`. If a file restores your own rules at boot, change it there by hand, too. Then run \`fw-run apply\` again.`
}

/** By its text, not by its number: `apply` shows this after its change too, and that change moves other rules. */
function nameOf({ rule }: PodStop): string {
  return rule ? `a rule of ${rule.chain} (${rule.raw})` : 'the policy of FORWARD'
}
