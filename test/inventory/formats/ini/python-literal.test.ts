import { expect, it } from 'vitest'
import { pythonLiteral } from '../../../../src/inventory/formats/ini/python-literal.ts'
import { Marked } from '../../../../src/inventory/yaml/marked-value.ts'

it('reads the escapes of Python in quotes, so that a password is the one that Ansible sends', () => {
  const all = String.raw`'\\ \' \" \a \b \f \n \r \t \v \x41 \u00e9 \101 \q'`
  expect(pythonLiteral(all)).toBe('\\ \' " \x07 \b \f \n \r \t \v A é A \\q')
})

const textOf = (text: string) => {
  const value = pythonLiteral(text)
  return value instanceof Marked ? value.text : value
}

it('reads numbers as Python writes them, and takes no time for what only begins like a very long one', () => {
  const numbers = ['0', '00', '1_000', '1.', '.5', '1.5e-3', '0x1F', '10000000000000000000000']
  expect(numbers.map(textOf)).toEqual([
    '0',
    '0',
    '1000',
    '1.',
    '.5',
    '1.5e-3',
    '31',
    '10000000000000000000000',
  ])
  for (const text of ['017', '.', 'e5', '1__0', '1.2.3.4', `${'1'.repeat(1e6)}x`])
    expect(pythonLiteral(text), text.slice(0, 9)).toBeUndefined()
})
