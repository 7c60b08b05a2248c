import type { RootWay } from '../root-way.ts'

/**
 * What ends stderr while sudo, su or doas wait for a password: the first time, and later. sudo asks with our nonce. Before su and doas, a
 * line with the nonce says that they start.
 */
export function promptsOf(
  way: RootWay | 'none',
  nonce: string,
): { readonly first: RegExp; readonly later: RegExp } {
  if (way === 'none' || way.method === 'sudo') {
    // sudo-rs prints "[sudo: PROMPT] Password: ". A login shell under "set -x" prints the whole command,
    // which goes on after the nonce. fw-run must not answer that with the password.
    const prompt = new RegExp(`${nonce}-password(?:\\][^\\n]{0,40})?$`)
    return { first: prompt, later: prompt }
  }
  const last = '[Pp]assword[^\\n]{0,80}: ?$'
  return {
    first: new RegExp(`${nonce}-asks\\r?\\n(?:[^]*\\n)?[^\\n]{0,80}${last}`),
    later: new RegExp(last),
  }
}
