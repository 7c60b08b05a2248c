import { z } from 'zod'
import { shown } from '../../text/shown.ts'

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
