import { z } from 'zod'
import { shown } from '../../text/shown.ts'

/** An ipset name that neither Calico nor fw-run itself takes for its own. */
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
    return `${quoted} is not an ipset name: 1 to 31 of letters, digits and _ . : -`
  }
  if (name.startsWith('fw-run-')) return `${quoted}: names with fw-run- are for our temporary sets`
  const prefix = CLEANED_BY_CALICO.find((start) => name.startsWith(start))
  return prefix && `${quoted}: Calico deletes sets whose name begins with ${prefix}`
}

// felix/ipsets/ipset_defs.go: Felix takes sets with these prefixes for leftovers of its own.
const CLEANED_BY_CALICO = [
  'cali4',
  'cali6',
  'felix-4',
  'felix-6',
  'felix-masq-ipam-pools',
  'felix-all-ipam-pools',
]
