import { type Interface, isPort } from '../../../facts/interfaces.ts'
import { type EarlyIntent, judgesInForward } from '../../../guard/intent.ts'
import { isMeant, isPattern } from '../../../inventory/interface-names.ts'
import { asGiven } from '../../../inventory/settings.ts'
import { type CheckResult, type EarlyCheck, fail, pass, type Subject, warn } from '../../check.ts'
import {
  innerExamples,
  leadsNobodyIn,
  noneThere,
  unfitInterfaces,
} from '../../evidence/guarded-interfaces.ts'

/**
 * Whether packets come in by the guarded interfaces, as the guard sees it: a bridge or a bond, not one of its ports, and a port of a
 * VRF, not the VRF. An
 * interface that is not there yet is only a warning: the guard waits for its name. Of those that one pattern means, one
 * that fits is enough.
 */
export const arrivalInterface: EarlyCheck = {
  id: 'arrival-interface',
  judge(subject) {
    const { host, facts, intent } = subject
    const setting = asGiven(host.settings, 'fw_interface')
    const { interfaces } = intent.network
    const tooWide = tooWidePattern(intent.interfaces, interfaces, setting)
    if (tooWide) return tooWide
    const missing = intent.interfaces.filter((text) => meantBy(text, interfaces).length === 0)
    const found = [...new Set(intent.interfaces.flatMap((text) => meantBy(text, interfaces)))]
    if (found.length === 0) return noneThere(host, missing, interfaces)
    const wrong = wrongEnd(subject, found, setting)
    if (wrong) return wrong
    const names = found.map(({ name }) => name)
    // The addresses of a VRF are on its ports.
    const carriers = interfaces.filter(
      ({ name, master = name }) => names.includes(name) || names.includes(master),
    )
    const ipv6 = facts.ipv6.addresses.filter(({ device }) =>
      carriers.some(({ name }) => name === device),
    )
    const all = [
      ...carriers.flatMap(({ addresses }) => addresses),
      ...ipv6.map((one) => one.address),
    ]
    const unfit = unfitInterfaces(subject, found, all)
    if (unfit) return unfit
    if (missing.length === 0) return pass
    return warn(
      `there is no interface ${missing.join(' or ')} yet. As soon as there is one, the guard works on it`,
      `If the name is wrong, correct ${setting} for that host. If the interface will exist later, you need not do anything.`,
    )
  },
}

/** The interfaces that a name or pattern means: those by which packets come in, or all where there is none of these. */
function meantBy(text: string, interfaces: readonly Interface[]): readonly Interface[] {
  const meant = interfaces.filter(({ name }) => isMeant(text, name))
  const fit = meant.filter((one) => one.up && !one.vrf && !isPort(one, interfaces))
  return fit.length > 0 ? fit : meant
}

/** Fails where the guard sees packets at the other end of a port: at its master, or where that is a VRF, at the port. */
function wrongEnd(
  { host, intent }: Subject<EarlyIntent>,
  found: readonly Interface[],
  setting: string,
): CheckResult | undefined {
  const { interfaces } = intent.network
  const inForward = judgesInForward(intent)
  const ofVrf = (one: Interface): boolean => one.master !== undefined && !isPort(one, interfaces)
  const port = found.find((one) => isPort(one, interfaces) || (inForward && ofVrf(one)))
  if (port?.master === 'ovs-system') {
    const carrier = interfaces.find(({ addresses }) =>
      host.settings.addresses.some((address) => addresses.includes(address)),
    )
    return fail(
      `${port.name} is a port of a bridge of Open vSwitch. So packets come in by an internal port of that bridge, and a guard for ${port.name} does not see them`,
      carrier && carrier !== port
        ? `Set ${setting} to ${carrier.name} for that host: ${carrier.name} has the address of the host.`
        : `Set ${setting} for that host to the internal port that has the address of the host. \`ip addr\` on that host shows that port.`,
    )
  }
  if (port) {
    return fail(
      `${port.name} is a port of ${port.master}. So packets come in by ${port.master}, and a guard for ${port.name} does not see them`,
      `Set ${setting} to ${port.master} for that host.`,
    )
  }
  const vrf = found.find((one) => one.vrf && !inForward)
  if (!vrf) return undefined
  const ports = interfaces.filter(({ master }) => master === vrf.name).map(({ name }) => name)
  return fail(
    `${vrf.name} is a VRF. A guard there sees packets only after DNAT, so it would stop packets to published ports`,
    `Set ${setting} for that host to the interfaces in the VRF${ports.length > 0 ? `: ${JSON.stringify(ports)}` : ''}.`,
  )
}

/** Fails where a pattern means interfaces of pods or of the host itself, now or as soon as there are some. */
function tooWidePattern(
  texts: readonly string[],
  interfaces: readonly Interface[],
  setting: string,
): CheckResult | undefined {
  const here = interfaces.map(({ name }) => name).filter(leadsNobodyIn)
  for (const pattern of texts.filter(isPattern)) {
    const known = here.filter((name) => isMeant(pattern, name))
    const names = known.length > 0 ? known : innerExamples.filter((name) => isMeant(pattern, name))
    if (names.length === 0) continue
    const listed = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
    return fail(
      `${pattern} also matches interfaces of pods or of the host itself: ${listed}. The guard would stop packets that it must not stop`,
      `Set ${setting} to names of interfaces, or to longer patterns. They must not match interfaces of pods or of the host itself.`,
    )
  }
  return undefined
}
