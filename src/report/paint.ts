import { styleText } from 'node:util'

/** Colours a text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string) => string

/** Colours for a stream: only on a terminal, and never with `--no-color` or NO_COLOR. */
export function paintFor(stream: NodeJS.WriteStream, wanted: boolean): Paint {
  const colours = wanted && stream.isTTY === true && !process.env.NO_COLOR
  return (style, text) => (colours ? styleText(style, text) : text)
}
