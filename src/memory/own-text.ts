/** Copies a part of a longer text. Without a copy, V8 keeps the longer text in memory as long as the part is in use. */
export function ownText(part: string): string {
  return Buffer.from(part).toString()
}
