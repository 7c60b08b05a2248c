import { describe, expect, it } from 'vitest'
import { reasonInWords } from '../../src/agent/refusal.ts'

describe('reasonInWords', () => {
  it.each([
    ['forged-rules', /^a rule of FORWARD has a line break .*\. `iptables -nL FORWARD/],
    ['untrusted-room\tdrwxrwxrwx\t1000', /^\/run\/fw-run belongs to the user with UID 1000 /],
    ['unwritable-room', /^\/run is read-only, .* `mount -o remount,rw \/run`/],
    [
      'another run holds this host: run r1 by ann@jump, fw-run apply, since 2026-11-23T10:04:05.678Z',
      /^another run holds this host: run r1 \(fw-run apply by ann@jump, started 2026-11-23 10:04Z\)$/,
    ],
    ['ipset: not today', /^ipset: not today$/],
  ])('says for people what a host answered: %s', (text, words) => {
    expect(reasonInWords(text)).toMatch(words)
  })
})
