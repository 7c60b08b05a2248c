import type { ForwardIntent } from '../../../guard/intent.ts'
import type { Rule } from '../../../iptables/rule.ts'
import { maxNamedInterfaces } from '../../../limits.ts'
import { keepRules } from '../../../placement/keep-rules.ts'
import { ownerOf, wordsFor } from '../../../placement/rule-owner.ts'
import { type PodStop, podStop } from '../../../placement/stopped-pods.ts'
import { typed } from '../../../text/shell-quotes.ts'
import { type ForwardCheck, pass, warn } from '../../check.ts'

/** Whether nodes and pods of other hosts can open connections to pods here, with or without our rule. */
export const stoppedPods: ForwardCheck = {
  id: 'stopped-pods',
  judge({ state, intent }) {
    const stop = podStop(state, intent)
    if (!stop) return pass
    const owner = stop.rule && ownerOf(stop.rule)
    const [first, it] = wordsFor(owner ?? '')
    return warn(
      `${nameOf(stop)} stops all new connections to pods on this host, even from nodes`,
      owner
        ? `${first} wrote that rule: look at the settings and the policies of ${it}. Do not change the rule itself: ${it} would write it again.`
        : stop.rule
          ? mendOwn(stop.rule, intent, stop.arrivals)
          : acceptAtEnd(intent, stop.arrivals),
    )
  },
}

/** Its number is not said, because the administrator may come to it after our change. */
function mendOwn({ chain }: Rule, intent: ForwardIntent, arrivals: readonly string[]): string {
  const accept = acceptPods(`-I ${chain} NUMBER`, intent, arrivals)
  return `If that rule is your own, delete it: \`iptables -nL ${chain} --line-numbers\` on that host shows its number, \`iptables -D ${chain} NUMBER\` deletes it. Or keep it, and accept traffic to pods right before it: ${accept}. If a file restores your own rules at boot, change that file by hand, too. Then run \`fw-run apply\` again.`
}

/** Behind our rule and the policies of Calico. */
function acceptAtEnd(intent: ForwardIntent, arrivals: readonly string[]): string {
  const accept = acceptPods('-A FORWARD', intent, arrivals)
  return `Accept connections to pods at the end of FORWARD: run on that host ${accept}. ${keepRules} Or let Calico accept them: set iptablesFilterAllowAction: Accept in its FelixConfiguration. Then run \`fw-run apply\` again.`
}

/** The command for one rule for each interface: a rule for all of them would open pods to who comes in by one that is not guarded. */
function acceptPods(
  place: string,
  { podCidrs }: ForwardIntent,
  arrivals: readonly string[],
): string {
  const pods = `-d ${podCidrs.join(',')} -j ACCEPT`
  if (arrivals.length > maxNamedInterfaces) {
    return `\`iptables ${place} ${pods}\` (this also accepts packets that come in by interfaces that are not guarded)`
  }
  const [only = '', ...others] = arrivals.map(typed)
  return others.length === 0
    ? `\`iptables ${place} -i ${only} ${pods}\``
    : `\`for name in ${[only, ...others].join(' ')}; do iptables ${place} -i "$name" ${pods}; done\``
}

/** By its text, not by its number: `apply` shows this after its change too, and that change moves other rules. */
function nameOf({ rule }: PodStop): string {
  return rule ? `a rule of ${rule.chain} (${rule.raw})` : 'the policy of FORWARD'
}
