/** Who writes rules on a node after its boot. */
export const writers = ['docker', 'kube-proxy', 'felix', 'flannel', 'portmap'] as const
export type Writer = (typeof writers)[number]

/**
 * What each of them writes of a node's rules, as `iptables-restore --noflush` reads it: their chains, and their rules in the
 * chains of all, which kube-proxy, Felix and docker put on top and the others at the end.
 */
export function rulesByWriter(rules: string): Readonly<Record<Writer, string>> {
  const texts = writers.map((writer) => [writer, rulesOf(rules, writer)] as const)
  return Object.fromEntries(texts) as Record<Writer, string>
}

function rulesOf(rules: string, writer: Writer): string {
  return rules
    .split('\n')
    .flatMap((line): readonly string[] => {
      if (line.startsWith('*') || line === 'COMMIT') return [line]
      if (ownerOf(line) !== writer) return []
      return [onTop(line, writer) ? line.replace('-A', '-I') : line]
    })
    .map((line) => `${line}\n`)
    .join('')
}

function ownerOf(line: string): Writer | undefined {
  if (/^:(INPUT|OUTPUT|PREROUTING|POSTROUTING|FORWARD ACCEPT)/.test(line)) return undefined
  const chain = /^(?::|-A )(\S+)/.exec(line)?.[1] ?? ''
  const [, prefix] =
    /^(KUBE|cali|FLANNEL|CNI|DOCKER)-/.exec(chain) ??
    /-j (KUBE|cali|FLANNEL|CNI|DOCKER)-/.exec(line) ??
    /(cali):/.exec(line) ??
    []
  switch (prefix) {
    case 'KUBE':
      return 'kube-proxy'
    case 'cali':
      return 'felix'
    case 'FLANNEL':
      return 'flannel'
    case 'CNI':
      return 'portmap'
    default:
      return 'docker'
  }
}

function onTop(line: string, writer: Writer): boolean {
  if (!/^-A (INPUT|OUTPUT|PREROUTING|POSTROUTING|FORWARD) /.test(line)) return false
  return (
    writer === 'kube-proxy' || writer === 'docker' || (writer === 'felix' && /-j cali-/.test(line))
  )
}
