import { describe, expect, it } from 'vitest'
import { manualPage } from '../../src/cli/manual.ts'
import { commands } from '../../src/commands/commands.ts'

describe(manualPage.name, () => {
  const lines = manualPage('1.2.3', '2026-01-02').split('\n')

  it('has a section for each command, with all its options, and every exit code', () => {
    const page = lines.join('\n').replaceAll('\\-', '-')
    for (const { name, options } of commands) {
      const [, section = ''] = page.split(`.B fw-run ${name}\n`)
      const [own = ''] = section.split('\n.SH')
      for (const { flags } of options) expect(own).toContain(`\n.B ${flags}\n`)
    }
    for (const code of [0, 1, 2, 3, 4, 5, 8, 130]) expect(lines).toContain(`.B ${code}`)
  })

  it('has no line that roff would take for a macro by accident', () => {
    const macros = lines.filter((line) => /^[.']/.test(line)).map((line) => line.split(' ')[0])
    expect([...new Set(macros)].sort()).toEqual(
      ['.B', '.BR', '.I', '.PP', '.RI', '.SH', '.TH', '.TP'].sort(),
    )
  })
})
