import type { Sections } from '../../agent/sections.ts'
import { maxChainRules } from '../../limits.ts'
import { textOf } from '../reading.ts'

/**
 * Reads the ClusterIPs of which a large host left out the rules: they stand in a last line, after all tables. Those that differ in
 * their last number stand together, as `10.43.0.1,10,80`.
 */
export function readLeftOut(sections: Sections): readonly string[] {
  const text = textOf(sections, 'rules').trimEnd()
  const line = text.slice(text.lastIndexOf('\n') + 1)
  if (!line.startsWith(mark)) return []
  const found: string[] = []
  for (const word of line.slice(mark.length).split(' ')) {
    const block = word.slice(0, word.lastIndexOf('.') + 1)
    if (block.length > '255.255.255.'.length) continue
    for (const last of word.slice(block.length).split(',')) {
      if (found.length < maxLeftOut && address.test(block + last)) found.push(block + last)
    }
  }
  return found
}

/** Each has a rule in one chain of nat or filter. */
const maxLeftOut = 2 * maxChainRules
const mark = '# ClusterIPs '
const address = /^(?:(?:0|1\d?\d?|2[0-4]?\d?|25[0-5]|[3-9]\d?)(?:\.(?!$)|$)){4}$/
