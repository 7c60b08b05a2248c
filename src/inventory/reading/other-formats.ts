const CONVERT =
  'Only YAML inventories are read; convert it: ansible-inventory -i FILE --list --yaml > inventory.yaml'

/** What a text is that is not a YAML inventory but is known to Ansible, with a remedy; undefined if it is neither. */
export function recogniseForeignFormat(
  text: string,
): { readonly line: number; readonly message: string; readonly remedy: string } | undefined {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines[0]?.startsWith('#!')) {
    return { line: 1, message: 'this is a script, a dynamic inventory', remedy: CONVERT }
  }
  const index = lines.findIndex((line) => /\S/.test(line) && !/^\s*[#;]/.test(line))
  const first = lines[index] ?? ''
  const isSection = /^\[[^\]\s,]+\]\s*([#;].*)?$/.test(first)
  const isHostLine = /^[^\s:#]+(:\d+)?\s+\w+=\S/.test(first)
  if (!isSection && !isHostLine) return undefined
  return { line: index + 1, message: "this is Ansible's INI format", remedy: CONVERT }
}
