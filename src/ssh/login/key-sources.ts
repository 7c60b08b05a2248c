import type { Secret } from '../../secret.ts'
import type { AgentKey } from './agent-keys.ts'

/** Where keys come from besides files; `askPassphrase` is called at most once a file, never twice at once. */
export interface KeySources {
  readonly agentSocket: string | undefined
  readonly askPassphrase: (file: string) => Promise<Secret>
}

/** What finding one key may need: the agent's keys, already listed, and a way to ask. */
export interface KeySearch {
  readonly agent: readonly AgentKey[]
  readonly askPassphrase: (file: string) => Promise<Secret>
}
