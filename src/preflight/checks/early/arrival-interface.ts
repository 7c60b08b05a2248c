import type { Interface } from '../../../facts/interfaces.ts'
import { podInterfaceExamples } from '../../../facts/pod-interface-names.ts'
import { areMeant, isMeant, isPattern } from '../../../inventory/interface-names.ts'
import { asGiven } from '../../../inventory/settings.ts'
import { type CheckResult, type EarlyCheck, fail, pass, warn } from '../../check.ts'
import { leadsNobodyIn, noneThere, unfitInterfaces } from '../../evidence/guarded-interfaces.ts'

/**
 * Whether packets come in by the guarded interfaces, as the guard sees it: a bridge or a bond, not one of its ports. An
 * interface that is not there yet is only a warning: the guard waits for its name. Of those that a pattern means, one that
 * fits is enough.
 */
export const arrivalInterface: EarlyCheck = {
  id: 'arrival-interface',
  judge({ host, facts, intent }) {
    const setting = asGiven(host.settings, 'fw_interface')
    const { interfaces } = intent.network
    const tooWide = tooWidePattern(intent.interfaces, interfaces, setting)
    if (tooWide) return tooWide
    const meant = interfaces.filter(({ name }) => areMeant(intent.interfaces, name))
    const missing = intent.interfaces.filter(
      (text) => !meant.some((one) => isMeant(text, one.name)),
    )
    if (meant.length === 0) return noneThere(host, missing, interfaces)
    const fit = meant.filter(
      ({ name, up, master }) => intent.interfaces.includes(name) || (up && master === undefined),
    )
    const found = fit.length > 0 ? fit : meant
    const port = found.find(({ master }) => master !== undefined)
    if (port) {
      return fail(
        `${port.name} is a port of ${port.master}. So packets come in by ${port.master}, and a guard for ${port.name} does not see them`,
        `Set ${setting} to ${port.master} for that host.`,
      )
    }
    const names = found.map(({ name }) => name)
    const ipv6 = facts.ipv6.addresses.filter(({ device }) => names.includes(device))
    const all = [...found.flatMap(({ addresses }) => addresses), ...ipv6.map((one) => one.address)]
    const unfit = unfitInterfaces(host, found, all)
    if (unfit) return unfit
    if (missing.length === 0) return pass
    return warn(
      `there is no interface ${missing.join(', ')} yet. As soon as it exists, the guard works there`,
      `If the name is wrong, correct ${setting} for that host. If the interface will exist later, nothing needs to be done.`,
    )
  },
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
    const names =
      known.length > 0 ? known : podInterfaceExamples.filter((name) => isMeant(pattern, name))
    if (names.length === 0) continue
    const listed = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
    return fail(
      `${pattern} also matches interfaces of pods or of the host itself: ${listed}. The guard would stop packets that it must not stop`,
      `Set ${setting} to names or longer patterns that match only interfaces with traffic from the subnet.`,
    )
  }
  return undefined
}
