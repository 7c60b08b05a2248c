import type { ErrorCode, YAMLParseError } from 'yaml'
import type { Location, Problems } from '../reading/problems.ts'
import { unclosedBefore } from './unclosed-bracket.ts'

/** A text that is not YAML, and where each of its characters stands. */
interface Broken {
  readonly text: string
  readonly locationAt: (offset: number) => Location
}

/**
 * Records why a text is not YAML.
 * The library's own messages are not used: some quote the source, and the source may be a password.
 */
export function reportSyntax(
  errors: readonly YAMLParseError[],
  { text, locationAt }: Broken,
  problems: Problems,
): void {
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT')
  for (const error of errors) {
    if (error.code === 'TAB_AS_INDENT' && error !== tabs[0]) continue
    const open = mayBeUnclosed(error) ? unclosedBefore(text, error.pos[0]) : undefined
    const more = error === tabs[0] && tabs.length > 1 ? ` (and ${tabs.length - 1} more)` : ''
    problems.add(
      locationAt(open?.offset ?? error.pos[0]),
      `not YAML: ${open ? UNCLOSED[open.sign] : SENTENCES[error.code]}${more}`,
      REMEDIES[error.code],
    )
    // Later syntax errors are mostly consequences of the first.
    if (error.code !== 'TAB_AS_INDENT') return
  }
}

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  MULTIPLE_DOCS: 'Copy the document that has the hosts into a file of its own, and give that file.',
}

/** Whether an open bracket or quote may be the cause: the library reports it only where the text goes on otherwise. */
function mayBeUnclosed({ code }: YAMLParseError): boolean {
  return code === 'BAD_INDENT' || code === 'MISSING_CHAR'
}

const UNCLOSED: Readonly<Record<string, string>> = {
  '[': 'this [ is not closed: its ] is missing or indented too little',
  '{': 'this { is not closed: its } is missing or indented too little',
  '"': 'this quote is not closed: another " is missing',
  "'": "this quote is not closed: another ' is missing",
}

const SENTENCES: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias (*name) must not have an anchor or a tag',
  BAD_ALIAS:
    'a value that begins with * or & is an alias or an anchor; quote the value if it is text',
  BAD_DIRECTIVE: 'a line that begins with % is a directive; quote the value if it is text',
  BAD_DQ_ESCAPE: 'unknown escape: a backslash in double quotes; use single quotes',
  BAD_INDENT: 'the indentation does not match the lines before',
  BAD_PROP_ORDER: 'an anchor (&name) or a tag (!name) is not allowed here',
  BAD_SCALAR_START: 'a value that begins with @, `, % or another such sign must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'two keys on one line; a value with ": " in it must be quoted',
  BLOCK_IN_FLOW:
    'inside { } or [ ], write a nested list or mapping with [ ] or { }, not with indentation',
  DUPLICATE_KEY: 'the same key is given twice in one mapping',
  IMPOSSIBLE: 'this text is not valid here',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is missing here: a ":", a closing quote or a closing bracket',
  MULTILINE_IMPLICIT_KEY: 'a key must end on its line; is a ":" missing?',
  MULTIPLE_ANCHORS: 'a value can have only one anchor',
  MULTIPLE_DOCS: 'a second document begins here (---); an inventory is one document',
  MULTIPLE_TAGS: 'a value can have only one tag',
  NON_STRING_KEY: 'a key must be text',
  RESOURCE_EXHAUSTION: 'too many levels inside each other',
  TAB_AS_INDENT: 'this line is indented with a tab, which YAML forbids',
  TAG_RESOLVE_FAILED: 'the tag (!name) does not fit this value',
  UNEXPECTED_TOKEN: 'unexpected text; does a value need quotes?',
  BAD_COLLECTION_TYPE: 'the tag (!name) does not fit this value',
}
