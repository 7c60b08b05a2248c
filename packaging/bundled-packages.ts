import { readFileSync } from 'node:fs'
import type { Metafile } from 'esbuild'

/** One npm package of which at least one file is in a bundle. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** Where it is installed. */
  readonly folder: string
}

const installed = /^(.*\/)?node_modules\/(@[^/]+\/[^/]+|[^/]+)/

/** The packages in bundles, by name and version, each once. Throws if one is not installed. */
export function bundledPackages(metafiles: readonly Metafile[]): readonly BundledPackage[] {
  const folders = new Set(
    metafiles
      .flatMap(({ outputs }) => Object.values(outputs))
      .flatMap(({ inputs }) => Object.keys(inputs))
      .flatMap((input) => installed.exec(input)?.[0] ?? []),
  )
  const packages = [...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
    return { name, version, folder }
  })
  const label = ({ name, version }: BundledPackage): string => `${name} ${version}`
  const once = new Map(packages.map((one) => [label(one), one]))
  return [...once.values()].sort((a, b) => (label(a) < label(b) ? -1 : 1))
}
