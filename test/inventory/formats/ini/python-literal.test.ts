import { expect, it } from 'vitest'
import { pythonLiteral } from '../../../../src/inventory/formats/ini/python-literal.ts'

it('reads the escapes of Python in quotes, so that a password is the one that Ansible sends', () => {
  const all = String.raw`'\\ \' \" \a \b \f \n \r \t \v \x41 \u00e9 \101 \q'`
  expect(pythonLiteral(all)).toBe('\\ \' " \x07 \b \f \n \r \t \v A é A \\q')
})
