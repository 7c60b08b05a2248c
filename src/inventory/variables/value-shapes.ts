import { z } from 'zod'
import { shown } from '../../text/shown.ts'
import { didYouMean } from '../../text/suggestion.ts'

/**
 * A list of texts, or one text without a list; `fault` says what is wrong with one, or undefined.
 * The result is always a list, and nothing in it stands twice.
 */
export function listOf(noun: string, fault: (text: string) => string | undefined) {
  const item = z
    .string({ error: ({ input }) => `${shown(input)} is not ${noun}` })
    .superRefine((text, context) => {
      const message = fault(text)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(item, { error: ({ input }) => `${shown(input)} is not ${noun}, nor a list of such` }),
    )
    .superRefine((texts, context) => {
      texts.forEach((text, index) => {
        if (texts.indexOf(text) === index) return
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `${shown(text)} is listed twice`,
        })
      })
    })
}

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
