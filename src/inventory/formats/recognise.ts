import { extname } from 'node:path'
import { isMapping, type JsonValue, parseJson } from './json-value.ts'

/** The format of an inventory's text. JSON is parsed already. */
export type Recognised =
  | { readonly kind: 'vault' | 'script' | 'ini' | 'yaml' | 'rke' | 'k0sctl' | 'kubectl-table' }
  | { readonly kind: 'kubectl'; readonly json: JsonValue | undefined }
  | { readonly kind: 'output'; readonly json: JsonValue }

/** Tells the format of a text by its content. Only where that could be Ansible's YAML or INI, the end of its name counts. */
export function recognise(text: string, name: string): Recognised {
  if (isVaultFile(text)) return { kind: 'vault' }
  if (/^\uFEFF?#!/.test(text)) return { kind: 'script' }
  if (/^NAME +STATUS +ROLES /.test(text)) return { kind: 'kubectl-table' }
  if (/^\uFEFF?\s*\{/.test(text)) return recogniseJson(text)
  if (/^apiVersion:\s*["']?k0sctl\.k0sproject\.io\//m.test(text)) return { kind: 'k0sctl' }
  if (/^kind:\s*["']?(List|NodeList|Node)["']?\s*$/m.test(text) && /^apiVersion:/m.test(text)) {
    return { kind: 'kubectl', json: undefined }
  }
  if (/^nodes:[ \t]*(#.*)?\r?\n([ \t]*(#.*)?\r?\n)*[ \t]*-/m.test(text)) return { kind: 'rke' }
  return { kind: isIni(text, extname(name)) ? 'ini' : 'yaml' }
}

/** The `kind:` of a manifest or a kubeconfig of Kubernetes that is no list of hosts, as patches of kubeadm are; undefined for all else. */
export function manifestKind(text: string): string | undefined {
  if (!/^apiVersion:/m.test(text) || recognise(text, '.yml').kind !== 'yaml') return undefined
  return /^kind:[ \t]*["']?(\w+)/m.exec(text)?.[1]
}

/** Whether the whole text is encrypted with ansible-vault. */
export function isVaultFile(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT;')
}

function recogniseJson(text: string): Recognised {
  const json = parseJson(text)
  if (!isMapping(json)) return { kind: 'yaml' }
  if (typeof json.kind === 'string' && /^(List|NodeList|Node)$/.test(json.kind)) {
    return { kind: 'kubectl', json }
  }
  return Object.hasOwn(json, '_meta') ? { kind: 'output', json } : { kind: 'yaml' }
}

/** As a rule a line of YAML has a key with a colon, and a line of INI has not. */
function isIni(text: string, extension: string): boolean {
  const first = firstLine(text)
  if (first === undefined || /^(---|\.\.\.|%)/.test(first)) return false
  if (/^\[[^\]\s,]+\]\s*([#;].*)?$/.test(first)) return true
  if (/^[^\s#]+\s+\w+=\S/.test(first) && !/^\S+:\s/.test(first)) return true
  if (extension === '.ini') return true
  if (/^\.(ya?ml|json)$/.test(extension)) return false
  return !/^(["'].*["']|[^\s"'[\]{}]+)\s*:(\s|$)|^[-{?&*!|>]/.test(first)
}

function firstLine(text: string): string | undefined {
  const lines = text.replace(/^\uFEFF/, '').matchAll(/^[ \t]*(?![#;])(\S.*)$/gm)
  return lines.next().value?.[1]
}
