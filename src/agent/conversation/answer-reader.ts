import { maxAnswerChars, maxSectionChars } from '../../limits.ts'
import { printableLines } from '../../text/printable.ts'
import type { Section, Sections } from '../sections.ts'

/** What is longer than we read: the answer, or a section of it. */
export interface TooLong {
  readonly tooLong: string
}

/**
 * Collects an answer from the lines between markers; `push` returns it when its last line has come, or what of it is too long.
 * An answer may be a megabyte in many pieces, so they are joined only at the end.
 */
export function answerReader(mark: string): {
  push(chunk: string): readonly Sections[] | TooLong
} {
  const done = `\n${mark} done\n`
  let pieces: string[] = []
  let length = 0
  let tail = ''
  return {
    push(chunk) {
      length += chunk.length
      if (length > maxAnswerChars) {
        pieces = []
        return tooLong('its answer', maxAnswerChars)
      }
      pieces.push(chunk)
      const seen = tail + chunk
      tail = seen.slice(-done.length)
      if (!seen.includes(done)) return []
      const texts = pieces.join('').split(done)
      tail = texts.pop() ?? ''
      pieces = [tail]
      length = tail.length
      const answers: Sections[] = []
      for (const one of texts) {
        const answer = parseSections(one, mark)
        if ('tooLong' in answer) return answer
        answers.push(answer)
      }
      return answers
    },
  }
}

/**
 * Cuts an answer into its sections and leaves out the noise between them. Unprintable characters become U+FFFD, because
 * what a host says ends on an administrator's terminal. Each line is looked at once: a section that begins anew before
 * its end is dropped, so that no host can make this slow.
 */
export function parseSections(text: string, mark: string): Sections | TooLong {
  const sections = new Map<string, Section>()
  let open: { readonly name: string; readonly from: number } | undefined
  for (let at = 0; at <= text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    if (text.startsWith(`${mark} `, at)) {
      const [, word, value = ''] = text.slice(at, Math.min(end, at + mark.length + 200)).split(' ')
      if (word === 'begin' && value !== '') {
        open = { name: value, from: end + 1 }
      } else if (word === 'end' && /^\d+$/.test(value) && open) {
        const most = maxSectionChars(open.name)
        if (at - open.from > most) return tooLong(`the part \`${open.name}\` of its answer`, most)
        const body = text.slice(open.from, at - 1).replace(/\n$/, '')
        sections.set(open.name, { text: printableLines(body), code: Number(value) })
        open = undefined
      }
    }
    at = end + 1
  }
  return sections
}

function tooLong(subject: string, most: number): TooLong {
  return { tooLong: `${subject} is longer than ${most / 2 ** 20} million characters` }
}
