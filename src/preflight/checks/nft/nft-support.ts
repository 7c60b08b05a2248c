import { type CheckResult, fail, type NftCheck, pass, warn } from '../../check.ts'
import { installModules } from '../../evidence/kernel-modules.ts'
import { sentences, tryGuard } from '../../evidence/other-guard.ts'

/** Whether kernel and nft of the host take our table. They were asked with a table of the same form, not by version. */
export const nftSupport: NftCheck = {
  id: 'nft-support',
  judge({ facts: { nftForms }, intent }) {
    if (nftForms.kind === 'unreadable' && crashed.test(nftForms.reason)) {
      return fail(
        `nft crashes on this host: ${nftForms.reason}. Versions before 1.1.2 crash if a newer nft, for example in a pod, has created sets in another table`,
        'Upgrade nft on that host to 1.1.2 or newer. Or set fw_guard: mangle for that host.',
      )
    }
    if (nftForms.kind === 'unreadable') {
      return fail(
        `nft cannot create a table of the kind that fw-run needs: ${nftForms.reason}`,
        sentences(
          installModules,
          'Or upgrade nft to 0.9.3 or newer, and the kernel to 4.18 or newer.',
          tryGuard('forward'),
        ),
      )
    }
    const needed = `${intent.form} ${intent.action === 'REJECT' ? 'reject' : 'drop'}`
    const takes = nftForms.value.some((form) => form === needed || form === `${intent.form} reject`)
    if (takes) return intent.form === 'prerouting' ? pass : late(intent.action)
    return fail(
      `nft on this host cannot create the table of fw-run with fw_action: ${intent.action}`,
      intent.action === 'DROP' ? onlyUpgrade : `Set fw_action: DROP for that host. Or ${upgrade}`,
    )
  },
}

/** What shells say of a program that was ended by SIGSEGV. */
const crashed = /exit code 139\b/

const upgrade = 'upgrade the kernel to 5.9 or newer, and nft to 0.9.7 or newer.'

const onlyUpgrade = `U${upgrade.slice(1)}`

function late(action: 'REJECT' | 'DROP'): CheckResult {
  return warn(
    `the kernel or nft on this host cannot ${action === 'DROP' ? 'drop' : 'reject'} packets before routing. So the table uses the nftables hook forward. If kube-proxy uses IPVS, ClusterIPs stay open`,
    action === 'DROP'
      ? onlyUpgrade
      : `With fw_action: DROP, the table works before routing on most such hosts. Or ${upgrade}`,
  )
}
