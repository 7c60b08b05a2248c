import { wantedChain } from '../../../guard/mangle-chain.ts'
import { families } from '../../../ip/dual.ts'
import { fail, type MangleCheck, pass } from '../../check.ts'
import { installModules } from '../../evidence/kernel-modules.ts'
import { sentences, tryGuard } from '../../evidence/other-guard.ts'

/**
 * Whether iptables and kernel take our chain. A legacy kernel was asked for the matches; nf_tables was given such a chain
 * in an empty network of its own.
 */
export const mangleSupport: MangleCheck = {
  id: 'mangle-support',
  judge({ facts, intent }) {
    const six = families.some((family) => family === 6 && wantedChain(intent, family))
    const lacking = facts.tools.unsupported.filter((name) => name.startsWith('match '))
    if (lacking.length > 0) {
      return fail(
        `these extensions of iptables do not seem to be loaded, and modprobe cannot load them: ${lacking.join(', ')}`,
        sentences(installModules, tryGuard('nft')),
      )
    }
    if (six && facts.mangleLacks.includes('ip6tables')) {
      return fail(
        'the guard closes networks of IPv6, and the PATH of root does not have ip6tables and ip6tables-save',
        'Install the package iptables on that host. Or remove the IPv6 networks from fw_pod_cidrs and fw_service_cidrs.',
      )
    }
    if (six && facts.mangleLacks.includes('ip6tables-backend')) {
      return fail(
        'the guard closes networks of IPv6, and iptables and ip6tables on this host use different backends',
        sentences(
          'Make both use the same backend: `update-alternatives --config ip6tables` on that host.',
          tryGuard('nft'),
        ),
      )
    }
    const said = facts.mangleLacks.find((one) => !one.startsWith('ip6tables'))
    if (said === undefined) return pass
    return fail(
      `iptables cannot create a chain of the kind that fw-run needs: ${said}`,
      sentences(installModules, tryGuard('nft')),
    )
  },
}
