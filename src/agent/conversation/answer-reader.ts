import { printableLines } from '../../text/printable.ts'
import type { Section, Sections } from '../sections.ts'

/**
 * Collects an answer from the lines between markers; `push` returns it when its last line has come. An answer may be a
 * megabyte in many pieces, so they are joined only at the end.
 */
export function answerReader(mark: string): { push(chunk: string): Sections[] } {
  const done = `\n${mark} done\n`
  let pieces: string[] = []
  let tail = ''
  return {
    push(chunk) {
      pieces.push(chunk)
      const seen = tail + chunk
      tail = seen.slice(-done.length)
      if (!seen.includes(done)) return []
      const texts = pieces.join('').split(done)
      tail = texts.pop() ?? ''
      pieces = [tail]
      return texts.map((text) => parseSections(text, mark))
    },
  }
}

/**
 * Cuts an answer into its sections and leaves out the noise between them. Unprintable characters become U+FFFD, because
 * what a host says ends on an administrator's terminal.
 */
export function parseSections(text: string, mark: string): Sections {
  const sections = new Map<string, Section>()
  const pattern = new RegExp(
    `(?:^|\\n)${mark} begin (\\S+)\\n([^]*?)\\n${mark} end (\\d+)(?=\\n|$)`,
    'g',
  )
  for (const [, name, body, code] of text.matchAll(pattern)) {
    if (!name) continue
    const shown = printableLines((body ?? '').replace(/\n$/, ''))
    sections.set(name, { text: shown, code: Number(code) })
  }
  return sections
}
