import { createHmac } from 'node:crypto'
import { globOf } from '../../text/glob.ts'

/**
 * Whether the first field of a known_hosts line matches this name, by the rules of sshd(8). The field is one hashed
 * name, or a comma list of names with `*` and `?`. A matching name after `!` excludes the line. The name must be in
 * lower case, and `[host]:port` unless the port is 22.
 */
export function matchesHost(patterns: string, name: string): boolean {
  if (patterns.startsWith('|')) return matchesHashed(patterns, name)
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

function matchesHashed(patterns: string, name: string): boolean {
  const [, version, salt, hash] = patterns.split('|')
  if (version !== '1' || !salt || !hash) return false
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

function matchesPattern(pattern: string, name: string): boolean {
  return /[*?]/.test(pattern) ? globOf(pattern).test(name) : pattern === name
}
