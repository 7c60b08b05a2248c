import { describe, expect, it } from 'vitest'
import { createTextTail } from '../../src/text/text-tail.ts'

describe('createTextTail', () => {
  it('keeps the last 4096 characters of any number', () => {
    const tail = createTextTail()
    tail.push('a')
    tail.push('b'.repeat(4095))
    expect(tail.text()).toBe(`a${'b'.repeat(4095)}`)
    tail.push('c')
    expect(tail.text()).toBe(`${'b'.repeat(4095)}c`)
  })

  it('gives the last line that is not blank, fit to print', () => {
    const tail = createTextTail()
    expect(tail.lastLine()).toBe('')
    tail.push('one\ntwo\u001b[31m\u202e\r\n\n \n')
    expect(tail.lastLine()).toBe('two [31m')
  })

  it('forgets what it is told to', () => {
    const tail = createTextTail()
    tail.push('noise MARK rest MARK end')
    tail.clearThrough(/absent/)
    tail.clearThrough(/MARK/)
    expect(tail.text()).toBe(' rest MARK end')
    tail.clear()
    expect(tail.text()).toBe('')
  })
})
