import { afterEach, describe, expect, it, vi } from 'vitest'
import { distrustOf, trustingCommand } from '../../src/journal/trust.ts'

afterEach(() => void vi.restoreAllMocks())

describe('distrustOf', () => {
  const cases = (
    user: number,
  ): readonly (readonly [string, number, number, string | undefined])[] => [
    ['this user alone', user, 0o100600, undefined],
    ['this user, and others may read', user, 0o100644, undefined],
    ['root', 0, 0o40755, undefined],
    ['another user', user + 4242, 0o100600, `belongs to the user with UID ${user + 4242}`],
    [
      'this user, and the group may write',
      user,
      0o100660,
      'can be written by other users (mode 660)',
    ],
    ['root, and all may write', 0, 0o41777, 'can be written by other users (mode 1777)'],
  ]

  describe.each([0, 1000])('as user %i', (user) => {
    it.each(cases(user))('judges what belongs to %s', (_, uid, mode, why) => {
      vi.spyOn(process, 'geteuid').mockReturnValue(user)
      expect(distrustOf({ uid, mode })?.why).toBe(why)
    })
  })
})

describe('trustingCommand', () => {
  const file = '/state/it is'

  it('needs no other rights for files that this user owns', () => {
    expect(trustingCommand([{ file, foreign: false }])).toBe("chmod go-w '/state/it is'")
  })

  it.each([
    [0, ''],
    [1000, 'sudo '],
  ])('takes over files of another user, who is not root by sudo: user %i', (number, sudo) => {
    vi.spyOn(process, 'geteuid').mockReturnValue(number)
    expect(trustingCommand([{ file, foreign: true }])).toBe(
      `${sudo}chown $(id -un) '/state/it is' && chmod go-w '/state/it is'`,
    )
  })
})
