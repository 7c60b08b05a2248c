import { isAbsolute } from 'node:path'
import { FwRunError } from '../../errors.ts'
import type { Emit } from '../../events.ts'
import type { RunSettings } from '../../runs/run-settings.ts'
import type { HostKeyRules } from '../../ssh/host-access.ts'
import {
  globalKnownHostsFiles,
  type KnownHosts,
  loadKnownHosts,
  loadRevokedKeys,
  userKnownHostsFiles,
} from '../../ssh/known-hosts.ts'
import type { SshAnswer } from '../../ssh-config/ssh-answer.ts'

/** How the key of a host is judged, by what ssh would use for it; `byOpenssh`: where the ssh binary judges it, also by what only it can do. */
export type Trust = (
  host: string,
  answer: SshAnswer | undefined,
  byOpenssh: boolean,
) => Promise<HostKeyRules>

/** Reads each known_hosts file once. Says so where a new key is accepted. */
export function gatherTrust(
  { acceptNewHostKeys }: Pick<RunSettings, 'acceptNewHostKeys'>,
  emit: Emit,
): Trust {
  const read = new Map<string, Promise<KnownHosts>>()
  const once = (about: string, load: () => Promise<KnownHosts>) => {
    const known = read.get(about) ?? load()
    read.set(about, known)
    return known
  }
  const warned = new Set<string>()
  const warn = (message: string) => {
    if (!warned.has(message)) emit({ kind: 'warning', message })
    warned.add(message)
  }
  return async (host, answer, byOpenssh) => {
    const strictness = answer?.strictHostKeyChecking
    const wantsNew = acceptNewHostKeys || strictness === 'no' || strictness === 'accept-new'
    const acceptsNew = wantsNew && (byOpenssh || answer?.knownHostsCommand === undefined)
    if (wantsNew && !acceptsNew) {
      warn(
        'The SSH configuration has KnownHostsCommand, but fw-run does not run that command. So fw-run cannot know which host keys are new, and accepts no new key.',
      )
    }
    if (strictness === 'no' && acceptsNew) {
      warn(
        'The SSH configuration has StrictHostKeyChecking no. fw-run then accepts the key of a host that has no key in known_hosts, as with accept-new. fw-run never accepts a changed key.',
      )
    }
    const named = answer?.userKnownHostsFiles
    const isForgetful = acceptsNew && named?.every((file) => file === '/dev/null')
    if (isForgetful) {
      warn(
        'The SSH configuration sets UserKnownHostsFile to /dev/null, so ssh saves no new host keys. fw-run saves new host keys in ~/.ssh/known_hosts.',
      )
    }
    const own = (named === undefined || isForgetful ? userKnownHostsFiles() : named).filter(
      (one) => one !== '/dev/null',
    )
    const mentioned = [...own, ...(answer?.globalKnownHostsFiles ?? globalKnownHostsFiles)]
    const odd = mentioned.find((one) => !isAbsolute(one))
    const files = mentioned.filter(isAbsolute)
    if (odd !== undefined && !byOpenssh) {
      throw new FwRunError(
        'credentials',
        `UserKnownHostsFile or GlobalKnownHostsFile has ${odd}. fw-run needs an absolute path there, and the path must have no spaces.`,
        { remedy: 'Give these options absolute paths without spaces.' },
      )
    }
    const knownHosts = await once(JSON.stringify(files), () => loadKnownHosts(files))
    const revoked = answer?.revokedHostKeys
    const alsoRevoked =
      revoked === undefined || byOpenssh ? [] : await once(revoked, () => loadRevokedKeys(revoked))
    const [file] = own
    return {
      knownHosts: alsoRevoked.length > 0 ? [...alsoRevoked, ...knownHosts] : knownHosts,
      file,
      alias: answer?.hostKeyAlias,
      ...(acceptsNew && named?.includes('/dev/null') && { rememberIn: own }),
      acceptNew:
        acceptsNew && file !== undefined
          ? {
              file,
              hash: answer?.hashKnownHosts ?? false,
              heard: ({ type, fingerprint }) =>
                warn(`fw-run saved the new ${type} key ${fingerprint} of ${host} in ${file}.`),
            }
          : undefined,
    }
  }
}
