import { compactNames } from '../text/host-list.ts'

/** The hosts of each wave: `node1, then node[2:3]`. */
export function wavesInOrder(waves: readonly (readonly string[])[]): string {
  return waves.map((names) => compactNames(names).join(', ')).join(', then ')
}

/** ` in wave 2 of 3`, to follow what happened there; empty where all hosts are one wave. */
export function inWave(waves: readonly unknown[], reached: number | undefined): string {
  return waves.length < 2 || !reached ? '' : ` in wave ${reached} of ${waves.length}`
}

/** ` in 3 waves`; empty where all hosts are one wave. */
export function inSoManyWaves(waves: readonly unknown[]): string {
  return waves.length < 2 ? '' : ` in ${waves.length} waves`
}
