import { setFlagsFromString } from 'node:v8'

/** The newest Node that was tried; a later one may not know the option, and would say so. */
const triedUpTo = 24

/**
 * Lets V8 optimise only what runs very often. It compiles in threads of its own, which took a quarter of the CPU for 200 hosts:
 * the work on a host takes milliseconds, and much of what was compiled hardly ran again. The default is 67,584 bytes of bytecode.
 */
export function optimiseLate(): void {
  if (Number.parseInt(process.versions.node, 10) <= triedUpTo)
    setFlagsFromString('--interrupt-budget=1000000')
}
