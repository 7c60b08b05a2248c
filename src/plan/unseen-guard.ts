import { guardChain, tableNote } from '../agent/names.ts'
import type { HostState } from '../facts/state.ts'
import type { UnseenRules } from '../facts/unseen-rules.ts'
import { findGuards } from '../guard/forward-rule.ts'
import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'
import type { Refusal } from './refusals.ts'

/**
 * Refuses a host with a guard of ours that fw-run does not see, or that may have one: it goes on to stop packets, also of new
 * members, whatever fw-run does. The kernel keeps rules when `iptables` is switched to another backend, and tables when `nft` is
 * no longer installed.
 */
export function unseenGuard(
  { unseen = [], unseenTable }: HostState,
  set: string,
): Refusal | undefined {
  if (unseenTable !== undefined) {
    const reboot = unseenTable === 'noted' ? ' Or reboot that host: that deletes the table.' : ''
    const gone =
      unseenTable === 'noted'
        ? ` If you are sure that the table is deleted, run \`rm ${tableNote}\` on that host.`
        : ''
    return {
      kind: 'refused',
      over: 'table',
      reason:
        'the table inet fw_run of fw-run may still be active on this host, but `nft` is not installed, so fw-run cannot see or delete the table',
      remedy: `Install nft on that host: \`apt-get install nftables\` on Debian and Ubuntu, \`yum install nftables\` on Red Hat and similar. Then run the same command again.${reboot}${gone}`,
    }
  }
  const old = unseen.flatMap((one) => (one.kind === 'shown' ? oldGuard(one, set) : []))
  if (old.length > 0) {
    const commands = old.flatMap(({ deleting }) => deleting).join(' && ')
    const numbers = commands.includes('NUMBER')
      ? ' Write the number of the rule in place of NUMBER: `-nL CHAIN --line-numbers` of the same program shows it. Begin with the highest number.'
      : ''
    return {
      kind: 'refused',
      over: old.some(({ over }) => over === 'chain') ? 'chain' : 'rules',
      reason: `an old guard of fw-run is in the backend that \`iptables\` does not use now: ${old.map(({ name }) => name).join(', ')}. It still stops packets, and fw-run cannot change it there`,
      remedy: `Delete the old guard on that host: \`${commands}\`.${numbers} Then run the same command again. If that host has no other guard, outsiders reach its pods until \`fw-run apply\` is done.`,
    }
  }
  const unknown = unseen.find((one) => one.kind === 'unknown')
  if (!unknown) return undefined
  const command = `${unknown.program}-save`
  return {
    kind: 'refused',
    over: 'rules',
    reason: `rules that fw-run cannot see use set ${set}: maybe an old guard of fw-run. ${unknown.failure ?? `\`${command}\` is not installed on this host`}`,
    remedy:
      unknown.failure === undefined
        ? `Install \`${command}\` on that host (package iptables, or one with legacy or nft in its name). Then run the same command again.`
        : `Run \`${command}\` on that host as root, to see why it fails. Then remove the cause.`,
  }
}

interface OldGuard {
  readonly over: 'chain' | 'rules'
  readonly name: string
  readonly deleting: readonly string[]
}

function oldGuard(
  { program, ruleset }: Extract<UnseenRules, { kind: 'shown' }>,
  set: string,
): readonly OldGuard[] {
  const found: OldGuard[] = []
  const rules = findGuards(ruleset, set).map(({ rule }) => rule.raw)
  if (rules.length > 0) {
    const deleting = rules.map((raw) => deletion(program, raw))
    found.push({ over: 'rules', name: `a rule in FORWARD of \`${program}\``, deleting })
  }
  if (ruleset.tables.get('mangle')?.has(guardChain)) {
    const deleting = withoutChain(`${program} -t mangle`, ruleset)
    found.push({ over: 'chain', name: `chain ${guardChain} of \`${program} -t mangle\``, deleting })
  }
  return found
}

function withoutChain(command: string, ruleset: Ruleset): readonly string[] {
  const jumps = rulesOf(ruleset, 'mangle', 'PREROUTING')
  return [
    ...jumps.map(({ raw }) => deletion(command, raw)),
    ...[`-F ${guardChain}`, `-X ${guardChain}`].map((words) => `${command} ${words}`),
  ]
}

/** Nobody shall copy a text into a shell that somebody else wrote: such a rule is to be deleted by its number. */
function deletion(command: string, raw: string): string {
  if (/^-A [-A-Za-z0-9_./:,+! ]+$/.test(raw)) return `${command} -D ${raw.slice('-A '.length)}`
  return `${command} -D ${raw.split(' ')[1]} NUMBER`
}
