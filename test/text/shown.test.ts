import { describe, expect, it } from 'vitest'
import { shown } from '../../src/text/shown.ts'

describe('shown', () => {
  it.each([
    ['eth0', '"eth0"'],
    ['a\n\r\tb', '"a\\n\\r\\tb"'],
    ['a\u001b[31m\u202eb\u2028', '"a\\u{1b}[31m\\u{202e}b\\u{2028}"'],
    [12, '12'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [['a', { b: 1 }], '["a",{"b":1}]'],
  ])('shows %j as %s', (value, text) => {
    expect(shown(value)).toBe(text)
  })

  it('cuts what is long', () => {
    expect(shown('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`)
    expect(shown('x'.repeat(61))).toBe(`"${'x'.repeat(60)}…"`)
  })

  it.each([
    ['https://pass@word@git.example/x', '"https://***@git.example/x"'],
    ['https://admin:pass/word@10.0.0.1', '"https://***@10.0.0.1"'],
    ['//password@host', '"//***@host"'],
    ['admin:password@10.0.0.1:6443', '"***@10.0.0.1:6443"'],
    ['admin:pass//word@10.0.0.1', '"***@10.0.0.1"'],
    ['tcp: admin:a pass word@10.0.0.1', '"***@10.0.0.1"'],
    ['curl -u admin:password@10.0.0.1 x', '"curl -u ***@10.0.0.1 x"'],
    [{ tcp: 'admin:pass"word@10.0.0.1' }, '{"tcp":"***@10.0.0.1"}'],
    [[{ 'tcp:admin:password@10.0.0.1': null }], '[{"***@10.0.0.1":null}]'],
  ])('hides the credentials of %j', (value, text) => {
    expect(shown(value)).toBe(text)
  })

  it.each(['user@host', 'a: b', '10.0.0.1:22', 'https://host:6443/x'])(
    'hides nothing of %j',
    (text) => {
      expect(shown(text)).toBe(`"${text}"`)
    },
  )
})
