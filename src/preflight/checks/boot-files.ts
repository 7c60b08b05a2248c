import type { BootObstacles } from '../../facts/boot-files.ts'
import type { Change } from '../../plan/change.ts'
import { type Check, fail, pass } from '../check.ts'
import { judgeRefusal } from '../evidence/refused-plan.ts'

/** Kilobytes in /etc that boot files may need beside their texts: blocks and directories. */
const withoutTexts = 64

/** Whether the files that bring the guard back at boot can be written or deleted, where that is to be done. */
export const bootFiles: Check = {
  id: 'boot-files',
  judge(subject) {
    const { host, facts, intent, plan } = subject
    if (intent.kind === 'forward' && host.settings.persist) return forwardCannot
    const refused = judgeRefusal(subject, 'boot')
    if (refused.kind !== 'pass' || plan.kind === 'refused') return refused
    const [late] = facts.bootObstacles.late
    if (late && 'persist' in intent && intent.persist) return circle(late)
    const change = plan.changes.find(({ kind }) => kind === 'boot')
    if (change?.kind !== 'boot') return pass
    const [place] = facts.bootObstacles.readOnly
    if (place !== undefined) {
      return fail(
        `${place} is on a file system that cannot be written`,
        `\`findmnt -T ${place}\` on that host shows that file system as TARGET. Make it writable: \`mount -o remount,rw TARGET\`.${change.before?.program === undefined ? ' Or set fw_persist: false for that host.' : ''}`,
      )
    }
    const free = facts.freeInEtc
    const needed = withoutTexts + Math.ceil(textsOf(change) / 1024)
    if (free === undefined || free >= needed) return pass
    return fail(
      `the file system of /etc has ${free} kB free and needs ${needed} kB`,
      'Free space in that file system, then run the same command again. `df /etc` on that host shows its name.',
    )
  },
}

const forwardCannot = fail(
  'fw_persist does not work with the guard forward. After a boot, other programs write their rules first, and only then fw-run can put its rule at its position',
  'Set fw_guard: auto, nft or mangle: these guards need no position. Or set fw_persist: false, and run `fw-run apply` after each reboot.',
)

/** Taking a name out of After= works only in the file itself: systemd takes no empty After= in a drop-in. */
function circle({ unit, after }: BootObstacles['late'][number]) {
  const names = after.join(' and ')
  return fail(
    `${unit} starts after ${names}. The service fw-run-guard must start after ${unit}, and before ${names}. That is impossible. At the next boot, systemd would skip one of these services, perhaps the network or docker`,
    `A firewall must start before the network. \`systemctl cat ${[unit, ...after].join(' ')}\` on that host shows the files of these services. In the files of ${unit}, delete ${names} from After=. In the files of ${names}, delete ${unit} from Before=. Then run \`systemctl daemon-reload\`. Or set fw_persist: false for that host.`,
  )
}

function textsOf({ after }: Extract<Change, { kind: 'boot' }>): number {
  return (after?.program?.length ?? 0) + (after?.service?.length ?? 0)
}
