import type {
  AgentProcess,
  ApplyAnswer,
  ClearAnswer,
  CommitAnswer,
  Decided,
  RenewAnswer,
  RollbackAnswer,
} from '../agent.ts'
import type { Holder } from '../holder.ts'
import { parseNote } from '../host-note.ts'
import { reasonInWords } from '../refusal.ts'
import type { Sections } from '../sections.ts'

// The section `result` of an answer: a code word in its first line, details in the others. An unknown word is a failure.

export function readApplied(state: Sections): ApplyAnswer {
  const result = resultOf(state)
  switch (result.word) {
    case 'applied':
      return { kind: 'applied', state }
    case 'stale':
      return { kind: 'stale' }
    case 'locked':
      return { kind: 'locked', holder: holderOf(result) }
    case 'untouched':
      return { kind: 'untouched', reason: reasonOf(result) }
    default:
      return { kind: 'failed', reason: reasonOf(result), state }
  }
}

export function readRenewed(state: Sections): RenewAnswer {
  const result = resultOf(state)
  switch (result.word) {
    case 'renewed':
      return { kind: 'renewed', state }
    case 'unwatched':
      return { kind: 'unwatched', reason: reasonOf(result) }
    default:
      return decidedOf(result)
  }
}

export function readCommitted(sections: Sections): CommitAnswer {
  const result = resultOf(sections)
  switch (result.word) {
    case 'committed':
      return result.details.includes('unguarded')
        ? { kind: 'committed', left: '', unguarded: true }
        : { kind: 'committed', left: joined(result) }
    case 'failed':
      return { kind: 'failed', reason: reasonOf(result) }
    default:
      return decidedOf(result)
  }
}

export function readRolledBack(state: Sections): RollbackAnswer {
  const result = resultOf(state)
  switch (result.word) {
    case 'rolled-back':
    case 'already': {
      const note = parseNote(result.details.join('\n'))
      return { kind: 'rolled-back', already: result.word === 'already', note, state }
    }
    default:
      return { kind: 'failed', reason: reasonOf(result), busy: result.word === 'busy' }
  }
}

/** Undefined if the host does not tell it. */
export function readProcess(sections: Sections): AgentProcess | undefined {
  const [, pid, birth] = /^(\d+) (\d+)$/.exec(sections.get('agent')?.text.trim() ?? '') ?? []
  return pid && birth ? { pid, birth } : undefined
}

export function readCleared(sections: Sections): ClearAnswer {
  const result = resultOf(sections)
  switch (result.word) {
    case 'cleared':
      return { kind: 'cleared' }
    case 'locked':
      return { kind: 'locked', holder: holderOf(result), stuck: stuckOf(result) }
    default:
      return { kind: 'failed', reason: reasonOf(result) }
  }
}

interface Result {
  readonly word: string
  readonly details: readonly string[]
}

function resultOf(sections: Sections): Result {
  const [word = '', ...details] = (sections.get('result')?.text ?? '').split('\n')
  return { word, details }
}

function joined({ details }: Result): string {
  return details.map(reasonInWords).join(' ').trim()
}

function reasonOf(result: Result): string {
  return joined(result) || `the agent answered '${result.word}'`
}

function holderOf({ details: [run = '', who = ''] }: Result): Holder {
  return { run, who }
}

function stuckOf({ details: [, , ...lines] }: Result): string | undefined {
  const note = parseNote(lines.join('\n'))
  return note?.kind === 'not-rolled-back' ? note.reason : undefined
}

function decidedOf({ word }: Result): Decided {
  return { kind: word === 'rolling-back' ? word : 'gone' }
}
