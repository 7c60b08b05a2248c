import { isIP } from 'node:net'
import * as z from 'zod'
import { acceptableChecks } from '../../check-names/acceptable-checks.ts'
import { checkList } from '../../check-names/check-list.ts'
import { Secret } from '../../secret.ts'
import { parseSshArguments, type SshArguments } from '../../ssh-config/ssh-arguments.ts'
import { isPrintable } from '../../text/printable.ts'
import { shown } from '../../text/shown.ts'
import { didYouMean } from '../../text/suggestion.ts'
import {
  addresses,
  isHostAddress,
  memberAddress,
  networks,
  port,
  usableNetwork,
} from '../addresses.ts'
import { interfaces } from '../interface-names.ts'
import { probes } from '../probe.ts'
import { setName } from './set-name.ts'
import { listOf, oneOf, truth } from './value-shapes.ts'

const word = z
  .string({ error: ({ input }) => `${shown(input)} is not a single word` })
  .refine((text) => /^\S+$/.test(text) && isPrintable(text), {
    error: ({ input }) => `${shown(input)} is not a single word`,
  })

const text = z
  .string({ error: ({ input }) => `${shown(input)} is not text` })
  .refine((value) => value !== '' && isPrintable(value), {
    error: ({ input }) => `${shown(input)} is not text on one line`,
  })

/** The ids of checks whose warnings are accepted: only of checks that warn of what can stay so for good. */
const acceptedChecks = listOf('the id of a check', (id) => {
  if (acceptableChecks.includes(id)) return undefined
  if (Object.hasOwn(checkList, id))
    return `${shown(id)} cannot be accepted; give one of ${acceptableChecks.join(', ')}`
  const meant = didYouMean(id, acceptableChecks) ?? `give one of ${acceptableChecks.join(', ')}`
  return `${shown(id)} is not the id of a check: ${meant}`
})

/** Options of ssh. The message never shows the whole: people write passwords into commands. */
const sshArguments = z
  .string({ error: 'must be text' })
  .transform((value, context): SshArguments => {
    const parsed = parseSshArguments(value)
    if (!('fault' in parsed)) return parsed
    context.addIssue({ code: 'custom', message: parsed.fault })
    return z.NEVER
  })

/** A program on a host: never with options, which a shell would have to split. */
const program = z
  .string({ error: 'must be text' })
  .refine((name) => /^(\/[\w.+/-]+|[\w.+][\w.+-]*)$/.test(name), {
    error: ({ input }) => `${shown(input)} is neither the name of a program nor an absolute path`,
  })

const hostAddress = z
  .string({ error: ({ input }) => `${shown(input)} is not an address` })
  .refine(isHostAddress, {
    error: ({ input }) => `${shown(input)} is neither a host name nor an IP address`,
  })

// No message here may show the value.
const secret = z
  .string({ error: 'must be text' })
  .refine((value) => value !== '', { error: 'is empty' })
  .refine((value) => !/[\n\r\0]/.test(value), { error: 'must be one line' })
  .transform((value) => new Secret(value))

// A variable of Kubespray, which may hold anything. Only a mistyped address is a fault: the set would lack it.
const nodeAddress = z
  .preprocess((value) => (typeof value === 'string' ? value.trim() : value), z.unknown())
  .refine((value) => typeof value !== 'string' || !isMistyped(value), {
    error: ({ input }) => `${shown(input)} is not an IP address`,
  })
  .transform((value) => (typeof value === 'string' ? (memberAddress(value) ?? value) : value))

/** Whether a text is like an address but is none: no name of a host ends in a label that begins with a digit. */
function isMistyped(value: string): boolean {
  if (isIP(value) !== 0) return false
  const isName = isHostAddress(value) && !/\.\d[^.]*\.?$/.test(value)
  return !isName && /[\d:]/.test(value)
}

// The same: one network, or one of each family with a comma between them. A value that is anything else counts as none.
const serviceNetworks = z.unknown().transform((value): readonly string[] => {
  const parts = typeof value === 'string' ? value.split(',', 3).map((part) => part.trim()) : []
  const found = parts.flatMap((part) => usableNetwork(part) ?? [])
  return parts.length < 3 && found.length === parts.length ? found : []
})

const position = z
  .string({ error: ({ input }) => `${shown(input)} is neither auto nor a number from 1 up` })
  .refine((value) => /^(auto|[1-9]\d{0,5})$/.test(value), {
    error: ({ input }) => `${shown(input)} is neither auto nor a number from 1 up`,
  })
  .transform((value): 'auto' | number => (value === 'auto' ? value : Number(value)))

const priority = z
  .string({ error: 'must be a whole number' })
  .regex(/^-?\d{1,9}$/, { error: 'must be a whole number' })
  .transform(Number)

