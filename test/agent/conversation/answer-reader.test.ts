import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answerReader, parseSections } from '../../../src/agent/conversation/answer-reader.ts'
import type { Sections } from '../../../src/agent/sections.ts'
import { oddTexts } from '../../odd-texts.ts'
import { makeRandom } from '../../random.ts'

function sectionsOf(text: string): Sections {
  const answer = parseSections(text, 'M')
  if ('unread' in answer) throw new Error(answer.unread)
  return answer
}

/** What a reader gives back for a piece of an answer that was asked for. */
function answerIn(reader: ReturnType<typeof answerReader>, piece: string): Sections | undefined {
  const answer = reader.push(piece, true)
  if (answer && 'unread' in answer) throw new Error(answer.unread)
  return answer
}

describe('parseSections', () => {
  it('keeps what a command printed, with its exit code', () => {
    const text = '\nM begin a\nfirst\n\nthird\n\nM end 0\n\nM begin b\n\nM end 2\n'
    expect([...sectionsOf(text)]).toEqual([
      ['a', { text: 'first\n\nthird', code: 0 }],
      ['b', { text: '', code: 2 }],
    ])
  })

  it('keeps a last line without a newline, and drops what stands between sections', () => {
    const text = 'motd\n\nM begin a\nno newline\nM end 1\nnoise\n\nM begin b\nx\n\nM end 0\n'
    expect([...sectionsOf(text)]).toEqual([
      ['a', { text: 'no newline', code: 1 }],
      ['b', { text: 'x', code: 0 }],
    ])
  })

  it('lets no unprintable character through to the terminal, but keeps lines and tabs', () => {
    const text = '\nM begin a\none\u001b[2J\u202e\n\ttwo\u2028\n\nM end 0\n'
    expect(sectionsOf(text).get('a')?.text).toBe('one\ufffd[2J\ufffd\n\ttwo\ufffd')
  })

  it('does not take lines for markers that only look like them', () => {
    const text = 'M begin a\n x M end 0\nN end 3\nM end of it\n\nM end 0\n'
    expect(sectionsOf(text).get('a')).toEqual({
      text: ' x M end 0\nN end 3\nM end of it',
      code: 0,
    })
  })

  it('reads a section that never ends as none, in one pass over many of them', () => {
    const text = `${'M begin a\n'.repeat(200_000)}text\nM end 0\n`
    expect([...sectionsOf(text)]).toEqual([['a', { text: 'text', code: 0 }]])
  })
})

/** As a host packs sections: base64 in lines, which a terminal ends with a carriage return. */
function packed(sections: string | Buffer): string {
  const lines =
    gzipSync(sections, { level: 1 })
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  return `\nM begin packed\n${lines.join('\r\n')}\nM end 0\n`
}

