import type { Sections } from '../agent/sections.ts'
import { parseRuleset, type Ruleset } from '../iptables/ruleset.ts'
import { textOf } from './reading.ts'

/**
 * The rules of ours that a program of the other backend shows, such as `iptables-legacy`; or that it cannot be asked, though rules that
 * are not seen use our set. `failure` is unset where it is not installed.
 */
export type UnseenRules =
  | { readonly kind: 'shown'; readonly program: string; readonly ruleset: Ruleset }
  | { readonly kind: 'unknown'; readonly program: string; readonly failure: string | undefined }

/** Reads what the agent found in the other backend, where rules that it cannot see use our set. */
export function readUnseenRules(sections: Sections): readonly UnseenRules[] {
  const parts = textOf(sections, 'unseen-rules').split(/^(?=[#!] )/m)
  return parts.flatMap((part) => {
    const [, sign, program, said] =
      /^([#!]) (ip6?tables-(?:legacy|nft))(?:\t(.*))?$/m.exec(part) ?? []
    if (program === undefined) return []
    if (sign === '!') return { kind: 'unknown', program, failure: said }
    const ruleset = parseRuleset(part, 'other')
    if (ruleset.fault === undefined) return { kind: 'shown', program, ruleset }
    const failure = `fw-run does not understand what \`${program}-save\` prints`
    return { kind: 'unknown', program, failure }
  })
}

/** Why our table may stand although the host has no `nft`. */
export function readUnseenTable(sections: Sections): 'noted' | 'boot' | undefined {
  const said = textOf(sections, 'unseen-table').trim()
  return said === 'noted' || said === 'boot' ? said : undefined
}
