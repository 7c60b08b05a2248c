import * as z from 'zod'
import { shown } from '../../text/shown.ts'
import { didYouMean } from '../../text/suggestion.ts'

/**
 * A list of texts, or one text without a list. `fault` says what is wrong with a text, or is undefined. `canonical` makes
 * all spellings of one thing alike. The result is always a list without repetitions.
 */
export function listOf(
  noun: string,
  fault: (text: string) => string | undefined,
  canonical: (text: string) => string = (text) => text,
) {
  const item = z
    .string({ error: ({ input }) => `${shown(input)} is not ${noun}` })
    .superRefine((text, context) => {
      const message = fault(text)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .transform(canonical)
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(item, { error: ({ input }) => `${shown(input)} is not ${noun}, nor a list of them` }),
    )
    .superRefine((texts, context) => {
      const seen = new Set<string>()
      texts.forEach((text, index) => {
        if (!seen.has(text)) {
          seen.add(text)
          return
        }
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
  .string({ error: ({ input }) => `${shown(input)} is not true or false` })
  .refine((text) => YES.has(text.toLowerCase()) || NO.has(text.toLowerCase()), {
    error: ({ input }) => `${shown(input)} is not true or false`,
  })
  .transform((text) => YES.has(text.toLowerCase()))

const YES: ReadonlySet<string> = new Set(['true', 'yes', 'on', 'y', 't', '1'])
const NO: ReadonlySet<string> = new Set(['false', 'no', 'off', 'n', 'f', '0'])
