/**
 * The tables that send packets of IPv4 on to other addresses, of those that nft printed. A line `only FAMILY NAME` is a table of which
 * nothing else is known.
 */
export function publishingTables(printed: string): readonly string[] {
  return printed.split(/^(?=table |only )/m).flatMap((text) => {
    const [, table, only] = /^(?:table (.+?) \{|only (.+))/.exec(text) ?? []
    const name = only ?? (publishes(text) ? table : undefined)
    return name === undefined ? [] : name.slice(0, 100)
  })
}

/** Whether a rule of a table does it. A map must have elements: CRI-O keeps its rules when the last pod with a hostPort has gone. */
function publishes(table: string): boolean {
  const filled = new Set<string>()
  const asked: (string | undefined)[] = []
  let block = ''
  for (const line of table.split('\n')) {
    block = /^\s*(?:map|set|chain) (\S+) \{/.exec(line)?.[1] ?? block
    if (/^\s*elements = \{/.test(line)) filled.add(block)
    const target = translated.exec(line.replace(/"[^"]*"/g, ''))?.[1]
    if (target !== undefined) asked.push(/ map @(\S+)/.exec(target)?.[1])
  }
  return asked.some((map) => map === undefined || filled.has(map))
}

/** Where a rule sends packets of IPv4, but for the loopback. Versions of nft print it in several ways. */
const translated = /\sdnat (?:ip )?(?:addr \. port |addr |prefix |interval )?to (?!127\.|\[)(.*)/
