import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { isolate, printedSoFar } from './isolate.ts'

isolate()

describe('commands with a name of two words', () => {
  it.each([
    'hosts add node4=192.0.2.14 -i h.yaml --group kube_node',
    '-i h.yaml hosts add --group kube_node node4=192.0.2.14',
    '-i h.yaml --group kube_node hosts add node4=192.0.2.14',
  ])('are read wherever their options stand: %s', (words) => {
    const change = { kind: 'add', name: 'node4', address: '192.0.2.14', group: 'kube_node' }
    expect(parseArguments(words.split(' '))).toMatchObject({
      kind: 'invocation',
      invocation: {
        command: { name: 'hosts add' },
        settings: { inventory: ['h.yaml'], hostChange: change },
      },
    })
  })

  it.each([
    ['hosts remove -i h', 'hosts remove', "missing required argument 'host'"],
    ['hosts add node4 node5 -i h', 'hosts add', "unexpected word 'node5'"],
    ['hosts add node4=1.2.3 -i h', 'hosts add', '"1.2.3" is neither a host name nor an IP address'],
    ['hosts remove node4 --limit x -i h', 'hosts remove', "unknown option '--limit'"],
    ['hosts delete node4 -i h', null, "unknown command 'delete'"],
  ])('are named in a complaint: %s', (words, command, message) => {
    expect(parseArguments(words.split(' '))).toMatchObject({
      ...{ kind: 'ended', exitCode: 5 },
      complaint: { command, message: expect.stringContaining(message) },
    })
    expect(printedSoFar()).toContain(message)
  })

  it('are listed by the first word alone', () => {
    expect(parseArguments(['hosts'])).toMatchObject({ kind: 'ended', exitCode: 5 })
    expect(printedSoFar()).toMatch(/hosts \[options\] \[command\][\s\S]*add [\s\S]*remove /)
  })
})
