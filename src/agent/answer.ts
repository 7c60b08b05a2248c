import { printableLines } from '../text/printable.ts'

/** One named part of an answer: what a command on the host printed, and its exit code. */
export interface Section {
  readonly text: string
  readonly code: number
}

/** An answer of the agent: its sections by name. */
export type Sections = ReadonlyMap<string, Section>

/**
 * Collects an answer from the lines between markers; `push` gives it back once its last line has come. An answer may be
 * a megabyte in many pieces, so they are joined only at the end.
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
 * Cuts an answer into its sections. What stands outside of them is noise and left out. Unprintable characters become
 * U+FFFD: what a host says ends on an administrator's terminal.
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
