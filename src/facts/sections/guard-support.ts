import type { Sections } from '../../agent/sections.ts'
import { type Reading, readSection, textOf } from '../reading.ts'

/** A form of our table that kernel and nft of a host take: where it looks at packets, and how it stops them. */
export type NftForm = 'prerouting reject' | 'prerouting drop' | 'forward reject'

const forms: readonly string[] = ['prerouting reject', 'prerouting drop', 'forward reject']

/** The forms that `nft -c` took, on a host that is to get the guard `nft`; or what it said against all of them. */
export function readNftForms(sections: Sections): Reading<readonly NftForm[]> {
  const said = readSection(sections, 'nft-support', 'nft -c -f')
  if (said.kind === 'unreadable') return said
  return { kind: 'read', value: said.value.split('\n').filter(isForm) }
}

function isForm(line: string): line is NftForm {
  return forms.includes(line)
}

/** What a host lacks for the guard `mangle`: names of tools, or what iptables said against a chain like ours. */
export function readMangleLacks(sections: Sections): readonly string[] {
  return textOf(sections, 'mangle-support').split('\n').filter(Boolean)
}
