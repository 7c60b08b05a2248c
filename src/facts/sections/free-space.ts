import type { Sections } from '../../agent/sections.ts'
import { textOf } from '../reading.ts'

/** Kilobytes free in /run, from `df -P`; undefined if df did not say. */
export function readRoom(sections: Sections): number | undefined {
  const last = textOf(sections, 'room').trim().split('\n').at(-1)?.split(/\s+/)
  const free = Number(last?.[3])
  return last && last.length >= 6 && Number.isFinite(free) ? free : undefined
}
