import { shown } from '../../text/shown.ts'
import { isHostAddress } from '../addresses.ts'
import { parseHostKey } from '../reading/host-range.ts'

/** The host that `NAME` or `NAME=ADDRESS` names, or what is wrong with it. */
export function parseNewHost(
  word: string,
): { readonly name: string; readonly address: string | undefined } | { readonly fault: string } {
  const [, name = '', address] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? []
  const key = parseHostKey(name)
  if (key.kind === 'fault') return { fault: `host ${shown(name)}: ${key.fault}` }
  if (key.port !== undefined || /[[\]]/.test(name)) {
    return { fault: `host ${shown(name)}: give the name of one host, without port or range` }
  }
  if (address !== undefined && !isHostAddress(address)) {
    return { fault: `${shown(address)} is neither a host name nor an IP address` }
  }
  return { name, address }
}
