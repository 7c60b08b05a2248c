import { guardChain, guardTable, standingFile } from '../agent/names.ts'
import { type Family, families } from '../ip/dual.ts'
import { quote } from '../text/shell-quotes.ts'
import { bootHeading } from './boot-service.ts'
import type { EarlyIntent, MangleIntent, NftIntent } from './intent.ts'
import { asInIptables, chainMembers, setOf, wantedChain } from './mangle-chain.ts'
import { tableText } from './nft-table.ts'

/**
 * The program of our boot files, in POSIX sh: it makes the guard as the intent wants it, whatever stands. It needs only
 * the tools of the guard, asks nobody, and knows no rules of others. Its exit code is not 0 if anything failed. The agent
 * knows by the lines `delete table` and `lead` what it makes (put-boot-files.sh).
 */
export function bootProgramText(intent: EarlyIntent): string {
  return [
    '#!/bin/sh',
    bootHeading,
    `[ ! -e ${standingFile} ] || exit 0`,
    'PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin',
    'export PATH',
    ...(intent.kind === 'nft' ? tableProgram(intent) : chainProgram(intent)),
  ].join('\n')
}

/** One `nft -f` makes, deletes and makes anew, which the kernel carries out wholly or not at all. */
function tableProgram(intent: NftIntent): readonly string[] {
  const text = `table ${guardTable}\ndelete table ${guardTable}\ntable ${guardTable} {\n${tableText(intent)}\n}`
  return [`printf '%s\\n' ${quote(text)} | nft -f /dev/stdin`]
}

/**
 * Each set is built aside and swapped in, each chain refilled in one step, and the rules that lead to it come last. Without its set a
 * family gets no chain, because the chain would stop members, too. One family that fails does not stop the other.
 */
function chainProgram(intent: MangleIntent): readonly string[] {
  return [...chainFunctions, ...families.flatMap((family) => familyProgram(intent, family)), end]
}

const aside = 'fw-run-boot'

/** Old versions of iptables know no -w, or none with seconds; those of iptables-restore read on without it. */
const chainFunctions = [
  'code=0',
  'case $(iptables -V) in',
  "  'iptables v1.4.2'[01]*) wait=-w ;;",
  "  'iptables v1.4.'*) wait= ;;",
  "  *) wait='-w 10' ;;",
  'esac',
  'members() { # SET FAMILY [ADDRESS...]',
  '  set=$1 family=$2',
  '  shift 2',
  `  ipset destroy ${aside} 2>/dev/null`,
  '  ipset create "$set" hash:ip family "$family" 2>/dev/null',
  '  {',
  `    echo "create ${aside} hash:ip family $family"`,
  `    echo 'flush ${aside}'`,
  `    [ "$#" -eq 0 ] || printf 'add ${aside} %s\\n' "$@"`,
  `    echo "swap ${aside} $set"`,
  `    echo 'destroy ${aside}'`,
  '  } | ipset -exist restore',
  '}',
  'fill() { # TOOL TEXT',
  `  printf '%s\\n' "$2" | "$1-restore" -w 10 --noflush 2>/dev/null ||`,
  `    printf '%s\\n' "$2" | "$1-restore" --noflush`,
  '}',
  'lead() { # TOOL INTERFACE POSITION',
  `  "$1" $wait -t mangle -C PREROUTING -i "$2" -j ${guardChain} 2>/dev/null ||`,
  `    "$1" $wait -t mangle -I PREROUTING "$3" -i "$2" -j ${guardChain}`,
  '}',
] as const

const end = 'exit "$code"'

function familyProgram(intent: MangleIntent, family: Family): readonly string[] {
  const chain = wantedChain(intent, family)
  if (!chain) return []
  const [tool, inet] = family === 4 ? ['iptables', 'inet'] : ['ip6tables', 'inet6']
  const set = quote(setOf(intent.set, family))
  const rules = [
    '*mangle',
    `:${guardChain} - [0:0]`,
    // Not every version empties a chain that it is told of.
    `-F ${guardChain}`,
    ...chain.rules.map(({ raw }) => raw),
    'COMMIT',
  ].join('\n')
  const members = chainMembers(intent, family).toSorted()
  return [
    [`if members ${set} ${inet}`, ...members].join(' \\\n  '),
    'then',
    `  fill ${tool} ${quote(rules)} || code=1`,
    ...intent.interfaces.map(
      (name, index) => `  lead ${tool} ${quote(asInIptables(name))} ${index + 1} || code=1`,
    ),
    'else',
    '  code=1',
    'fi',
  ]
}
