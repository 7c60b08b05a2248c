/**
 * Why a line may not be the rule that it seems to be, in words; undefined if it surely is. Some names are printed without
 * quotes. The part of such a name after a line break looks like a rule, but words follow where iptables prints none.
 */
export function faultOf(line: string): string | undefined {
  const odd = countersFault(line)
  if (odd !== undefined) return odd
  const plain = line.includes('"') || line.includes(' --comment ') ? line.replace(texts, '') : line
  if (/ --hashlimit-name [^\s"]+$/.test(plain)) return 'a name may continue on the next line'
  const at = plain.search(/ -[jg] /)
  if (at < 0) return undefined
  const [name = '', ...more] = plain
    .slice(at + 4)
    .trimEnd()
    .split(' ')
  if (more.includes('-j') || more.includes('-g')) return 'there are two targets'
  if (more.some((word) => /^-[a-z]$/.test(word))) return 'there is a condition after the target'
  const rest = name === 'REJECT' && more[0] === '--reject-with' ? more.slice(2) : more
  const bare = name === 'REJECT' || bareTargets.has(name) || plain.startsWith(' -g ', at)
  return bare && rest.length > 0 ? `there is text after the target ${name}` : undefined
}

/** The same of the counters alone. */
export function countersFault(line: string): string | undefined {
  return line.startsWith('[') && !/^\[\d{1,20}:\d{1,20}\] /.test(line)
    ? 'the counters are not numbers'
    : undefined
}

/** Options whose value is any text. It may look like a target. */
const texts =
  / --(?:comment|log-prefix|nflog-prefix|ulog-prefix|string|hex-string) (?:"(?:[^"\\]|\\.)*"|\S+)/gs

/** Targets without options. */
const bareTargets: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'RETURN', 'QUEUE'])
