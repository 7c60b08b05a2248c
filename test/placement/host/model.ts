import { readRoutes } from '../../../src/facts/routes.ts'
import type { ForwardIntent } from '../../../src/guard/intent.ts'
import { type HostModel, hostModelOf } from '../../../src/placement/host/host-model.ts'
import { answerOf } from '../../facts/answer-of.ts'
import { hostState, intent } from '../../plan/host-state.ts'

/**
 * What a test says of a host; the rest is as usual. Routes are as `ip route` prints them. Interfaces are `NAME ADDRESS…`,
 * with `down` or `port-of-BRIDGE` for an address.
 */
export interface HostOfTest {
  readonly rules?: readonly string[]
  readonly sets?: string
  readonly tables?: string
  readonly routes?: readonly string[]
  readonly interfaces?: readonly string[]
  readonly wanted?: Partial<ForwardIntent>
}

/** The model of a host on the subnet 192.0.2.0/24 of ens18, with one pod here and a tunnel to those of another host. */
export function modelOf({
  rules = [],
  sets = '',
  tables = '',
  routes = [
    '192.0.2.0/24 dev ens18 scope link src 192.0.2.11',
    '10.42.1.10 dev cali1 scope link',
    '10.42.2.0/24 via 10.42.2.0 dev flannel.1 onlink',
  ],
  interfaces = ['ens18 192.0.2.11'],
  wanted = {},
}: HostOfTest): HostModel {
  const state = hostState(
    rules.map((rule) => (rule.startsWith(':') ? rule : `-A ${rule}`)),
    sets,
    tables,
  )
  const network = {
    interfaces: interfaces.map((text) => {
      const [name = '', ...words] = text.split(' ')
      const master = words.find((word) => word.startsWith('port-of-'))?.slice('port-of-'.length)
      const addresses = words.filter((word) => /^\d/.test(word))
      return { name, up: !words.includes('down'), addresses, ...(master && { master }) }
    }),
    routes: readRoutes(answerOf({ routes: routes.join('\n') })),
  }
  return hostModelOf(state, { ...intent, network, ...wanted })
}
