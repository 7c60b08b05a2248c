import { InvalidArgumentError } from 'commander'
import { isMemberAddress } from '../../inventory/addresses.ts'
import { interfaces } from '../../inventory/interface-names.ts'
import { maxSeconds, minLeaseSeconds } from '../../limits.ts'
import { parseShare, type Share } from '../../text/share.ts'

// What options may be given. Each reads the word as typed, or throws an InvalidArgumentError that says what to give.

// An option of which the last one counted would silently leave hosts or interfaces out.
function refuseSecond(previous: string | undefined, instead: string): void {
  if (previous === undefined) return
  throw new InvalidArgumentError(`'${previous}' was given already. ${instead}`)
}

export function oneLimit(value: string, previous?: string): string {
  refuseSecond(previous, `Write both in one: --limit '${previous},${value}'.`)
  return value
}

export function oneFirst(value: string, previous?: string): string {
  refuseSecond(previous, `Write both in one: --serial-first '${previous},${value}'.`)
  return value
}

export function oneInterface(value: string, previous?: string): string {
  refuseSecond(previous, `For several write -e 'fw_interface=[${previous}, ${value}]'.`)
  return interfaceOrPattern(value)
}

export function interfaceName(value: string): string {
  if (/[*+]$/.test(value)) {
    throw new InvalidArgumentError('Give the name of one interface, without a wildcard.')
  }
  return interfaceOrPattern(value)
}

function interfaceOrPattern(value: string): string {
  const { error } = interfaces.safeParse(value)
  if (error) throw new InvalidArgumentError(error.issues[0]?.message ?? '')
  return value
}

export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

export function atLeastOne(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('Give a whole number, 1 or more.')
  return number
}

export function positive(value: string): number {
  const number = Number(value)
  if (!(number > 0 && number <= maxSeconds))
    throw new InvalidArgumentError(`Give seconds: more than 0, at most ${maxSeconds}.`)
  return number
}

export function waveSizes(value: string): readonly Share[] {
  return value.split(',').map((word) => {
    const share = parseShare(word)
    if (share && share.count > 0) return share
    throw new InvalidArgumentError(
      'Give sizes of waves, such as 1,10%,100%: whole numbers of hosts from 1, or percentages from 1% to 100%.',
    )
  })
}

export function fewHosts(value: string): Share {
  const share = parseShare(value)
  if (!share)
    throw new InvalidArgumentError('Give a whole number of hosts, or a percentage up to 100%.')
  return share
}

export function leaseSeconds(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < minLeaseSeconds || number > maxSeconds)
    throw new InvalidArgumentError(`Give whole seconds, ${minLeaseSeconds} to ${maxSeconds}.`)
  return number
}

export function address(value: string): string {
  if (!isMemberAddress(value)) throw new InvalidArgumentError('Give the IPv4 address of a host.')
  return value
}

export function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
    throw new InvalidArgumentError('Give a port, 0 to 65535.')
  return Number(value)
}
