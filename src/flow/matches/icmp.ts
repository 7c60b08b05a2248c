import type { Option } from '../../iptables/rule.ts'
import { and, known } from '../ternary.ts'
import { always, everyOption, type Predicate } from './predicate.ts'

/** Reads `--icmp-type` of `-m icmp`: a type, a type with a code, a name, or `any`. */
export function readIcmp(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name, values: [text = ''] }) => {
    if (name !== 'icmp-type') return undefined
    if (text === 'any') return always
    const [, type, code] = /^(\d+)(?:\/(\d+))?$/.exec(names.get(text) ?? text) ?? []
    if (type === undefined) return undefined
    return ({ icmpType, icmpCode }) =>
      and(
        icmpType === undefined ? 'maybe' : known(icmpType === Number(type)),
        code === undefined
          ? 'yes'
          : icmpCode === undefined
            ? 'maybe'
            : known(icmpCode === Number(code)),
      )
  })
}

const names: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    'echo-reply': '0',
    pong: '0',
    'destination-unreachable': '3',
    'network-unreachable': '3/0',
    'host-unreachable': '3/1',
    'protocol-unreachable': '3/2',
    'port-unreachable': '3/3',
    'fragmentation-needed': '3/4',
    'source-quench': '4',
    redirect: '5',
    'echo-request': '8',
    ping: '8',
    'router-advertisement': '9',
    'router-solicitation': '10',
    'time-exceeded': '11',
    'ttl-exceeded': '11',
    'parameter-problem': '12',
    'timestamp-request': '13',
    'timestamp-reply': '14',
  }),
)