/** Every variable that fw-run uses, with the schema of its value. Others may hold anything. */
export const variableSchemas = z
  .object({
    fw_interface: interfaces,
    fw_guard: oneOf(['forward', 'nft', 'mangle', 'auto']),
    fw_persist: truth,
    fw_set: setName,
    fw_addresses: addresses,
    fw_extra_members: addresses,
    fw_position: position,
    fw_action: oneOf(['REJECT', 'DROP']),
    fw_pod_cidrs: networks,
    fw_services: oneOf(['close', 'open']),
    fw_service_cidrs: networks,
    fw_published: oneOf(['allow', 'block']),
    fw_probes: probes,
    fw_accept: acceptedChecks,
    fw_group: word,
    ip: nodeAddress,
    access_ip: nodeAddress,
    ip6: nodeAddress,
    access_ip6: nodeAddress,
    kube_service_addresses: serviceNetworks,
    kube_service_addresses_ipv6: serviceNetworks,
    ansible_host: hostAddress,
    ansible_ssh_host: hostAddress,
    ansible_port: port,
    ansible_ssh_port: port,
    ansible_user: word,
    ansible_ssh_user: word,
    ansible_password: secret,
    ansible_ssh_pass: secret,
    ansible_ssh_password: secret,
    ansible_private_key_file: text,
    ansible_ssh_private_key_file: text,
    ansible_ssh_args: sshArguments,
    ansible_ssh_common_args: sshArguments,
    ansible_ssh_extra_args: sshArguments,
    ansible_become: truth,
    ansible_become_method: word,
    ansible_become_exe: program,
    ansible_become_flags: z.string({ error: 'must be text' }),
    ansible_become_user: word,
    ansible_become_password: secret,
    ansible_become_pass: secret,
    ansible_sudo_user: word,
    ansible_sudo_exe: program,
    ansible_sudo_flags: z.string({ error: 'must be text' }),
    ansible_sudo_pass: secret,
    ansible_su_user: word,
    ansible_su_exe: program,
    ansible_su_flags: z.string({ error: 'must be text' }),
    ansible_su_pass: secret,
    ansible_doas_user: word,
    ansible_doas_exe: program,
    ansible_doas_flags: z.string({ error: 'must be text' }),
    ansible_doas_pass: secret,
    ansible_connection: word,
    ansible_group_priority: priority,
  })
  .partial()

/** The validated variables of one host. */
export type Values = z.output<typeof variableSchemas>

/** The name of a variable that fw-run uses. */
export type VariableName = keyof typeof variableSchemas.shape

/** The names of all variables that fw-run uses. */
export const variableNames: readonly VariableName[] = variableSchemas.keyof().options

/** The names of the settings of fw-run: all that begin with `fw_`. */
export const settingNames = variableNames.filter((name) => name.startsWith('fw_'))

/** Whether fw-run uses the variable. */
export function isVariableName(name: string): name is VariableName {
  return Object.hasOwn(variableSchemas.shape, name)
}

/** Whether a variable with this value counts as not given. Templates often make an empty text; of those in `neverEmpty`, Ansible takes none. */
export function isNotGiven({ name, value }: { readonly name: string; readonly value: unknown }) {
  if (name.startsWith('fw_')) return false
  return value === null || (value === '' && name.startsWith('ansible_') && !neverEmpty.has(name))
}

const neverEmpty: ReadonlySet<string> = new Set([
  ...['ansible_host', 'ansible_ssh_host', 'ansible_port', 'ansible_ssh_port'],
  ...['ansible_connection', 'ansible_become', 'ansible_group_priority'],
])

/**
 * Whether a variable that cannot be read counts as not given. Kubespray's networks may hold anything, and its IPv6
 * addresses too where the guard has no use for them. So may what is for another way to become root.
 */
export function isNeedless(
  name: string,
  { fw_guard: guard, ansible_become_method: method = 'sudo' }: Values,
): boolean {
  const [, own] = OF_METHOD.exec(name) ?? []
  if (own !== undefined) return own !== method.split('.').at(-1)
  if (name === 'ip6' || name === 'access_ip6') return guard === undefined || guard === 'forward'
  return name === 'kube_service_addresses' || name === 'kube_service_addresses_ipv6'
}

/** Whether the variable holds a password: it is used letter for letter and never shown. */
export function isSecretName(name: string): boolean {
  return /pass(word)?$/.test(name)
}

/** Whether the variable holds a password to become root. */
export function isBecomeSecretName(name: string): boolean {
  return isSecretName(name) && (name.startsWith('ansible_become_') || OF_METHOD.test(name))
}

/** A variable for one way to become root. */
const OF_METHOD = /^ansible_(sudo|su|doas)_/

/** Variables of Kubespray that add an address of a host to the set, if they hold one. */
export const nodeAddressNames: ReadonlySet<string> = new Set([
  ...['ip', 'access_ip', 'ip6', 'access_ip6'],
])

/** Variables with addresses of a host. They differ from host to host, so that one `-e` for all is no remedy. */
export const addressVariables: ReadonlySet<string> = new Set([
  'access_ip',
  'access_ip6',
  'ansible_host',
  'ansible_ssh_host',
  'fw_addresses',
  'ip',
  'ip6',
])
