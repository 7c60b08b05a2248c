import type { Section, Sections } from '../agent/sections.ts'

/** Something read from a host, or why it could not be read, and what to do. The unreadable is never taken for empty. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly remedy: string }

/** The text of a section, whatever its exit code; empty if the agent did not send it. */
export function textOf(sections: Sections, name: string): string {
  return sections.get(name)?.text ?? ''
}

/**
 * The text of a section whose command succeeded, or what it said when it failed. Where the agent says itself which command
 * failed, that one is to be run.
 */
export function readSection(sections: Sections, name: string, command: string): Reading<string> {
  const section: Section | undefined = sections.get(name)
  if (!section) return failing(command, `${command} gave no answer`)
  if (section.code === 0) return { kind: 'read', value: section.text }
  const said = section.text.trim().split('\n').slice(0, 3).join(' ')
  const [, own] = /^([^;]{1,200}?) failed with exit code \d+: /.exec(said) ?? []
  if (own !== undefined) return failing(own, said)
  return failing(command, `${command} failed (exit code ${section.code}): ${said}`)
}

/** A command that did not do its work: only the host can show why. */
export function failing(
  command: string,
  reason: string,
): Extract<Reading<never>, { kind: 'unreadable' }> {
  const remedy = `Run \`${command}\` on that host as root, to see why it fails. Then remove the cause.`
  return { kind: 'unreadable', reason, remedy }
}

/** What a command printed that has a fault, such as `line 4 (table filter): this is not a rule`. */
export function notUnderstood(
  command: string,
  fault: string,
): Extract<Reading<never>, { kind: 'unreadable' }> {
  return {
    kind: 'unreadable',
    reason: `fw-run does not understand the output of \`${command}\`, ${fault}`,
    remedy: `Run \`${command}\` on that host as root. If a name in that line has a quote or a line break, use another name. Otherwise report that line as a bug in fw-run.`,
  }
}
