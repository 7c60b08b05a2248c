import type { Paint } from '../../text/paint.ts'

/** Lines under a title; nothing where there are none. */
export function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines]
}

/** Sections one after the other, with an empty line between. */
export function joinSections(parts: readonly (readonly string[])[]): readonly string[] {
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : ['', ...part]))
}

/** A text whose further lines stand under its first. */
export function block(text: string, lead: string): readonly string[] {
  return text.split('\n').map((line, i) => `${i === 0 ? lead : ' '.repeat(lead.length)}${line}`)
}
