import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { isSshHere } from '../../src/ssh/private-place.ts'

const directory = mkdtempSync(join(tmpdir(), 'fw-run-path-'))
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
})

it('knows whether there is an ssh, also one that does not know -V', async () => {
  vi.stubEnv('PATH', directory)
  expect(await isSshHere()).toBe(false)
  const ssh = join(directory, 'ssh')
  writeFileSync(ssh, '#!/bin/sh\nexit 1\n')
  chmodSync(ssh, 0o755)
  expect(await isSshHere()).toBe(true)
})
