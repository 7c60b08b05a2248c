import { describe, expect, it } from 'vitest'
import { mutate } from './point.ts'
import { shellPoints } from './shell.ts'
import { typescriptPoints } from './typescript.ts'

const becomes = (text: string, points: typeof shellPoints): readonly string[] =>
  points(text).map((point) => mutate('a', text, point).becomes)

describe('typescriptPoints', () => {
  it('finds conditions, bounds, connectives, literals, statements, awaits and results', () => {
    const text = "if (a < 1 && é('🔥')) await c()\nexport const f = (): 'x' => true"
    expect(becomes(text, typescriptPoints)).toEqual([
      "if (!(a < 1 && é('🔥'))) await c()",
      '{}',
      "if (a < 1 || é('🔥')) await c()",
      'if (a < 1) await c()',
      "if (é('🔥')) await c()",
      "if (a <= 1 && é('🔥')) await c()",
      "if (a >= 1 && é('🔥')) await c()",
      "if (a < 2 && é('🔥')) await c()",
      "if (a < 1 && é('')) await c()",
      "if (a < 1 && é('🔥')) {}",
      "if (a < 1 && é('🔥')) c()",
      "export const f = (): 'x' => false",
      "export const f = (): 'x' => false",
    ])
  })

  it('finds none that would leave the text as it is', () => {
    const text = 'const f = () => {\n  if (a) return undefined\n  return []\n}'
    expect(becomes(text, typescriptPoints)).toEqual(['if (!(a)) return undefined', '{}'])
  })
})

describe('shellPoints', () => {
  it('drops lines that stand for themselves, and turns tests and connectives', () => {
    expect(becomes('if [ -n "$a" ]; then\n  b || c\nfi\n# || d', shellPoints)).toEqual([
      'if [ -z "$a" ]; then',
      '(dropped)',
      'b && c',
    ])
  })
})
