/** A text in which each command of ours, `fw-run NAME …` in backquotes, has the flags with which it works as it is typed. */
export type WithFlags = (text: string) => string

/** Adds to each command that a text prints the flags that it needs. They depend on its name and on the words after it. */
export function addFlags(
  text: string,
  flagsFor: (name: string, words: readonly string[]) => readonly string[],
): string {
  return text.replace(/`fw-run ((?:hosts )?[a-z]+)( [^`\n]*)?`/g, (_, name, rest: string = '') => {
    const flags = flagsFor(name, rest.split(' '))
    return `\`fw-run ${[name, ...flags].join(' ')}${rest}\``
  })
}

/** The fields of our JSON that are written for a person. The others may hold texts of hosts, which stay as they are. */
const forPersons: ReadonlySet<string> = new Set([
  ...['message', 'reason', 'remedy', 'detail', 'left', 'remark', 'words', 'notes', 'warnings'],
])

/** A replacer for JSON.stringify that gives flags to the commands in what a document tells a person. */
export function inDocument(withFlags: WithFlags): (key: string, value: unknown) => unknown {
  const change = (value: unknown): unknown => (typeof value === 'string' ? withFlags(value) : value)
  return (key, value) => {
    if (!forPersons.has(key)) return value
    return Array.isArray(value) ? value.map(change) : change(value)
  }
}
