import * as z from 'zod'
import { shown } from '../../text/shown.ts'

/** The name of an ipset that neither Calico nor fw-run takes for one of its own. */
export const setName = z
  .string({ error: ({ input }) => `${shown(input)} is not an ipset name` })
  .superRefine((name, context) => {
    const message = faultOfSetName(name)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

function faultOfSetName(name: string): string | undefined {
  const quoted = shown(name)
  if (name.length > 31) return `${quoted} is not an ipset name: more than 31 characters`
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/.test(name)) {
    return `${quoted} is not an ipset name: use 1 to 31 letters, digits and _ . : -`
  }
  if (name.startsWith('fw-run-'))
    return `${quoted}: names that begin with fw-run- are for temporary sets of fw-run`
  const prefix = CLEANED_BY_CALICO.find((start) => name.startsWith(start))
  return prefix && `${quoted}: Calico deletes sets whose name begins with ${prefix}`
}

// Felix deletes sets with these prefixes, as leftovers of its own (felix/ipsets/ipset_defs.go).
const CLEANED_BY_CALICO = [
  'cali4',
  'cali6',
  'felix-4',
  'felix-6',
  'felix-masq-ipam-pools',
  'felix-all-ipam-pools',
]
