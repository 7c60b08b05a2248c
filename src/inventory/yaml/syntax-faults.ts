import type { ErrorCode, LineCounter, YAMLParseError } from 'yaml'
import type { Problems } from '../reading/problems.ts'
import { unclosedBefore } from './unclosed-bracket.ts'

/** A text that is not YAML, and how its lines are counted. */
interface Broken {
  readonly text: string
  readonly file: string
  readonly lines: LineCounter
}

/**
 * Records why a text is not YAML.
 * The library's own messages are not used: some quote the source, and the source may be a password.
 */
export function reportSyntax(
  errors: readonly YAMLParseError[],
  { text, file, lines }: Broken,
  problems: Problems,
): void {
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT')
  for (const error of errors) {
    if (error.code === 'TAB_AS_INDENT' && error !== tabs[0]) continue
    const open = mayBeUnclosed(error) ? unclosedBefore(text, error.pos[0]) : undefined
    const { line, col } = lines.linePos(open?.offset ?? error.pos[0])
    const more = error === tabs[0] && tabs.length > 1 ? ` (so are ${tabs.length - 1} more)` : ''
    problems.add(
      { source: file, line, column: col },
      `not YAML: ${open ? UNCLOSED[open.sign] : SENTENCES[error.code]}${more}`,
      error.code === 'TAB_AS_INDENT' ? 'Indent with spaces.' : undefined,
    )
    // Later syntax errors are mostly echoes of the first.
    if (error.code !== 'TAB_AS_INDENT') return
  }
}

/** What the library says of an open bracket where the text goes on otherwise, and at its end. */
function mayBeUnclosed({ code }: YAMLParseError): boolean {
  return code === 'BAD_INDENT' || code === 'MISSING_CHAR'
}

const UNCLOSED: Readonly<Record<string, string>> = {
  '[': 'this [ is not closed: its ] is missing, or not indented deeper than the key',
  '{': 'this { is not closed: its } is missing, or not indented deeper than the key',
  '"': 'this quote is not closed: another " is missing',
  "'": "this quote is not closed: another ' is missing",
}

const SENTENCES: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias (*name) can have no anchor or tag of its own',
  BAD_ALIAS: 'this alias (*name) is not well formed; a value that begins with * must be quoted',
  BAD_DIRECTIVE: 'this directive (a line that begins with %) is not well formed',
  BAD_DQ_ESCAPE: 'unknown escape after a backslash in double quotes; use single quotes',
  BAD_INDENT: 'the indentation does not match the lines before',
  BAD_PROP_ORDER: 'an anchor or tag stands in the wrong place',
  BAD_SCALAR_START: 'a value that begins with @, `, % or another such sign must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'two keys on one line; a value with ": " in it must be quoted',
  BLOCK_IN_FLOW: 'a block cannot stand within { } or [ ]',
  DUPLICATE_KEY: 'the same key stands twice in one mapping',
  IMPOSSIBLE: 'the text cannot be understood here',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is missing here: a ":", a closing quote, or a closing bracket',
  MULTILINE_IMPLICIT_KEY: 'a key runs over several lines; is a ":" missing?',
  MULTIPLE_ANCHORS: 'a value can have only one anchor',
  MULTIPLE_DOCS: 'a second document begins here (---); an inventory is one document',
  MULTIPLE_TAGS: 'a value can have only one tag',
  NON_STRING_KEY: 'a key must be text',
  RESOURCE_EXHAUSTION: 'the text nests too deep',
  TAB_AS_INDENT: 'YAML forbids tabs as indentation, and this line is indented with one',
  TAG_RESOLVE_FAILED: 'a tag (!name) cannot be understood here',
  UNEXPECTED_TOKEN:
    'something stands here that does not belong; is a quote missing around a value?',
  BAD_COLLECTION_TYPE: 'a tag does not fit what it stands before',
}
