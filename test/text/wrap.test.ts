import { stripVTControlCharacters, styleText } from 'node:util'
import stringWidth from 'fast-string-width'
import { describe, expect, it } from 'vitest'
import { wrapLines } from '../../src/text/wrap.ts'

const prose = 'an outsider that routes the service network to this node reaches services'

describe('wrapLines', () => {
  it('leaves lines of pipes and files, and those that fit, as they are', () => {
    expect(wrapLines([`      ${prose}`], undefined)).toEqual([`      ${prose}`])
    expect(wrapLines(['ok    x      1 host'], 80)).toEqual(['ok    x      1 host'])
  })

  it.each([
    ['a block', `      ${prose}`, 6],
    ['a remedy', `   -> ${prose}`, 6],
    ['a check', `FAIL  ${prose}`, 6],
    ['a host of the recap', `node1 : ${prose}`, 8],
    ['a note', `  node1, node2: ${prose}`, 4],
    ['a last line', `apply: ${prose}`, 2],
  ])('goes on under the text of %s, and loses nothing', (_, line, indent) => {
    const rows = wrapLines([line], 50)
    expect(rows.length).toBeGreaterThan(1)
    for (const row of rows.slice(1)) expect(row.search(/\S/)).toBe(indent)
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(50)
    expect(rows.map((row) => row.trim()).join(' ')).toBe(line.trim())
  })

  it('breaks a rule between options only', () => {
    const rule =
      '    insert rule 12 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable'
    expect(wrapLines([rule], 80)).toEqual([
      '    insert rule 12 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src',
      '      -j REJECT --reject-with icmp-port-unreachable',
    ])
    expect(wrapLines([rule], 64)).toEqual([
      '    insert rule 12 of FORWARD: -i ens18 -m set',
      '      ! --match-set cluster_nodes src -j REJECT',
      '      --reject-with icmp-port-unreachable',
    ])
  })

  it('never breaks a command, which is there to be copied', () => {
    const quoted = `${prose}: \`fw-run recover -i /home/ann/clusters/inventory.yaml\` finishes it`
    expect(wrapLines([quoted], 60)).toContain(
      '  `fw-run recover -i /home/ann/clusters/inventory.yaml`',
    )
    const pin = `mkdir -p ~/.ssh && printf '%s\\n' '${'A'.repeat(80)}' >> ~/.ssh/known_hosts`
    for (const words of ['then run:', 'if they are the same, run on the jump host:']) {
      const rows = wrapLines([`   -> Compare the fingerprint, ${words} ${pin}`], 60)
      expect(rows.at(-1)).toBe(`      ${pin}`)
    }
  })

  it('breaks what fw-run itself says between words, as all prose', () => {
    const rows = wrapLines([`fw-run: ${prose}`], 40)
    expect(rows.length).toBeGreaterThan(2)
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(40)
    expect(rows.map((row) => row.trim()).join(' ')).toBe(`fw-run: ${prose}`)
  })

  it('wraps on a narrow terminal, too, and keeps room for the text', () => {
    for (const row of wrapLines([`node1 : ${prose}`, `   -> ${prose}`], 20)) {
      expect(row.length).toBeLessThanOrEqual(20)
    }
  })

  it('counts wide characters as the terminal does', () => {
    const rows = wrapLines(['節点 一 '.repeat(10)], 40)
    for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(40)
    expect(rows.length).toBe(3)
  })

  it('counts no colours, and keeps them', () => {
    const colour = styleText('red', 'FAIL', { validateStream: false })
    const rows = wrapLines([`${colour}  ${prose}`], 50)
    expect(rows[0]).toContain('\u001b[31m')
    expect(rows.map(stripVTControlCharacters)).toEqual(wrapLines([`FAIL  ${prose}`], 50))
  })

  it('takes odd backquotes for what they are, and words that fit nowhere', () => {
    expect(wrapLines([`${'x'.repeat(50)} \`y ${prose}`], 40).join(' ')).toContain('`y')
    expect(wrapLines(['x'.repeat(90)], 40)).toEqual(['x'.repeat(90)])
  })
})
