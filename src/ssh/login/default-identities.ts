import { typed } from '../../text/shell-quotes.ts'
import { defaultKeyFiles, readKeyFile } from '../keys/key-file.ts'
import { parseOpensshKey } from '../keys/openssh-key.ts'
import { openPrivateKey } from '../keys/private-key.ts'
import { readTextFile } from '../keys/text-file.ts'
import {
  agentIdentity,
  fileIdentity,
  type Identities,
  type Identity,
  type PatientKeySearch,
} from './identities.ts'
import { unlockedIdentity } from './named-identity.ts'
import { defaultSecurityKeys } from './only-ssh-key.ts'

/** The files in place of the default ones, if an SSH configuration names some. */
export interface DefaultFiles {
  readonly files: readonly string[] | undefined
  /** Whether the agent's keys of other files are not offered (IdentitiesOnly). */
  readonly only: boolean
}

/**
 * The identities to offer when no key is named, in the order of ssh(1): the agent's copies of the default files, the
 * other keys of the agent, the default files. A key that cannot be used is left aside with its reason. Asks for a
 * passphrase only if there is no other way to log in.
 */
export async function defaultIdentities(
  { agent: { keys: agent, certificates, securityKeys }, askPassphrase }: PatientKeySearch,
  hasPassword: boolean,
  configured: DefaultFiles = { files: undefined, only: false },
): Promise<Identities> {
  const files: Identity[] = []
  const locked: { path: string; text: string }[] = []
  const onlySsh = [
    ...(configured.only ? [] : [...certificates, ...securityKeys]),
    ...(configured.files ? [] : await defaultSecurityKeys()),
  ]
  const leftAside = onlySsh.map((what) => `${what}. To use it, give --transport openssh.`)
  const preferred = new Set<string>()

  const paths = configured.files ?? defaultKeyFiles()
  for (const file of await Promise.all(paths.map(readKeyFile))) {
    if (file.kind === 'missing' && configured.files)
      leftAside.push(`The key file ${file.path} of the SSH configuration does not exist.`)
    if (file.kind !== 'missing' && (await hasCertificate(file.path)))
      leftAside.push(
        `fw-run does not offer the certificate ${file.path}-cert.pub, only the plain key.`,
      )
    if (file.kind === 'public') {
      if (agent.some((key) => key.publicKey.equals(file.publicKey)))
        preferred.add(file.publicKey.toString('base64'))
      else if (configured.files)
        leftAside.push(
          `The key file ${file.path} is only a public key, and no ssh-agent has its private key.`,
        )
    }
    if (file.kind === 'refused') leftAside.push(`${file.reason} ${file.remedy}`)
    if (file.kind !== 'private') continue
    const publicKey = parseOpensshKey(file.text)?.publicKey ?? file.publicKey
    if (publicKey && agent.some((key) => key.publicKey.equals(publicKey))) {
      preferred.add(publicKey.toString('base64'))
      continue
    }
    const opened = openPrivateKey(file.text, file.path)
    if (opened.kind === 'open') files.push(fileIdentity(file.path, opened.key))
    if (opened.kind === 'locked') locked.push(file)
    if (opened.kind === 'unusable') leftAside.push(`${opened.reason} ${opened.remedy}`)
  }

  const rank = (key: { publicKey: Buffer }) =>
    preferred.has(key.publicKey.toString('base64')) ? 0 : 1
  const offered = configured.only ? agent.filter((key) => rank(key) === 0) : [...agent]
  const held = offered.sort((a, b) => rank(a) - rank(b)).map(agentIdentity)
  const [first] = locked
  const isNeeded = held.length + files.length === 0 && !hasPassword
  const passphrase = first && isNeeded ? await askPassphrase(first.path) : undefined
  if (first && passphrase) {
    locked.shift()
    files.push(unlockedIdentity(first.path, first.text, passphrase))
  }
  const waiting = locked.map(({ path }) => {
    const file = typed(path)
    return `${path} has a passphrase. To use this key, run \`ssh-add ${file}\`. Or give --private-key ${file} (for hosts only, not for bastions): then fw-run asks for the passphrase.`
  })
  return { offers: [...held, ...files], leftAside: [...leftAside, ...waiting] }
}

async function hasCertificate(path: string): Promise<boolean> {
  return (await readTextFile(`${path}-cert.pub`)).kind === 'text'
}
