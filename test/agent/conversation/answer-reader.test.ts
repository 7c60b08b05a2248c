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

function answersOf(reader: ReturnType<typeof answerReader>, chunk: string): readonly Sections[] {
  const answers = reader.push(chunk)
  if ('unread' in answers) throw new Error(answers.unread)
  return answers
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
    const refused = (answer: string) => answerReader('M').push(`${answer}\nM done\n`)
    expect(refused(packed(Buffer.alloc(64 * 2 ** 20 + 1)))).toEqual({
      unread: 'its answer is longer than 64 million characters',
    })
    expect(refused(packed(`\nM begin network\n${'x'.repeat(2 ** 20 + 1)}\nM end 0\n`))).toEqual({
      unread: 'the part `network` of its answer is longer than 1 million characters',
    })
    const whole = packed('\nM begin a\nx\n\nM end 0\n')
    const broken = { unread: 'its answer cannot be unpacked' }
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
    const answers = Array.from({ length: 65 }, () => reader.push(chunk))
    expect(answers.slice(0, 64)).toEqual(Array.from({ length: 64 }, () => []))
    expect(answers[64]).toEqual({ unread: 'its answer is longer than 64 million characters' })
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
      expect(answerReader('M').push(answer(millions * 2 ** 20 - 1))).toHaveLength(1)
      expect(answerReader('M').push(answer(millions * 2 ** 20 + 1))).toEqual({
        unread: `the part \`${name}\` of its answer is longer than ${millions} million characters`,
      })
    },
  )

  it('counts each answer anew', () => {
    const reader = answerReader('M')
    const half = `${'x'.repeat(40 * 2 ** 20)}\nM done\n`
    expect(reader.push(half)).toHaveLength(1)
    expect(reader.push(half)).toHaveLength(1)
  })

  it('gives an answer back once its last line is whole, wherever it is cut', () => {
    const answer = '\nM begin a\ntext\n\nM end 0\nM done\n'
    for (let at = 0; at < answer.length; at++) {
      const reader = answerReader('M')
      expect(reader.push(answer.slice(0, at))).toEqual([])
      expect(reader.push(answer.slice(at))).toEqual([new Map([['a', { text: 'text', code: 0 }]])])
    }
  })

  it('gives two answers back that come at once', () => {
    const answer = '\nM begin a\ntext\n\nM end 0\nM done\n'
    expect(answerReader('M').push(answer + answer)).toHaveLength(2)
  })

  it('ends with every odd answer, and reads the same in whatever pieces it comes', () => {
    const random = makeRandom(43)
    const usual =
      '\nM begin a\nfirst\n\nthird\n\nM end 0\nnoise\n\nM begin b\n\nM end 2\n\nM done\n'
    const words = ['M ', 'M begin a\n', ' begin ', '\nM end 0\n', ' end ', 'M done\n', '\nM done\n']
    for (const odd of [usual + usual, ...oddTexts(usual, words, 43)]) {
      const most = odd.length < 2000 ? 9 : 2000
      const reader = answerReader('M')
      const found: Sections[] = []
      for (let at = 0; at < odd.length; ) {
        const end = at + 1 + random.below(most)
        found.push(...answersOf(reader, odd.slice(at, end)))
        at = end
      }
      expect(found).toEqual(answersOf(answerReader('M'), odd))
    }
  })
})
