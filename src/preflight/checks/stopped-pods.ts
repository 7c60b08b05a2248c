import { ownerOf } from '../../placement/rule-owner.ts'
import { type PodStop, podStop } from '../../placement/stopped-pods.ts'
import { type ProtectionCheck, pass, warn } from '../check.ts'

/** Whether nodes and pods of other hosts can open connections to pods here, with or without our rule. */
export const stoppedPods: ProtectionCheck = {
  id: 'stopped-pods',
  judge({ state, intent }) {
    const stop = podStop(state, intent)
    if (!stop) return pass
    const owner = stop.rule && ownerOf(stop.rule)
    return warn(
      `pods on this host get no new connections, even from nodes: ${nameOf(stop)} stops them all`,
      owner
        ? `${owner} wrote that rule: look at the settings of ${owner} and at its policies.`
        : stop.rule
          ? 'If that rule is your own, delete it. Or insert a rule that accepts traffic to pods, between our rule and that one. Then run `fw-run apply` again.'
          : 'Find out why no rule of Calico accepts them: read `iptables -S FORWARD` on that host, and the logs of calico-node.',
    )
  },
}

/** By its text, not by its number: `apply` shows this after its change too, and that change moves other rules. */
function nameOf({ rule }: PodStop): string {
  return rule ? `a rule of ${rule.chain} (${rule.raw})` : 'the policy of FORWARD'
}
