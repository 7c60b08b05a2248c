import type { HostSpec } from '../lab/spec.ts'

/** The kinds of clusters on which the main job must hold, three hosts each. */
export const clusters: readonly (readonly [name: string, hosts: readonly HostSpec[]])[] = [
  ['debian', [{}, {}, {}]],
  ['el7', [{ flavour: 'el7' }, { flavour: 'el7' }, { flavour: 'el7' }]],
  ['mixed', [{ flavour: 'el7' }, {}, { login: 'root' }]],
]
