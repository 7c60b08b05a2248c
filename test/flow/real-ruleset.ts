import { readFileSync } from 'node:fs'
import { parseRuleset, type Ruleset } from '../../src/iptables/ruleset.ts'

/** A ruleset that someone posted, as `iptables-save` printed it or `iptables -S`, which names no table: it is filter's. */
export function realRuleset(name: string): Ruleset {
  const text = readFileSync(new URL(`../iptables/fixtures/${name}.rules`, import.meta.url), 'utf8')
  return parseRuleset(/^\*filter$/m.test(text) ? text : saved(text))
}

function saved(listed: string): string {
  // Some are followed by those of nat.
  const [filter = ''] = listed.split('-P PREROUTING')
  const lines = filter.split('\n')
  const heads = lines.flatMap((line) => {
    const [, policy, chain = '', word = '-'] = /^-(?:(P)|N) (\S+) ?(\S+)?$/.exec(line) ?? []
    return chain ? [`:${chain} ${policy ? word : '-'} [0:0]`] : []
  })
  const forward = heads.some((head) => head.startsWith(':FORWARD '))
    ? []
    : [':FORWARD ACCEPT [0:0]']
  const rules = lines.filter((line) => line.startsWith('-A '))
  return ['*filter', ...heads, ...forward, ...rules, 'COMMIT', ''].join('\n')
}
