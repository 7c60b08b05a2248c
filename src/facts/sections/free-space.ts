import type { Sections } from '../../agent/sections.ts'
import { textOf } from '../reading.ts'

/** Kilobytes free where `df -P` was asked about, by its number in the question, from 0; undefined if df did not say. */
export function readFreeSpace(sections: Sections, number: number): number | undefined {
  const [, ...lines] = textOf(sections, 'room').trim().split('\n')
  const words = lines[number]?.split(/\s+/)
  const free = Number(words?.[3])
  return words && words.length >= 6 && Number.isFinite(free) ? free : undefined
}
