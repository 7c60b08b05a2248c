import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseArguments } from '../src/cli/parse-arguments.ts'
import { isolate, printedSoFar } from './cli/isolate.ts'

isolate()

const folder = new URL('../examples/', import.meta.url)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\/|\.yml$/.test(name),
)

/** The command lines of fw-run in an example, also those that a reader may switch on. */
function linesIn(text: string): readonly string[] {
  return [...text.matchAll(/(?:=\/usr\/bin\/|\* fw-run |- run: |- )fw-run (.*)/g)].map(
    ([, words = '']) => words,
  )
}

describe('the examples', () => {
  it('call fw-run as it can be called', () => {
    const lines = files.flatMap((name) => linesIn(readFileSync(new URL(name, folder), 'utf8')))
    expect(lines).toHaveLength(6)
    for (const line of lines) {
      const parsed = parseArguments(line.split(' '))
      expect(parsed.kind === 'invocation' ? '' : `${line}: ${printedSoFar()}`).toBe('')
    }
  })

  it.each(files.filter((name) => name.endsWith('.yml')))('%s is YAML', (name) => {
    expect(parse(readFileSync(new URL(name, folder), 'utf8'))).toBeInstanceOf(Object)
  })
})
