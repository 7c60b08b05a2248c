/** The most characters of what a host said that `printable` keeps. */
export const maxPrintable = 200

/**
 * What a terminal must not get raw: control and format characters (also those that turn the direction of writing),
 * line and paragraph separators, and code points that mean no character.
 */
const unprintable = String.raw`[\p{C}\p{Zl}\p{Zp}]`
const one = new RegExp(unprintable, 'u')
const each = new RegExp(unprintable, 'gu')
const stretches = new RegExp(`${unprintable}+`, 'gu')
// Nearly all that hosts print, and much faster found than what a terminal must not get.
const plain = /^[\t\n -~]*$/
const withinLines = new RegExp(String.raw`(?![\n\t])${unprintable}`, 'gu')

/** Whether a terminal shows the text as it is written. */
export function isPrintable(text: string): boolean {
  return !one.test(text)
}

/** The text with each unprintable character replaced. */
export function replaceUnprintable(text: string, by: (character: string) => string): string {
  return text.replace(each, by)
}

/** What a host said, fit for one line of a terminal: each unprintable stretch becomes a space; at most 200 characters. */
export function printable(words: string): string {
  return words.replace(stretches, ' ').trim().slice(0, maxPrintable)
}

/** What a host printed, with its lines and tabs: each other unprintable character becomes U+FFFD. */
export function printableLines(text: string): string {
  return plain.test(text) ? text : text.replace(withinLines, '\ufffd')
}
