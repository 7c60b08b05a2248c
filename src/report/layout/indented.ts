/** A text whose further lines stand under its first. */
export function block(text: string, lead: string): readonly string[] {
  return text.split('\n').map((line, i) => `${i === 0 ? lead : ' '.repeat(lead.length)}${line}`)
}
