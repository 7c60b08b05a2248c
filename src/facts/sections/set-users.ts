import type { Sections } from '../../agent/sections.ts'

/** Reads how many rules and sets use a set of ours: lines of its name and that number. Other lines tell nothing. */
export function readSetUsers(sections: Sections): ReadonlyMap<string, number> {
  const lines = (sections.get('set-users')?.text ?? '').split('\n')
  return new Map(
    lines.flatMap((line) => {
      const [name = '', count = ''] = line.split('\t')
      return /^\d{1,9}$/.test(count) ? [[name, Number(count)]] : []
    }),
  )
}
