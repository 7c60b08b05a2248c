import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { ownHome } from '../../src/jump-host/own-home.ts'
import { filesToRead } from '../../src/main/files-to-read.ts'

afterEach(() => vi.unstubAllEnvs())

it('names what the command line has for reading, and where variables beside an inventory lie', () => {
  vi.stubEnv('XDG_STATE_HOME', '/state')
  const read = filesToRead({
    inventory: ['lab/hosts.ini', '-', 'node1,node2'],
    extraVars: ['fw_guard=nft', '@vars.yaml'],
    limit: 'node1,@nodes.txt:!node2',
    plan: 'plan.json',
    privateKey: 'id',
    sshConfig: { file: 'ssh_config' },
  })
  expect(read.map(({ option, file }) => `${option} ${file}`)).toEqual([
    '-i lab/hosts.ini',
    '-i lab/group_vars',
    '-i lab/host_vars',
    '-e vars.yaml',
    '--limit nodes.txt',
    '--plan plan.json',
    '--private-key id',
    '-F ssh_config',
    // Known hosts and keys, and what a killed run left to do, are there only once.
    `~/.ssh ${join(ownHome(), '.ssh')}`,
    '/etc/ssh /etc/ssh',
    'the journals /state/fw-run/runs',
  ])
})
