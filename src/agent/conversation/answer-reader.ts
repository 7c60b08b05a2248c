import { gunzipSync } from 'node:zlib'
import { maxAnswerChars, maxSectionChars, maxSections } from '../../limits.ts'
import { ownText } from '../../memory/own-text.ts'
import { printableLines } from '../../text/printable.ts'
import type { Section, Sections } from '../sections.ts'

/** Why an answer is not read: nobody asked for it, it does not unpack, or it or a section of it is longer than we read. */
export interface Unread {
  readonly unread: string
}

/**
 * Collects an answer from the lines between markers; `push` returns it when its last line has come, or why it is not read. An
 * answer may be a megabyte in many pieces, so they are joined only at the end. One that was not asked for is not even unpacked.
 */
export function answerReader(mark: string): {
  push(chunk: string, asked: boolean): Sections | Unread | undefined
} {
  const done = `\n${mark} done\n`
  let pieces: string[] = []
  let length = 0
  let tail = ''
  return {
    push(chunk, asked) {
      length += chunk.length
      if (length > maxAnswerChars) {
        pieces = []
        return tooLong('the answer of the host', maxAnswerChars)
      }
      pieces.push(chunk)
      const seen = tail + chunk
      tail = seen.slice(-done.length)
      if (!seen.includes(done)) return undefined
      const [answer = '', rest = '', ...more] = pieces.join('').split(done)
      tail = rest.slice(-done.length)
      pieces = [rest]
      length = rest.length
      if (!asked || more.length > 0)
        return { unread: 'the host sent an answer that fw-run did not ask for' }
      return parseSections(answer, mark)
    },
  }
}

/**
 * Cuts an answer into its sections and leaves out the noise between them. Unprintable characters become U+FFFD, because
 * what a host says ends on an administrator's terminal. Only lines that begin with the mark are looked at, and a section that
 * begins anew before its end is dropped, so that no host can make this slow. One section `packed` may hold other sections.
 */
export function parseSections(text: string, mark: string): Sections | Unread {
  return cut(text, mark, true)
}

function cut(text: string, mark: string, hasPacked: boolean): Sections | Unread {
  const sections = new Map<string, Section>()
  let open: { readonly name: string; readonly from: number } | undefined
  let mayUnpack = hasPacked
  for (const { at, end } of markedLines(text, mark)) {
    const [, word, value = ''] = text.slice(at, Math.min(end, at + mark.length + 200)).split(' ')
    if (word === 'begin' && value !== '') {
      open = { name: value, from: end + 1 }
    } else if (word === 'end' && /^\d+$/.test(value) && open) {
      const { name, from } = open
      open = undefined
      const isPacked = mayUnpack && name === 'packed'
      if (isPacked) {
        mayUnpack = false
        const unpacked = unpack(text.slice(from, at))
        const found = typeof unpacked === 'string' ? cut(unpacked, mark, false) : unpacked
        if ('unread' in found) return found
        for (const [inner, section] of found) sections.set(inner, section)
      } else {
        const most = maxSectionChars(name)
        if (at - from > most) return tooLong(`the part \`${name}\` of the answer of the host`, most)
        const body = text.slice(from, at - 1).replace(/\n$/, '')
        sections.set(name, { text: ownText(printableLines(body)), code: Number(value) })
      }
    }
    if (sections.size > maxSections)
      return { unread: `the answer of the host has more than ${maxSections} parts` }
  }
  return sections
}

/** Where the lines that begin with the mark begin and end. */
function* markedLines(
  text: string,
  mark: string,
): Generator<{ readonly at: number; readonly end: number }> {
  const marked = `\n${mark} `
  const next = (from: number): number => {
    const found = text.indexOf(marked, from)
    return found < 0 ? -1 : found + 1
  }
  for (let at = text.startsWith(marked.slice(1)) ? 0 : next(0); at >= 0; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    yield { at, end }
    at = next(end)
  }
}

/** What gzip and base64 have made of sections. A short text may unpack to a very long one, so there is an end to that, too. */
function unpack(text: string): string | Unread {
  try {
    const packed = Buffer.from(text, 'base64')
    return gunzipSync(packed, { maxOutputLength: maxAnswerChars }).toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      return tooLong('the answer of the host', maxAnswerChars)
    return { unread: 'the answer of the host cannot be unpacked' }
  }
}

function tooLong(subject: string, most: number): Unread {
  return { unread: `${subject} is longer than ${most / 2 ** 20} million characters` }
}
