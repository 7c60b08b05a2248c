import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 optimise only what runs very often; returns what lets it do as usual again. It compiles in threads of its own. They took a
 * quarter of the CPU for 200 hosts, and a third of that for reading 1,000 hosts. Much of what was compiled hardly ran again. Code
 * that the build or Node has compiled is not used in that time, so this comes when all is loaded.
 */
export function optimiseLate(): () => void {
  const option = options.find(({ of }) => of.includes(process.versions.v8.split('.', 1)[0] ?? ''))
  // Of an option that it does not have, V8 would complain on the terminal.
  if (!option) return () => {}
  setFlagsFromString(`${option.name}=${option.late}`)
  return () => setFlagsFromString(`${option.name}=${option.usual}`)
}

/** What each V8 that was tried has for it: 11 is in Node 20, 12 in Node 22, 13 in Node 24. */
const options: readonly Option[] = [
  // In bytes of bytecode that a function runs.
  { of: ['11'], name: '--interrupt-budget', usual: 67_584, late: 1_000_000 },
  // In calls of a function.
  { of: ['12', '13'], name: '--invocation-count-for-turbofan', usual: 3_000, late: 50_000 },
]

interface Option {
  /** The major versions of V8 that have it. */
  readonly of: readonly string[]
  readonly name: string
  readonly usual: number
  readonly late: number
}
