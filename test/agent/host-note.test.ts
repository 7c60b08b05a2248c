import { describe, expect, it } from 'vitest'
import { describeNote, parseNote } from '../../src/agent/host-note.ts'

const time = '2026-11-23T04:15:00Z'

describe('a note of a host', () => {
  it.each([
    ['connection-ended', 'the connection to fw-run had ended'],
    ['session-ended', 'the session of fw-run had ended'],
    ['found', 'that run was over'],
    ['unheard\t30', 'it heard nothing from fw-run for 30 s'],
  ])('says why it rolled back: %j', (cause, words) => {
    const note = parseNote(`rolled-back\tr1\t${time}\t${cause}\n`)
    expect(note && describeNote(note)).toBe(`rolled the change back at ${time}, because ${words}`)
    expect(note).toMatchObject({ run: 'r1', time })
  })

  it('says what keeps it from rolling back', () => {
    const note = parseNote(`not-rolled-back\tr1\t${time}\tiptables -D FORWARD\nfailed`)
    expect(note && describeNote(note)).toBe(
      `could not roll the change back; it last tried at ${time}: iptables -D FORWARD\nfailed`,
    )
  })

  it.each(['', '\n', 'hello'])('is none: %j', (text) => {
    expect(parseNote(text)).toBeUndefined()
  })
})
