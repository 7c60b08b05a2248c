import type { Section } from '../../src/agent/sections.ts'

/** An answer of the agent with these sections; a text alone stands for a command that succeeded. */
export function answerOf(
  texts: Readonly<Record<string, string | Section>>,
): ReadonlyMap<string, Section> {
  return new Map(
    Object.entries(texts).map(([name, text]) => [
      name,
      typeof text === 'string' ? { text, code: 0 } : text,
    ]),
  )
}
