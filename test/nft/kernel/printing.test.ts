import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { tableText } from '../../../src/guard/nft-table.ts'
import { doesSame, parseTable } from '../../../src/nft/printed-table.ts'
import { nftIntent } from '../../guard/nft-intent.ts'

const standing = (text: string) => parseTable(text) ?? expect.fail('no table')

describe('what nft prints of the table of fw-run', () => {
  it.each(['prerouting', 'forward'] as const)(
    'prints the table of fw-run of the form %s so that it is the same',
    (form) => {
      const wanted = tableText({
        ...nftIntent,
        form,
        interfaces: ['ens18', 'bond0.100'],
        members: Array.from({ length: 5000 }, (_, n) => `172.16.${n >> 8}.${n & 255}`),
        barePods: ['10.42.0.0/16'],
      })
      expect(doesSame(standing(loaded(wanted)), wanted)).toBe(true)
    },
  )

  it('takes what it printed', () => {
    const again = loaded(standing(loaded(tableText(nftIntent))).text)
    expect(doesSame(standing(again), tableText(nftIntent))).toBe(true)
  })
})

/** What nft prints of a table in a network namespace of its own. */
function loaded(text: string): string {
  const file = `table inet fw_run {\n${text}\n}\n`
  const script = 'nft -f - && nft list table inet fw_run'
  return execFileSync('unshare', ['--net', 'sh', '-c', script], { input: file, encoding: 'utf8' })
}
