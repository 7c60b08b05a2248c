import { z } from 'zod'
import { shown } from '../../text/shown.ts'
import { didYouMean } from '../../text/suggestion.ts'

/** One of a few words, spelt exactly. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, {
    error: ({ input }) => {
      const meant = typeof input === 'string' ? didYouMean(input, words) : undefined
      return `${shown(input)} is not ${words.join(' or ')}${meant ? `: ${meant}` : ''}`
    },
  })
}

/** A boolean in any of Ansible's spellings. */
export const truth = z
  .string({ error: ({ input }) => `${shown(input)} is neither true nor false` })
  .refine((text) => text.toLowerCase() in SPELLINGS, {
    error: ({ input }) => `${shown(input)} is neither true nor false`,
  })
  .transform((text) => SPELLINGS[text.toLowerCase()] === true)

const SPELLINGS: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  y: true,
  t: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  n: false,
  f: false,
  '0': false,
}
