import { createHmac, createSecretKey } from 'node:crypto'
import { globOf } from '../../text/glob.ts'

/**
 * Whether the first field of a known_hosts line matches this name, by the rules of sshd(8). The field is one hashed
 * name, or a comma list of names with `*` and `?`. A matching name after `!` excludes the line. The name must be in
 * lower case, and `[host]:port` unless the port is 22.
 */
export function matchesHost(patterns: string, name: string): boolean {
  if (isHashed(patterns)) return hashedNameTest(patterns)(name)
  let found = false
  for (const pattern of patterns.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), name)) return false
    } else if (matchesPattern(pattern, name)) {
      found = true
    }
  }
  return found
}

/** Whether the first field of a known_hosts line is one hashed name. */
export function isHashed(patterns: string): boolean {
  return patterns.startsWith('|')
}

/** Gives the test whether a hashed name is a certain name. To make it costs as much as to use it. */
export function hashedNameTest(hashedName: string): (name: string) => boolean {
  const [, version, salt, hash] = hashedName.split('|')
  if (version !== '1' || !salt || !hash) return () => false
  const key = createSecretKey(salt, 'base64')
  return (name) => createHmac('sha1', key).update(name).digest('base64') === hash
}

function matchesPattern(pattern: string, name: string): boolean {
  return /[*?]/.test(pattern) ? globOf(pattern).test(name) : pattern === name
}
