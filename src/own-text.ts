/** A copy of a text that is a part of a longer one. V8 would keep all of that as long as anybody has the part, or a part of it. */
export function ownText(part: string): string {
  return Buffer.from(part).toString()
}
