import type { Interface } from '../../../facts/interfaces.ts'
import { isMeant, isPattern } from '../../../inventory/interface-names.ts'
import { asGiven } from '../../../inventory/settings.ts'
import { type CheckResult, type EarlyCheck, fail, pass, warn } from '../../check.ts'
import {
  innerExamples,
  leadsNobodyIn,
  noneThere,
  unfitInterfaces,
} from '../../evidence/guarded-interfaces.ts'

/**
 * Whether packets come in by the guarded interfaces, as the guard sees it: a bridge or a bond, not one of its ports. An
 * interface that is not there yet is only a warning: the guard waits for its name. Of those that one pattern means, one
 * that fits is enough.
 */
export const arrivalInterface: EarlyCheck = {
  id: 'arrival-interface',
  judge({ host, facts, intent }) {
    const setting = asGiven(host.settings, 'fw_interface')
    const { interfaces } = intent.network
    const tooWide = tooWidePattern(intent.interfaces, interfaces, setting)
    if (tooWide) return tooWide
    const missing = intent.interfaces.filter((text) => meantBy(text, interfaces).length === 0)
    const found = [...new Set(intent.interfaces.flatMap((text) => meantBy(text, interfaces)))]
    if (found.length === 0) return noneThere(host, missing, interfaces)
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

/** The interfaces that a name or pattern means: those by which packets come in, or all where there is none of these. */
function meantBy(text: string, interfaces: readonly Interface[]): readonly Interface[] {
  const meant = interfaces.filter(({ name }) => isMeant(text, name))
  const fit = meant.filter(({ up, master }) => up && master === undefined)
  return fit.length > 0 ? fit : meant
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
      `Set ${setting} to names or longer patterns that match only interfaces with traffic from the subnet.`,
    )
  }
  return undefined
}
