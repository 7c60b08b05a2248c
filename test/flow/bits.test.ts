import { describe, expect, it } from 'vitest'
import {
  either,
  knownBits,
  masked,
  parseMark,
  parseMasked,
  unknownBits,
  xor,
} from '../../src/flow/bits.ts'

const high = { value: 0x80000000, known: 0xc0000000 }

describe('masked, xor and either', () => {
  it('know the bits that must be so whatever the unknown ones are', () => {
    expect(masked(unknownBits, 0xff)).toEqual({ value: 0, known: 0xffffff00 })
    expect(masked(high, 0x40000000)).toEqual({ value: 0, known: 0xffffffff })
    expect(xor(high, knownBits(0xffffffff))).toEqual({ value: 0x40000000, known: 0xc0000000 })
    expect(xor(high, 0xffffffff)).toEqual({ value: 0x40000000, known: 0xc0000000 })
    expect(xor(knownBits(1), unknownBits)).toEqual(unknownBits)
    expect(either(knownBits(0b1100), knownBits(0b1010))).toEqual({ value: 8, known: 0xfffffff9 })
    expect(either(knownBits(1), unknownBits)).toEqual(unknownBits)
  })
})

describe('parseMark and parseMasked', () => {
  it.each([
    ['0xffffffff', 0xffffffff],
    ['0XF', 15],
    ['10', 10],
    ['4294967295', 4294967295],
  ])('read %s', (text, mark) => {
    expect(parseMark(text)).toBe(mark)
    expect(parseMasked(text)).toEqual({ value: mark, mask: 0xffffffff })
    expect(parseMasked(`${text}/0xf0`)).toEqual({ value: mark, mask: 0xf0 })
  })

  it.each([
    '',
    '/',
    '0x',
    '0x1/',
    '/0x1',
    '0x1/0x2/0x3',
    '0x100000000',
    '4294967296',
    '-1',
    '1e3',
    'a',
  ])('read no mark in %j', (text) => {
    expect(parseMasked(text)).toBeUndefined()
  })
})
