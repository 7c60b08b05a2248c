import { describe, expect, it } from 'vitest'
import { parseSets } from '../../src/ipset/sets.ts'
import { setFault } from '../../src/ipset/unreadable-line.ts'

const nodes = 'create nodes hash:ip family inet hashsize 1024 maxelem 65536 comment'

describe('setFault', () => {
  it('is sure of sets, members and their options, with warnings between them', () => {
    const text = `Warning: Kernel support protocol versions 6-6 while userspace supports protocol versions 6-7
${nodes}
add nodes 192.0.2.1 timeout 3 comment "the hash:ip of a node"
add nodes 192.0.2.2 comment ""
create both list:set size 8
add both nodes
create ports bitmap:port range 0-1023`
    expect(setFault(text)).toBeUndefined()
  })

  it('reads a comment that looks like members as a comment', () => {
    const text = `${nodes}\nadd nodes 192.0.2.1 comment "a\nadd nodes 192.0.2.9"\nadd nodes 192.0.2.2`
    expect(setFault(text)).toBeUndefined()
    expect(parseSets(text).get('nodes')?.members).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  // As ipset 7.17 prints names with line breaks in them.
  it.each([
    ['create x', `create x\n${nodes} hash:ip family inet`, 'line 1: this set has no type'],
    [
      'a member behind a set',
      'create x list:set\nadd nodes 192.0.2.9 hash:ip family inet hashsize 1024',
      'line 2: the type of a set is in the wrong place',
    ],
    [
      'a set behind a set',
      'create x list:set\ncreate nodes hash:ip hash:ip family inet hashsize 1024',
      'line 2: the type of a set is in the wrong place',
    ],
    [
      'any line behind a set',
      'create x list:set\nnodes hash:ip family inet hashsize 1024',
      'line 2: the type of a set is in the wrong place',
    ],
    [
      'a member of nothing',
      `${nodes}\nadd x\nadd nodes 192.0.2.9`,
      'line 2: this line adds no member',
    ],
    ['a quote in a name', 'create a"b hash:ip family inet', 'line 1: a quote is inside a word'],
    [
      'a quote without an end',
      `${nodes}\nadd nodes 192.0.2.9 comment "a`,
      'line 2: a quote is not closed',
    ],
  ])('names the line that may be part of a name: %s', (_, text, fault) => {
    expect(setFault(text)).toBe(fault)
  })
})
