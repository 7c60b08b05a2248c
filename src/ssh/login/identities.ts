import type { BaseAgent, ParsedKey } from 'ssh2'
import type { Secret } from '../../secret.ts'
import { printable } from '../../text/printable.ts'
import { fingerprint } from '../keys/public-key.ts'
import type { AgentKey, AgentKeys } from './agent-keys.ts'

/** One key to offer; `label` names it to people: its file or the agent, and its fingerprint. */
export type Identity =
  | { readonly kind: 'key'; readonly label: string; readonly key: ParsedKey }
  | { readonly kind: 'agent'; readonly label: string; readonly agent: BaseAgent<ParsedKey> }

/** The keys to offer, in this order, and one sentence for each key that was left aside. */
export interface Identities {
  readonly offers: readonly Identity[]
  readonly leftAside: readonly string[]
}

/** What finding the keys may need: what the agent has, already listed, and a way to ask for passphrases. */
export interface KeySearch {
  readonly agent: AgentKeys
  readonly askPassphrase: (file: string) => Promise<Secret>
}

/** The same where a key that needs a passphrase may be left aside: then there is none. */
export interface PatientKeySearch extends Pick<KeySearch, 'agent'> {
  readonly askPassphrase: (file: string) => Promise<Secret | undefined>
}

/** An unlocked key file as an identity. */
export function fileIdentity(path: string, key: ParsedKey): Identity {
  return { kind: 'key', label: `${path} (${fingerprint(key.getPublicSSH())})`, key }
}

/** An agent's key as an identity. */
export function agentIdentity({ agent, comment, publicKey }: AgentKey): Identity {
  return {
    kind: 'agent',
    label: `ssh-agent ${printable(comment)} (${fingerprint(publicKey)})`,
    agent,
  }
}
