import type { HostSpec } from '../lab/spec.ts'

/**
 * The clusters on which the main job must hold, three hosts each. In both, kinds of hosts are mixed; they differ in what
 * node2 is, on which scenarios break things.
 */
export const clusters: readonly (readonly [name: string, hosts: readonly HostSpec[]])[] = [
  ['debian', [{ flavour: 'el7' }, {}, { login: 'root' }]],
  ['el7', [{}, { flavour: 'el7' }, { flavour: 'el7', login: 'root' }]],
]
