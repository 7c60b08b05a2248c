import type { Option } from '../../iptables/rule.ts'
import { known } from '../ternary.ts'
import { readPortOption } from './ports.ts'
import { everyOption, type Predicate } from './predicate.ts'

const flags = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']

/** Reads the options of `-m tcp`: ports and flags. */
export function readTcp(options: readonly Option[]): Predicate {
  return everyOption(options, (option) => {
    if (option.name === 'syn') return flagTest(['FIN', 'SYN', 'RST', 'ACK'], ['SYN'])
    if (option.name !== 'tcp-flags') return readPortOption(option)
    const [mask, wanted] = option.values.slice(0, 2).map(flagList)
    return mask && wanted ? flagTest(mask, wanted) : undefined
  })
}

function flagTest(mask: readonly string[], wanted: readonly string[]): Predicate {
  return ({ tcpFlags }) =>
    tcpFlags === undefined
      ? 'maybe'
      : known(
          flags.every(
            (flag) => (mask.includes(flag) && tcpFlags.includes(flag)) === wanted.includes(flag),
          ),
        )
}

function flagList(text: string): readonly string[] | undefined {
  if (text === 'ALL') return flags
  const list = text === 'NONE' ? [] : text.split(',')
  return list.length <= flags.length && list.every((flag) => flags.includes(flag))
    ? list
    : undefined
}
