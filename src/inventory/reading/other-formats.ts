/** What a text is, if it is known to Ansible but not a YAML inventory, and what to do about it. */
export interface OtherFormat {
  readonly line: number
  readonly message: string
  readonly remedy: string
}

/** Recognises a script, Ansible's INI format and a file encrypted with ansible-vault; undefined for any other text. */
export function recogniseOtherFormat(text: string): OtherFormat | undefined {
  if (isVaultFile(text)) return { line: 1, ...VAULT_FILE }
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines[0]?.startsWith('#!')) {
    return { line: 1, message: 'this is a script (a dynamic inventory)', remedy: CONVERT }
  }
  const index = lines.findIndex((line) => /\S/.test(line) && !/^\s*[#;]/.test(line))
  const first = lines[index] ?? ''
  const isSection = /^\[[^\]\s,]+\]\s*([#;].*)?$/.test(first)
  const isHostLine = /^[^\s:#]+(:\d+)?\s+\w+=\S/.test(first)
  if (!isSection && !isHostLine) return undefined
  return { line: index + 1, message: "this is Ansible's INI format", remedy: CONVERT }
}

/** Whether the whole text is encrypted with ansible-vault. */
export function isVaultFile(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT;')
}

/** What to say of such a file. */
export const VAULT_FILE = {
  message: 'this file is encrypted with ansible-vault, which fw-run cannot read',
  remedy: 'Give fw-run a decrypted copy: ansible-vault decrypt --output plain.yaml FILE',
}

const CONVERT =
  'fw-run reads YAML inventories only. Convert it: ansible-inventory -i FILE --list --yaml > inventory.yaml'
