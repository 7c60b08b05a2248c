import { readBlocks } from '../grouping/config-blocks.ts'
import { groupsOf } from '../grouping/group-of.ts'
import type { Printed } from './ask-ssh.ts'
import type { PrintedSettings } from './printed-settings.ts'

/** Asks ssh about one host, with these words of its command line. */
export type Ask = (host: string, words: readonly string[]) => Promise<Printed>

/** What ssh printed for a host or for another of its group, and the name that is dialled for this one. */
export interface PrintedFor {
  readonly settings: PrintedSettings
  readonly hostName: string
}

/** A configuration file with all that it includes, or the usual two. */
export interface ConfigFile {
  /** The files that are there. */
  readonly files: readonly string[]
  /** Whether it may have something to say. */
  readonly isThere: boolean
  printed(host: string, words: readonly string[], ask: Ask): Promise<PrintedFor | 'no-ssh'>
}

/** Looks at the file of that name, `none`, or without a name at the usual two. Each answer is asked for once. */
export function openConfigFile(name: string | undefined): ConfigFile {
  const { files, blocks } = name === 'none' ? { files: [], blocks: [] } : readBlocks(name)
  const groupOf = blocks && groupsOf(blocks)
  const asked = new Map<string, { readonly host: string; readonly printed: Promise<Printed> }>()

  const once = (about: object, host: string, words: readonly string[], ask: Ask) => {
    const key = JSON.stringify([about, words])
    const known = asked.get(key) ?? { host, printed: ask(host, words) }
    asked.set(key, known)
    return known
  }
  const alone = async (host: string, words: readonly string[], ask: Ask) => {
    const settings = await once({ host }, host, words, ask).printed
    return settings === 'no-ssh' ? settings : { settings, hostName: nameIn(settings, host) }
  }
  return {
    files,
    // A file that is named but missing is for ssh to complain about.
    isThere: name !== 'none' && (name !== undefined || files.length > 0),
    async printed(host, words, ask) {
      const group = groupOf?.(host)
      if (!group) return alone(host, words, ask)
      const first = once({ group: group.key }, host, words, ask)
      const settings = await first.printed
      if (settings === 'no-ssh') return settings
      // Where ssh found another name for the first of a group than we did, we have not understood the configuration.
      const isUnderstood = nameIn(settings, first.host) === groupOf?.(first.host).hostName
      if (isUnderstood) return { settings, hostName: group.hostName }
      return first.host === host
        ? { settings, hostName: nameIn(settings, host) }
        : alone(host, words, ask)
    },
  }
}

function nameIn(settings: PrintedSettings, host: string): string {
  return settings.get('hostname')?.[0] ?? host
}
