import { expect, it } from 'vitest'
import { codeOfRefusal, forwardingDenied } from '../../../src/ssh/connect/forwarded-wire.ts'

it.each([
  ['Connection refused', 'ECONNREFUSED'],
  ['No route to host', 'EHOSTUNREACH'],
  ['Network is unreachable', 'EHOSTUNREACH'],
  ['Host is down', 'EHOSTUNREACH'],
  ['Connection timed out', 'ETIMEDOUT'],
  ['Name or service not known', 'ENOTFOUND'],
  ['administratively prohibited: open failed', forwardingDenied],
])('understands why a bastion does not reach a host: %s', (said, code) => {
  expect(codeOfRefusal(said, 2)).toBe(code)
})
