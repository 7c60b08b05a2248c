import { describe, expect, it } from 'vitest'
import { startHearing } from '../../../src/ssh/openssh/hearing.ts'
import { opensshFault } from '../../../src/ssh/openssh/openssh-fault.ts'
import { accessAt } from '../host-access.ts'

function reasonOf(...said: readonly string[]): string {
  const hearing = startHearing()
  for (const line of said) hearing.push(Buffer.from(`${line}\n`))
  return opensshFault(hearing, accessAt(22)).fault.reason
}

describe('opensshFault', () => {
  it.each([
    ['Temporary failure in name resolution', 'the name server does not answer'],
    ['Name or service not known', 'is not known to DNS'],
  ])('tells a wrong name from a name server that is down: %s', (words, reason) => {
    expect(reasonOf(`ssh: Could not resolve hostname n1: ${words}`)).toContain(reason)
  })
})
