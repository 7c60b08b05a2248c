import type { Rule } from '../iptables/rule.ts'

/**
 * The program that wrote a rule, if its chains or its comment tell. Names are enough
 * here: a program writes its chains again, and an administrator has no reason to use their names.
 */
export function ownerOf({ chain, target, raw }: Rule): string | undefined {
  const names = [chain, target?.name ?? '']
  const comments = [...raw.matchAll(/--comment (?:"([^"]*)|(\S+))/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  )
  return owners.find(
    ({ chains, comment }) =>
      names.some((name) => chains.test(name)) || comments.some((text) => comment.test(text)),
  )?.program
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
  { program: 'a CNI plugin', chains: /^CNI-/, comment: /^CNI / },
]
