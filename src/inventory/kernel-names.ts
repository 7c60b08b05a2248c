import { z } from 'zod'
import { shown } from '../text/shown.ts'
import { listOf } from './variables/list-value.ts'

/** Network interfaces by name; one may stand without a list. */
export const interfaces = listOf('a network interface', (name) => {
  const quoted = shown(name)
  if (name.includes('+')) return `${quoted}: iptables reads + as a wildcard; list the interfaces`
  if (/^[A-Za-z0-9]\S*:\d+$/.test(name)) {
    return `${quoted} is an alias, which iptables cannot match; name the interface itself`
  }
  if (name.length > 15) return `${quoted} is not a network interface: more than 15 characters`
  return /^[A-Za-z0-9][A-Za-z0-9._@-]*$/.test(name)
    ? undefined
    : `${quoted} is not a network interface: 1 to 15 of letters, digits and . _ @ -`
}).refine((names) => names.length > 0, { error: 'the list is empty: name at least one interface' })

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
