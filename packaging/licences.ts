import { readdirSync, readFileSync } from 'node:fs'
import type { BundledPackage } from './bundled-packages.ts'

/** The licence of one part of what is shipped. */
export interface Licence {
  readonly of: string
  readonly text: string
}

/** The licence of a package, from its files. Throws if it has none: nothing may be shipped without. */
export function licenceOf({ name, version, folder }: BundledPackage): Licence {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying)\b/i.test(file))
  const text = files.sort().map((file) => tidy(readFileSync(`${folder}/${file}`, 'utf8')))
  if (text.join('') === '') throw new Error(`${name} ${version} has no licence in ${folder}.`)
  return { of: `${name} ${version}`, text: text.join('\n\n') }
}

/** All licences as one text. Parts with the same text share it. */
export function renderLicences(licences: readonly Licence[]): string {
  const parts = new Map<string, readonly string[]>()
  for (const { of, text } of licences) parts.set(text, [...(parts.get(text) ?? []), of])
  const texts = [...parts].map(([text, names]) => `${names.join('\n')}\n\n${text}`)
  return `${texts.join(between)}\n`
}

/** The licences of all that is in an executable: fw-run, the packages inside as the build has listed them, and Node. */
export function licencesWith(node: string, nodeLicence: string): string {
  const read = (file: string): string => tidy(readFileSync(file, 'utf8'))
  const own = `fw-run\n\n${read('LICENSE')}`
  return `${[own, read('dist/licences.txt'), `${node}\n\n${tidy(nodeLicence)}`].join(between)}\n`
}

const between = `\n\n${'-'.repeat(78)}\n\n`

function tidy(text: string): string {
  return text.replace(/[ \t\r]+$/gm, '').trim()
}
