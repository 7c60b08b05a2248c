import { reasonInWords } from './refusal.ts'

/** What a host did by itself with the change of a run. `time` is in UTC, to the second. */
export type HostNote = { readonly run: string; readonly time: string } & (
  | { readonly kind: 'rolled-back'; readonly cause: RollbackCause }
  | { readonly kind: 'not-rolled-back'; readonly reason: string }
)

/**
 * Why a host rolled back by itself. `found`: the run was over, and a later one found its change; `unheard`: nothing was
 * heard from the runner for the lease, so many seconds.
 */
export type RollbackCause =
  | { readonly kind: 'connection-ended' | 'session-ended' | 'found' }
  | { readonly kind: 'unheard'; readonly seconds: number }

/** Reads the note in the form of transaction.sh, words between tabs; undefined if there is none. */
export function parseNote(text: string): HostNote | undefined {
  const [word, run = '', time = '', ...rest] = text.trim().split('\t')
  if (word === 'not-rolled-back')
    return { kind: word, run, time, reason: reasonInWords(rest.join('\t')) }
  return word === 'rolled-back' ? { kind: word, run, time, cause: causeOf(rest) } : undefined
}

function causeOf([word, seconds]: readonly string[]): RollbackCause {
  switch (word) {
    case 'unheard':
      return { kind: word, seconds: Number(seconds) }
    case 'connection-ended':
    case 'session-ended':
      return { kind: word }
    default:
      return { kind: 'found' }
  }
}

/** What happened, without the subject: `rolled the change back at TIME, because ...`. */
export function describeNote(note: HostNote): string {
  return note.kind === 'rolled-back'
    ? `rolled the change back at ${note.time}, because ${describeCause(note.cause)}`
    : `could not roll the change back; it last tried at ${note.time}: ${note.reason}`
}

function describeCause(cause: RollbackCause): string {
  switch (cause.kind) {
    case 'connection-ended':
      return 'the connection to fw-run had ended'
    case 'session-ended':
      return 'the session of fw-run had ended'
    case 'found':
      return 'that run was over'
    case 'unheard':
      return `it heard nothing from fw-run for ${cause.seconds} s`
  }
}
