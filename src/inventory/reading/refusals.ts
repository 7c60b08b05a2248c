/** What is said of a text that is known but cannot be read. */
export interface Refusal {
  readonly message: string
  readonly remedy: string
}

/** A whole file that is encrypted with ansible-vault. */
export const VAULT_FILE: Refusal = {
  message: 'this file is encrypted with ansible-vault, which fw-run cannot read',
  remedy: 'Give fw-run a decrypted copy: ansible-vault decrypt --output plain.yaml FILE',
}

/** A script that fw-run does not run. */
export const IDLE_SCRIPT: Refusal = {
  message: 'this is a script, but it is not executable',
  remedy: 'To let fw-run run it: chmod +x FILE',
}

/** What to do about a file that is too large. */
export const KEEP_LESS = 'Keep only hosts, groups and the variables that fw-run uses.'

/** What `kubectl get nodes` prints for people. */
export const KUBECTL_TABLE: Refusal = {
  message: 'this is the table of kubectl, which has no addresses of nodes',
  remedy: 'Let kubectl print all it knows: kubectl get nodes -o json | fw-run preflight -i -',
}
