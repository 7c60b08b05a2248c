import { expect, it } from 'vitest'
import { filesToRead } from '../../src/main/files-to-read.ts'

it('names what the command line has for reading, and where variables beside an inventory lie', () => {
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
  ])
})
