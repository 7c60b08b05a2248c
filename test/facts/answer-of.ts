import type { Section } from '../../src/agent/sections.ts'

/**
 * An answer of the agent with these sections; a text alone stands for a command that succeeded. `links`, `addresses` and
 * `routes` are parts of one section, `network`.
 */
export function answerOf(
  texts: Readonly<Record<string, string | Section>>,
): ReadonlyMap<string, Section> {
  const sections = new Map(
    Object.entries(texts).map(([name, text]) => [
      name,
      typeof text === 'string' ? { text, code: 0 } : text,
    ]),
  )
  const parts = ['addresses', 'routes', 'links'].flatMap((name) => sections.get(name) ?? [])
  if (parts.length > 0) {
    const code = parts.find((part) => part.code !== 0)?.code ?? 0
    sections.set('network', { text: parts.map(({ text }) => text).join('\n'), code })
  }
  return sections
}
