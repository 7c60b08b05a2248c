import { bootMark, bootProgram, bootService } from '../agent/names.ts'
import type { BootFiles } from '../facts/boot-files.ts'
import type { HostState } from '../facts/state.ts'
import { bootProgramText } from '../guard/boot-program.ts'
import { servicePath, serviceText } from '../guard/boot-service.ts'
import type { EarlyIntent, Intent } from '../guard/intent.ts'
import type { BootState, Change } from './change.ts'
import type { Refusal } from './refusals.ts'

/** What has to happen to the boot files, or why they cannot be as wanted. */
type BootPlan = { readonly kind: 'planned'; readonly changes: readonly Change[] } | Refusal

/**
 * Makes the boot files as the intent wants them; without that wish, takes off those that are ours. It comes first of all
 * changes: where it fails, no rule was touched.
 */
export function planBoot({ boot }: HostState, intent: Intent): BootPlan {
  if (!wantsBoot(intent)) return boot ? withoutBoot(boot) : nothing
  if (boot?.manager === undefined) return unknownManager
  const odd = oddBoot(boot)
  if (odd) return odd
  const after: BootState = {
    manager: boot.manager,
    program: bootProgramText(intent),
    service: serviceText(boot.manager),
    enabled: true,
  }
  const before = bootState(boot)
  return sameBoot(before, after) ? nothing : planOf(before, after)
}

function wantsBoot(intent: Intent): intent is EarlyIntent {
  return (intent.kind === 'nft' || intent.kind === 'mangle') && intent.persist
}

/** What of ours is among the boot files of a host; undefined if there is nothing. */
export function bootState(boot: BootFiles | undefined): BootState | undefined {
  if (boot?.manager === undefined) return undefined
  const service = isOurs(boot.service) ? boot.service : undefined
  if (boot.program === undefined && service === undefined) return undefined
  const enabled = boot.enabled && service !== undefined
  return { manager: boot.manager, program: boot.program, service, enabled }
}

/** Whether boot files are the same, to the byte. */
export function sameBoot(one: BootState | undefined, other: BootState | undefined): boolean {
  return (
    one?.program === other?.program &&
    one?.service === other?.service &&
    (one?.enabled ?? false) === (other?.enabled ?? false)
  )
}

/** What a removal leaves is not ours, or does nothing: a masked service stays masked. */
function withoutBoot(boot: BootFiles): BootPlan {
  const before = bootState(boot)
  return before ? planOf(before, undefined) : nothing
}

function isOurs(service: string | undefined): boolean {
  return service?.split('\n', 3).some((line) => line.includes(bootMark)) ?? false
}

const nothing: BootPlan = { kind: 'planned', changes: [] }

function planOf(before: BootState | undefined, after: BootState | undefined): BootPlan {
  return { kind: 'planned', changes: [{ kind: 'boot', before, after }] }
}

function oddBoot({ manager = 'systemd', service, masked, odd }: BootFiles): Refusal | undefined {
  const path = servicePath(manager)
  if (masked) {
    return {
      kind: 'refused',
      over: 'boot',
      reason: `the service ${bootService} is masked, so systemd never starts it`,
      remedy: `If nobody needs the mask, run \`systemctl unmask ${bootService}.service\` on that host. Otherwise set fw_persist: false for that host.`,
    }
  }
  if (service !== undefined && !isOurs(service)) {
    return {
      kind: 'refused',
      over: 'boot',
      reason: `the file ${path} exists already, but another program made it`,
      remedy: `Look at it on that host: \`cat ${path}\`. If nobody needs it, delete it there: \`rm ${path}\`. Then run the same command again. If another program needs it, set fw_persist: false for that host.`,
    }
  }
  if (odd.length > 0) {
    const [place = ''] = odd
    const isDirectory = bootProgram.startsWith(`${place}/`)
    return {
      kind: 'refused',
      over: 'boot',
      reason: `${place} is not safe: root must own it, only root may write to it, and it must be ${isDirectory ? 'a directory' : 'a plain file'}, not a link`,
      remedy: `Look at it on that host: \`ls -ld ${place}\`. If no other program needs it, delete it there: \`rm -r ${place}\`. Then run \`fw-run apply\`, which writes it again.${isDirectory ? ' If another program needs it, set fw_persist: false for that host.' : ''}`,
    }
  }
  return undefined
}

const unknownManager: Refusal = {
  kind: 'refused',
  over: 'boot',
  reason:
    'this host has no systemd, OpenRC or SysV init. fw-run needs one of them to start a service at boot',
  remedy: 'Set fw_persist: false for that host, and run `fw-run apply` after each of its reboots.',
}
