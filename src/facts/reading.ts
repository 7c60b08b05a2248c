import type { Section, Sections } from '../agent/sections.ts'

/** Something read from a host, or why it could not be read. The unreadable is never taken for empty. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly remedy?: string }

/** The text of a section, whatever its exit code; empty if the agent did not send it. */
export function textOf(sections: Sections, name: string): string {
  return sections.get(name)?.text ?? ''
}

/** The text of a section whose command succeeded, or what it said when it failed. */
export function readSection(sections: Sections, name: string, command: string): Reading<string> {
  const section: Section | undefined = sections.get(name)
  if (!section) return { kind: 'unreadable', reason: `${command} gave no answer` }
  if (section.code === 0) return { kind: 'read', value: section.text }
  const said = section.text.trim().split('\n').slice(0, 3).join(' ')
  return { kind: 'unreadable', reason: `${command} failed (exit code ${section.code}): ${said}` }
}

/** What a command printed that has a fault, such as `line 4 (table filter): this is not a rule`. */
export function notUnderstood(
  command: string,
  fault: string,
): Extract<Reading<never>, { kind: 'unreadable' }> {
  return {
    kind: 'unreadable',
    reason: `fw-run does not understand the output of \`${command}\`, ${fault}`,
    remedy: `Look at that place in the output of \`${command}\` on the host as root. If a name there has a quote or a line break, use another name. Otherwise report that line as a bug of fw-run.`,
  }
}
