import type { Random } from '../../random.ts'
import type { Case } from './corpus.ts'

const GROUPS = ['alpha', 'Beta', 'gamma', 'delta', 'omega', 'all', 'ungrouped'] as const
const HOSTS = ['h1', 'h2', 'h3', 'n[1:3]', 'p[01:02]', 'h1:2222', 'h4:22'] as const
const NAMES = ['a', 'b', 'c', 'd', 'ansible_port', 'ip'] as const
const VALUES = [
  '1',
  'x',
  "'q'",
  '10.0.0.1',
  'True',
  'some words',
  '[1, 2]',
  'None',
  '0x10',
  "{'k': 'v'}",
] as const

/** An inventory made by chance: one or two files in INI or YAML, with files of variables beside them. */
export function generated(name: string, random: Random): Case {
  const files = new Map<string, string>()
  const sources: string[] = []
  for (let index = 0; index < random.pick([1, 1, 2]); index += 1) {
    const directory = random.chance(0.3) ? `d${index}/` : ''
    const isIni = random.chance(0.5)
    const path = `${directory}inventory${index}${isIni ? random.pick(['', '.ini']) : '.yml'}`
    files.set(path, isIni ? ini(random) : yaml(random))
    sources.push(path)
    for (const kind of ['group_vars', 'host_vars'] as const) {
      const of = kind === 'group_vars' ? GROUPS : (['h1', 'h2', 'n2', 'p01'] as const)
      for (const one of random.some(of, 4)) addVars(`${directory}${kind}/${one}`, files, random)
    }
  }
  return { name, files, arguments: sources.flatMap((path) => ['-i', path]) }
}

function ini(random: Random): string {
  const lines: string[] = []
  if (random.chance(0.3)) lines.push(hostLine(random))
  const groups = random.some(GROUPS, 5)
  for (const group of groups) {
    lines.push(`[${group}]${random.pick(['', '   ', ' # note'])}`)
    for (let n = random.below(3); n > 0; n -= 1) lines.push(hostLine(random))
  }
  for (const [parent, child] of edges(groups, random)) lines.push(`[${parent}:children]`, child)
  for (const group of groups) {
    if (random.chance(0.5)) {
      lines.push(`[${group}:vars]`, '; a comment')
      for (const one of random.some(NAMES, 3)) lines.push(`${one} = ${random.pick(VALUES)}`)
      if (random.chance(0.2)) lines.push(`ansible_group_priority=${random.below(4)}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function hostLine(random: Random): string {
  const words = random.chance(0.6) ? random.some(NAMES, 3) : []
  const value = (): string =>
    random.pick(['1', 'x', '"two words"', "'a b'", '10.0.0.1', 'True', '"[1, 2]"', 'x\\ y', '0.5'])
  return [random.pick(HOSTS), ...words.map((one) => `${one}=${value()}`)].join(' ')
}

/** Parents come before their children in the list of names, so that no group contains itself; `all` and `ungrouped` stay apart. */
function edges(groups: readonly string[], random: Random): readonly (readonly [string, string])[] {
  const plain = groups.filter((group) => group !== 'all' && group !== 'ungrouped')
  return plain.flatMap((parent, index) =>
    plain
      .slice(index + 1)
      .flatMap((child) => (random.chance(0.4) ? [[parent, child] as const] : [])),
  )
}

function yaml(random: Random): string {
  const groups = random.some(GROUPS, 5)
  const children = edges(groups, random)
  const body = Object.fromEntries(
    groups.map((group) => {
      const hosts = random.chance(0.8) ? [...new Set(random.some(HOSTS, 3))] : []
      const own = children.filter(([parent]) => parent === group).map(([, child]) => child)
      return [
        group,
        {
          ...(hosts.length > 0 && {
            hosts: Object.fromEntries(
              hosts.map((host) => [host, random.chance(0.5) ? vars(random) : null]),
            ),
          }),
          ...(own.length > 0 && { children: Object.fromEntries(own.map((one) => [one, null])) }),
          ...(random.chance(0.5) && {
            vars: {
              ...vars(random),
              ...(random.chance(0.2) && { ansible_group_priority: random.below(4) }),
            },
          }),
        },
      ]
    }),
  )
  return withMerges(`${JSON.stringify(body, null, 1)}\n`, random)
}

/** The text with merge keys in some of its mappings of variables, one or two in each: `merged` has the anchors. */
function withMerges(text: string, random: Random): string {
  const anchors = ['m0', 'm1', 'm2'] as const
  const one = (): string => `*${random.pick(anchors)}`
  const merge = (): string => (random.chance(0.3) ? `[${one()}, ${one()}]` : one())
  const merged = text.replaceAll(/"(vars|h\d)": \{/g, (start) =>
    random.chance(0.4)
      ? `${start}${Array.from({ length: 1 + random.below(2) }, () => `<<: ${merge()},`).join(' ')}`
      : start,
  )
  if (merged === text) return text
  const bases = anchors.map((anchor) => `"${anchor}": &${anchor} ${JSON.stringify(vars(random))}`)
  return merged.replace('{', `{"merged": {"vars": {${bases.join(', ')}}},`)
}

function vars(random: Random): Record<string, unknown> {
  const value = (): unknown =>
    random.pick([1, 'x', true, null, [1, 'two'], { k: { n: 1 } }, '10.0.0.1', 1.5])
  return Object.fromEntries(random.some(NAMES, 3).map((name) => [name, value()]))
}

function addVars(path: string, files: Map<string, string>, random: Random): void {
  if ([...files.keys()].some((one) => one === path || one.startsWith(`${path}/`))) return
  const text = (): string => JSON.stringify(vars(random))
  if (random.chance(0.3)) {
    for (const name of random.some(['a.yml', 'b', 'c.json', 'd.txt', 'sub/e.yaml'], 3))
      files.set(`${path}/${name}`, text())
  } else files.set(`${path}${random.pick(['', '.yml', '.yaml', '.json'])}`, text())
  if (random.chance(0.2)) files.set(`${path}.yml`, text())
}
