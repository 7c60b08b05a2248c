/** How many packets and bytes each rule and each policy have seen, by name: `filter FORWARD 3`, `filter FORWARD policy`. */
export type Counts = ReadonlyMap<string, Count>

interface Count {
  readonly packets: number
  readonly bytes: number
}

/** Reads the counters that `iptables-save -c` prints. */
export function countsOf(text: string): Counts {
  const counts = new Map<string, Count>()
  const numbers = new Map<string, number>()
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const [, chain, packets, bytes] = /^:(\S+) [A-Z]+ \[(\d+):(\d+)\]/.exec(line) ?? []
    if (chain) counts.set(`${table} ${chain} policy`, countOf(packets, bytes))
    const [, seen, size, of] = /^\[(\d+):(\d+)\] -A (\S+)/.exec(line) ?? []
    if (!of) continue
    const number = (numbers.get(`${table} ${of}`) ?? 0) + 1
    numbers.set(`${table} ${of}`, number)
    counts.set(`${table} ${of} ${number}`, countOf(seen, size))
  }
  return counts
}

function countOf(packets: string | undefined, bytes: string | undefined): Count {
  return { packets: Number(packets), bytes: Number(bytes) }
}
