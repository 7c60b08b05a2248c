/** Variables of Ansible that a person may expect to have an effect, with what to know about each. */
export const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  [
    'ansible_ssh_executable',
    'not used; fw-run has its own SSH client, or uses the ssh of this machine',
  ],
  ['ansible_ssh_private_key', 'not supported; use ansible_ssh_private_key_file'],
  ['ansible_private_key', 'not supported; use ansible_ssh_private_key_file'],
  ['ansible_ssh_private_key_passphrase', 'not supported; unlock the key in an SSH agent'],
  ['ansible_ssh_pkcs11_provider', 'not used; set PKCS11Provider in the SSH configuration'],
  ['ansible_host_key_checking', 'not used; host keys are always checked'],
  ['ansible_ssh_host_key_checking', 'not used; host keys are always checked'],
])
