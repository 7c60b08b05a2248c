import { describe, expect, it } from 'vitest'
import { distrustOf } from '../../src/journal/trust.ts'

const user = process.geteuid?.() ?? 0

describe('distrustOf', () => {
  it.each([
    ['this user alone', user, 0o100600, undefined],
    ['this user, and others may read', user, 0o100644, undefined],
    ['root', 0, 0o40755, undefined],
    ['another user', user + 4242, 0o100600, `belongs to the user with the number ${user + 4242}`],
    [
      'this user, and the group may write',
      user,
      0o100660,
      'can be written by other users (mode 660)',
    ],
    ['root, and all may write', 0, 0o41777, 'can be written by other users (mode 1777)'],
  ])('judges what belongs to %s', (_, uid, mode, why) => {
    expect(distrustOf({ uid, mode })).toBe(why)
  })
})
