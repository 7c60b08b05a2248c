import { describeHolder } from './holder.ts'

/** Why the agent itself refuses on a host, and what to do about it: a phrase and a whole sentence. */
export interface Refusal {
  readonly reason: string
  readonly remedy: string
}

/**
 * Reads a refusal of the agent: a code word, with details between tabs. Undefined for any other text, as the words of a
 * tool that failed.
 */
export function parseRefusal(text: string): Refusal | undefined {
  const [word, ...details] = text.trim().split('\t')
  switch (word) {
    case 'forged-rules': {
      const [chain = 'FORWARD', command = 'iptables'] = details
      return {
        reason: `a rule of ${chain} has a line break in a comment or a name. The text after the line break looks like another rule`,
        remedy: `\`${command} -nL ${chain} --line-numbers\` on that host shows the number of that rule, and \`${command} -S ${chain} NUMBER\` shows the rule. If you need the rule, write it again without the line break. Then delete the old one with \`${command} -D ${chain} NUMBER\`, and run the same command again.`,
      }
    }
    case 'untrusted-room':
      return {
        reason: `/run/fw-run ${describeRoom(details)}. fw-run uses only a directory of root with the mode drwx------`,
        remedy:
          'If no run of fw-run changes that host now, delete /run/fw-run there: `rm -r /run/fw-run`. Then run the same command again.',
      }
    case 'unwritable-room':
      return {
        reason: '/run is read-only, and fw-run needs to write there before it changes a host',
        remedy:
          'Make it writable on that host: `mount -o remount,rw /run`. Then run the same command again.',
      }
    default:
      return undefined
  }
}

/** The reason that a host gives, in words for people: of a refusal with its remedy, of a lock with its holder, else as it is. */
export function reasonInWords(text: string): string {
  const refusal = parseRefusal(text)
  if (refusal) return `${refusal.reason}. ${refusal.remedy}`
  const [, run = '', who = ''] = /^another run holds this host: run (\S+) by (.+)$/.exec(text) ?? []
  return run === '' ? text : describeHolder({ run, who })
}

function describeRoom([mode = '', owner = '']: readonly string[]): string {
  if (mode.startsWith('l')) return 'is a symbolic link'
  if (!mode.startsWith('d')) return 'is not a directory'
  const whose = owner === '0' ? 'root' : `the user with UID ${owner}`
  return `belongs to ${whose} and has the mode ${mode}`
}
