import { printableLines } from '../text/printable.ts'

const names: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * A text as HTML and XML show it, in an element or in quotes: nothing in it is markup. What a reader would not see, or what
 * XML forbids, becomes U+FFFD, for texts may come from hosts.
 */
export function escaped(text: string): string {
  return printableLines(text).replace(/[&<>"']/g, (character) => names[character] ?? '')
}

/** An attribute, with a space before it. Its lines stay lines. */
export function attribute(name: string, value: string): string {
  return ` ${name}="${escaped(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`
}
