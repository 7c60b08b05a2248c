import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { acceptableChecks } from '../src/check-names/acceptable-checks.ts'
import { checkList } from '../src/check-names/check-list.ts'
import { defaultLease } from '../src/defaults.ts'
import { faultExitCodes } from '../src/errors.ts'
import { settingNames } from '../src/inventory/variables/variable-schemas.ts'
import {
  maxChainRules,
  maxChains,
  maxHostsLoadedAgain,
  maxKinds,
  maxPublishedPorts,
  maxTextLoadedAgain,
} from '../src/limits.ts'

/** One document of the project, as a reader gets it. */
function read(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
}

describe('the documents', () => {
  it('list every check with its id, its two titles and whether its warning can be accepted', () => {
    const rows = Object.entries(checkList).map(
      ([id, check]) =>
        `| \`${id}\` | ${check.title} | ${check.trouble} | ${acceptableChecks.includes(id) ? 'yes' : ''} |`,
    )
    expect(
      read('docs/checks.md')
        .split('\n')
        .filter((line) => line.startsWith('| `')),
    ).toEqual(rows)
  })

  it('name every check in the JSON schema', () => {
    const [, ids = ''] =
      /"enum": \[\s*("connection",[^\]]*)\]/.exec(read('schema/fw-run.schema.json')) ?? []
    expect(JSON.parse(`[${ids}]`)).toEqual(Object.keys(checkList))
  })

  it('list every variable of ours, and no other', () => {
    const listed = [...read('docs/settings.md').matchAll(/^\| `(fw_\w+)`/gm)].map(
      ([, name]) => name,
    )
    expect(listed.sort()).toEqual([...settingNames].sort())
  })

  it('name the limits and defaults that the code has', () => {
    const limits = read('docs/limits.md')
    expect(read('docs/inventories.md')).toContain(
      `more than ${maxHostsLoadedAgain.toLocaleString('en')} hosts`,
    )
    expect(read('docs/inventories.md')).toContain(
      `more than ${maxTextLoadedAgain / 1000} KB of YAML and INI`,
    )
    expect(limits).toContain(`${maxChains.toLocaleString('en')} chains`)
    expect(limits).toContain(`${maxChainRules.toLocaleString('en')} rules in one chain`)
    expect(limits).toContain(`${maxKinds.toLocaleString('en')} kinds of outsiders or of pods`)
    expect(limits).toContain(`${maxPublishedPorts.toLocaleString('en')} published ports`)
    expect(read('docs/failures.md')).toContain(`(\`--lease\`, ${defaultLease} seconds)`)
  })

  it('explain every exit code of a fault', () => {
    const codes = [...read('docs/exit-codes.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) =>
      Number(code),
    )
    expect(codes).toEqual([0, 1, 2, 3, 4, 5, 8, 130])
    for (const code of Object.values(faultExitCodes)) expect(codes).toContain(code)
  })

  it.each(['README.md', 'ARCHITECTURE.md', 'BENCHMARKS.md', 'CONTRIBUTING.md'])(
    '%s names only files that exist',
    (name) => {
      const links = [...read(name).matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path ?? '')
      const inline = [...read(name).matchAll(/`((?:src|test|docs|bin)\/[\w./-]+)`/g)].map(
        ([, path]) => path ?? '',
      )
      for (const path of [...links, ...inline].filter((one) => !/^https?:|\*/.test(one))) {
        expect(() => readFileSync(new URL(`../${path}`, import.meta.url))).not.toThrow(/ENOENT/)
      }
    },
  )
})