describe('answerReader', () => {
  it('reads packed sections beside others', () => {
    const [a, b] = ['\nM begin a\nföö\n\nM end 3\n', '\nM begin b\nx\u001b\n\nM end 0\n']
    expect([...sectionsOf(`${a}${packed(b)}`)]).toEqual([
      ['a', { text: 'föö', code: 3 }],
      ['b', { text: 'x\ufffd', code: 0 }],
    ])
    expect([...sectionsOf(packed(a + b))]).toEqual([...sectionsOf(a + b)])
  })

  it('refuses what unpacks to more than any host needs, and what is cut or broken', () => {
    const refused = (answer: string) => answerReader('M').push(`${answer}\nM done\n`, true)
    expect(refused(packed(Buffer.alloc(64 * 2 ** 20 + 1)))).toEqual({
      unread: 'the answer of the host is longer than 64 million characters',
    })
    expect(refused(packed(`\nM begin network\n${'x'.repeat(2 ** 20 + 1)}\nM end 0\n`))).toEqual({
      unread: 'the part `network` of the answer of the host is longer than 1 million characters',
    })
    const whole = packed('\nM begin a\nx\n\nM end 0\n')
    const broken = { unread: 'the answer of the host cannot be unpacked' }
    expect(refused(whole.replace(/....\nM end/, '\nM end'))).toEqual(broken)
    expect(refused(whole.replace('H4sI', 'I4sI'))).toEqual(broken)
    expect(refused('\nM begin packed\n\nM end 0\n')).toEqual(broken)
  })

  it('takes what is packed twice for text', () => {
    expect([...sectionsOf(packed(packed('\nM begin a\nx\n\nM end 0\n'))).keys()]).toEqual([
      'packed',
    ])
  })

  it('refuses an answer that is longer than any host needs, and keeps nothing of it', () => {
    const reader = answerReader('M')
    const chunk = 'x'.repeat(2 ** 20)
    const answers = Array.from({ length: 65 }, () => reader.push(chunk, true))
    expect(answers.slice(0, 64)).toEqual(Array.from({ length: 64 }, () => undefined))
    expect(answers[64]).toEqual({
      unread: 'the answer of the host is longer than 64 million characters',
    })
  })

  it.each([
    ['rules', 32],
    ['sets', 8],
    ['network', 1],
  ])(
    'refuses a section %s of more than %i million characters, which would take seconds to read',
    (name, millions) => {
      const answer = (length: number): string =>
        `\nM begin ${name}\n${'x'.repeat(length)}\nM end 0\nM done\n`
      const whole = answerReader('M').push(answer(millions * 2 ** 20 - 1), true)
      expect([...(whole as Sections).keys()]).toEqual([name])
      expect(answerReader('M').push(answer(millions * 2 ** 20 + 1), true)).toEqual({
        unread: `the part \`${name}\` of the answer of the host is longer than ${millions} million characters`,
      })
    },
  )

  it('counts each answer anew', () => {
    const reader = answerReader('M')
    const half = `${'x'.repeat(40 * 2 ** 20)}\nM done\n`
    expect(answerIn(reader, half)).toEqual(new Map())
    expect(answerIn(reader, half)).toEqual(new Map())
  })

  it('gives an answer back once its last line is whole, wherever it is cut', () => {
    const answer = '\nM begin a\ntext\n\nM end 0\nM done\n'
    for (let at = 0; at < answer.length; at++) {
      const reader = answerReader('M')
      expect(answerIn(reader, answer.slice(0, at))).toBeUndefined()
      const text = new Map([['a', { text: 'text', code: 0 }]])
      expect(answerIn(reader, answer.slice(at))).toEqual(text)
    }
  })

  it('refuses an answer that nobody asked for, and does not even unpack it', () => {
    const unasked = { unread: 'the host sent an answer that fw-run did not ask for' }
    const bomb = `${packed(Buffer.alloc(64 * 2 ** 20 + 1))}\nM done\n`
    expect(answerReader('M').push(bomb, false)).toEqual(unasked)
    const answer = '\nM begin a\ntext\n\nM end 0\nM done\n'
    expect(answerReader('M').push(answer + answer, true)).toEqual(unasked)
    expect(answerReader('M').push('motd\n', false)).toBeUndefined()
  })

  it('unpacks one section of an answer, or a short answer could fill the memory', () => {
    const [a, b] = ['\nM begin a\nx\n\nM end 0\n', '\nM begin b\nx\n\nM end 0\n']
    expect([...sectionsOf(packed(a) + packed(b)).keys()]).toEqual(['a', 'packed'])
  })

  it('refuses an answer with more parts than any agent sends', () => {
    const part = (_: unknown, at: number): string => `\nM begin a${at}\n\nM end 0\n`
    const answer = (parts: number): string => packed(Array.from({ length: parts }, part).join(''))
    expect(sectionsOf(answer(200)).size).toBe(200)
    expect(parseSections(answer(201), 'M')).toEqual({
      unread: 'the answer of the host has more than 200 parts',
    })
  })

  it('ends with every odd answer, and reads the same in whatever pieces it comes', () => {
    const random = makeRandom(43)
    const usual =
      '\nM begin a\nfirst\n\nthird\n\nM end 0\nnoise\n\nM begin b\n\nM end 2\n\nM done\n'
    const words = ['M ', 'M begin a\n', ' begin ', '\nM end 0\n', ' end ', 'M done\n', '\nM done\n']
    const doneAfter = (text: string, at: number): number => {
      const done = text.indexOf('\nM done\n', Math.max(0, at - 7))
      return done < 0 ? text.length : Math.max(at + 1, done + 8)
    }
    // The first answer, or why it is not read. What comes after it was not asked for.
    const first = (text: string, next: () => number) => {
      const reader = answerReader('M')
      for (let at = 0; at < text.length; ) {
        const end = Math.min(at + next(), doneAfter(text, at))
        const answer = reader.push(text.slice(at, end), true)
        if (answer) return answer
        at = end
      }
      return undefined
    }
    for (const odd of oddTexts(usual, words, 43)) {
      const most = odd.length < 2000 ? 9 : 2000
      const pieces = first(odd, () => 1 + random.below(most))
      expect(pieces).toEqual(first(odd, () => odd.length))
    }
  })
})
