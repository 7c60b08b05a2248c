import { describe, expect, it, vi } from 'vitest'
import { commands } from '../../../src/commands/commands.ts'
import { candidates, type Knowledge } from '../../../src/commands/completing/candidates.ts'

const knowledge: Knowledge = {
  names: async (inventory) => ({ hosts: ['node1', 'node2'], groups: [...inventory, 'nodes'] }),
  runs: async () => ['20260102-000000-aaaa', '20260101-000000-bbbb'],
}

async function next(...words: string[]): Promise<readonly string[] | 'files'> {
  const found = await candidates(commands, words, knowledge)
  return found === 'files' ? found : found.map(({ word }) => word)
}

describe(candidates.name, () => {
  it('are commands first, also behind options', async () => {
    expect(await next('re')).toEqual(['remove', 'recover'])
    expect(await next('-v', '-i', 'apply', 're')).toEqual(['remove', 'recover'])
    expect(await next('hel')).toEqual(['help'])
  })

  it('are the second words of a command of two, then its hosts', async () => {
    expect(await next('ho')).toEqual(['hosts'])
    expect(await next('-i', 'a', 'hosts', '')).toEqual(['add', 'remove'])
    expect(await next('hosts', 'remove', 'node')).toEqual(['node1', 'node2'])
    expect(await next('hosts', 'add', '')).toEqual([])
    expect(await next('-i', 'a', 'hosts', 'add', '--group', 'n')).toEqual(['nodes'])
    expect(await next('init', 'cl')).toBe('files')
    expect(await next('hosts', 'remove', '--leave')).toEqual(['--leave-outside'])
  })

  it('are the options of the command, and their values', async () => {
    expect(await next('status', '--ask')).toEqual(['--ask-pass', '--ask-become-pass'])
    expect(await next('status', '--che')).toEqual([])
    expect(await next('status', '--output', 'j')).toEqual(['json'])
    expect(await next('status', '--output=n')).toEqual(['--output=ndjson'])
    expect(await next('status', '-vi', '')).toBe('files')
    expect(await next('status', '--private-key=x')).toBe('files')
    expect(await next('status', '-T', '')).toEqual([])
  })

  it('are the hosts and groups of the inventory, one behind the other', async () => {
    expect(await next('-i', 'a', 'status', '-i=', '--inventory=b', '-l', 'node1,!n')).toEqual([
      'node1,!node1',
      'node1,!node2',
      'node1,!nodes',
    ])
    expect(await next('status', '-ia', '--inventory=b', '--limit=')).toEqual(
      ['node1', 'node2', 'a', 'b', 'nodes'].map((name) => `--limit=${name}`),
    )
    expect(await next('apply', '-ia', '--serial-first', 'node')).toEqual([
      'node1',
      'node2',
      'nodes',
    ])
    vi.stubEnv('FW_RUN_INVENTORY', 'c')
    expect(await next('status', '-l', 'c')).toEqual(['c'])
    vi.unstubAllEnvs()
    expect(await next('trace', '')).toEqual(['node1', 'node2'])
  })

  it('are past runs and shells, once', async () => {
    expect(await next('runs', '202601')).toEqual(['20260102-000000-aaaa', '20260101-000000-bbbb'])
    expect(await next('runs', '20260102-000000-aaaa', '')).toEqual([])
    expect(await next('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  })
})
