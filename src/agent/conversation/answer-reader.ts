import { gunzipSync } from 'node:zlib'
import { maxAnswerChars, maxSectionChars } from '../../limits.ts'
import { printableLines } from '../../text/printable.ts'
import type { Section, Sections } from '../sections.ts'

/** Why an answer is not read: it, or a section of it, is longer than we read, or does not unpack. */
export interface Unread {
  readonly unread: string
}

/**
 * Collects an answer from the lines between markers; `push` returns it when its last line has come, or what of it is too long.
 * An answer may be a megabyte in many pieces, so they are joined only at the end.
 */
export function answerReader(mark: string): {
  push(chunk: string): readonly Sections[] | Unread
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
        if ('unread' in answer) return answer
        answers.push(answer)
      }
      return answers
    },
  }
}

/**
 * Cuts an answer into its sections and leaves out the noise between them. Unprintable characters become U+FFFD, because
 * what a host says ends on an administrator's terminal. Each line is looked at once: a section that begins anew before
 * its end is dropped, so that no host can make this slow. The section `packed` holds sections, and none like itself.
 */
export function parseSections(text: string, mark: string, inner = false): Sections | Unread {
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
        if (open.name === 'packed' && !inner) {
          const unpacked = unpack(text.slice(open.from, at))
          if (typeof unpacked !== 'string') return unpacked
          const found = parseSections(unpacked, mark, true)
          if ('unread' in found) return found
          for (const [name, section] of found) sections.set(name, section)
          open = undefined
          at = end + 1
          continue
        }
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

/** What gzip and base64 have made of sections. A short text may unpack to a very long one, so there is an end to that, too. */
function unpack(text: string): string | Unread {
  try {
    const packed = Buffer.from(text, 'base64')
    return gunzipSync(packed, { maxOutputLength: maxAnswerChars }).toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      return tooLong('its answer', maxAnswerChars)
    return { unread: 'its answer cannot be unpacked' }
  }
}

function tooLong(subject: string, most: number): Unread {
  return { unread: `${subject} is longer than ${most / 2 ** 20} million characters` }
}
