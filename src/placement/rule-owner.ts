import type { Rule } from '../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'
import { onceFor } from '../memory/once-for.ts'

/**
 * The program that wrote a rule, if its chains or its comment tell. Names are enough
 * here: a program writes its chains again, and an administrator has no reason to use their names.
 */
export const ownerOf = onceFor(({ chain, target, raw }: Rule): string | undefined => {
  const names = [chain, target?.name ?? '']
  const comments = [...raw.matchAll(/--comment (?:"([^"]*)|(\S+))/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  )
  return owners.find(
    ({ chains, comment }) =>
      names.some((name) => chains.test(name)) || comments.some((text) => comment.test(text)),
  )?.program
})

const someCniPlugin = 'a CNI plugin'

/** What sentences call a program of `ownerOf`: the word that begins the first, and the word for it after that. */
export function wordsFor(program: string): readonly [string, string] {
  return program === someCniPlugin ? ['A CNI plugin', 'that plugin'] : [program, program]
}

/**
 * Whether a rule is one of the two that flannel before 0.20 wrote into FORWARD, without a comment: they accept a pod network
 * as source and as destination.
 */
export function isOfOldFlannel(rule: Rule, ruleset: Ruleset, podCidrs: readonly string[]): boolean {
  const network = wholeNetwork(rule)
  if (rule.chain !== 'FORWARD' || !network || !podCidrs.includes(network.cidr)) return false
  return rulesOf(ruleset, 'filter', 'FORWARD').some((other) => {
    const opposite = wholeNetwork(other)
    return opposite?.cidr === network.cidr && opposite.kind !== network.kind
  })
}

/** The network that a rule accepts as source or destination without any other condition. */
function wholeNetwork({ matches: [match, ...more], target }: Rule) {
  if (target?.name !== 'ACCEPT' || more.length > 0) return undefined
  if (match?.kind !== 'source' && match?.kind !== 'destination') return undefined
  return match.negated ? undefined : match
}

/** `DOCKER-USER` is for rules of the administrator. */
const owners: readonly {
  readonly program: string
  readonly chains: RegExp
  readonly comment: RegExp
}[] = [
  { program: 'Calico', chains: /^cali-/, comment: /^cali:/ },
  { program: 'kube-router', chains: /^KUBE-(ROUTER|POD-FW|NWPLCY)/, comment: /kube-router/ },
  { program: 'kube-proxy', chains: /^KUBE-/, comment: /^kubernetes / },
  { program: 'flannel', chains: /^FLANNEL-/, comment: /^flanneld / },
  { program: 'Weave', chains: /^WEAVE/, comment: /^$/ },
  { program: 'docker', chains: /^DOCKER(?!-USER$)/, comment: /^$/ },
  { program: someCniPlugin, chains: /^CNI-/, comment: /^CNI / },
]
