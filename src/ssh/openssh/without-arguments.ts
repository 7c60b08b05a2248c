/**
 * What a ProxyCommand or its shell said, without the arguments of the command: people write passwords into them, and a shell that cannot
 * parse one repeats it. Each argument stands as `...`.
 */
export function withoutArguments(line: string, command: string): string {
  return argumentsOf(command).reduce((text, word) => text.replaceAll(word, '...'), line)
}

/** Longest first: one may be a part of another. */
function argumentsOf(command: string): readonly string[] {
  const quoted = [...command.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, a, b]) => a ?? b ?? '')
  const written = [...quoted, ...command.trim().split(/\s+/).slice(1), ...valuesIn(command)]
  const words = written.flatMap((word) => [word, ...word.split(/[\s'"`|;&()<>]+/)])
  const all = words.flatMap((word) => [word, word.replaceAll('\\', '')]).flatMap(partsOf)
  return [...new Set(all)]
    .filter((word) => word.length >= shortest && !isPlain(word))
    .sort((a, b) => b.length - a.length)
}

/** Shorter ones would take letters out of other words. */
const shortest = 3

/** The value of an assignment before the program. */
function valuesIn(command: string): readonly string[] {
  const [, value] = /^\s*\w+=(\S*)/.exec(command) ?? []
  return value === undefined ? [] : [value]
}

/** A value may stand in one word with its option: `-pVALUE`, `--password=VALUE`. */
function partsOf(word: string): readonly string[] {
  const at = word.indexOf('=')
  const value = at < 0 ? [] : [word.slice(at + 1)]
  return /^-[^-]./.test(word) ? [word, word.slice(2), ...value] : [word, ...value]
}

/** What surely is no password: a long option without a value, what ssh fills in, and programs that people call here. */
function isPlain(word: string): boolean {
  return /^--[a-z-]*$/.test(word) || /^(\[?%[hnpr]\]?:?)+$/.test(word) || programs.has(word)
}

const programs: ReadonlySet<string> = new Set([
  ...['ssh', 'sshpass', 'nc', 'ncat', 'netcat', 'socat', 'connect', 'connect-proxy', 'corkscrew'],
  ...['env', 'exec', 'bash', 'cloudflared', 'aws', 'gcloud', 'kubectl', 'docker', 'tsh'],
])
