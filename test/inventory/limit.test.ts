import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostsOfPattern } from '../../src/inventory/limit.ts'
import { faultOf, inventoryOf } from './fault.ts'

const INVENTORY = inventoryOf(`
all:
  vars: {fw_group: cluster}
  hosts:
    bastion: {ansible_host: 198.51.100.5}
  children:
    cluster:
      children:
        masters:
          hosts: {m1: {ansible_host: 10.0.0.1}}
        workers:
          hosts:
            w1: {ansible_host: 10.0.1.1}
            w2: {ansible_host: 10.0.1.2}
            w3.example.org: {ansible_host: 10.0.1.3}
            w4: {ansible_host: 10.0.1.4}
    odd:
      hosts: {w1: , w3.example.org: }
    calico_rr:
      hosts: {}
`)

describe(hostsOfPattern.name, () => {
  it.each(['nobody', '~(', ''])('says of %j in which option it stands', (pattern) => {
    expect(() => hostsOfPattern(INVENTORY, pattern, '--serial-first')).toThrow(
      'The pattern of --serial-first',
    )
  })

  const select = (pattern: string) =>
    hostsOfPattern(INVENTORY, pattern, '--limit')
      .map(({ name }) => name.replace('.example.org', ''))
      .join(' ')

  const cases: Record<string, string> = {
    w1: 'w1',
    'w2,m1': 'm1 w2',
    'w2:m1': 'm1 w2',
    ' w1 , w2 ': 'w1 w2',
    all: 'm1 w1 w2 w3 w4',
    '*': 'm1 w1 w2 w3 w4',
    workers: 'w1 w2 w3 w4',
    'workers:&odd': 'w1 w3',
    'workers:!odd': 'w2 w4',
    '!odd:workers': 'w2 w4',
    '!workers': 'm1',
    '&odd': 'w1 w3',
    '!bastion': 'm1 w1 w2 w3 w4',
    '!calico_rr': 'm1 w1 w2 w3 w4',
    'w?': 'w1 w2 w4',
    'w[!1]': 'w2 w4',
    'w[12-4]*': 'w1 w2 w3 w4',
    '*.example.org': 'w3',
    '~w[12]$': 'w1 w2',
    '~(m|w)1': 'm1 w1',
    '~w.$': 'w1 w2 w4',
    '~.*[.]': 'w3',
    'workers[0]': 'w1',
    'workers[-1]': 'w4',
    'workers[1:2]': 'w2 w3',
    'workers[2:]': 'w3 w4',
    'workers[0],m1': 'm1 w1',
    'w1,w*,!w2,&workers': 'w1 w3 w4',
  }
  for (const [pattern, names] of Object.entries(cases)) {
    it(`reads ${pattern}`, () => expect(select(pattern)).toBe(names))
  }

  for (const pattern of [
    'w5',
    'w1,w5',
    'w1,!w5',
    'w1,&w5',
    'workers[9]',
    '{w1,w2}',
    'calico_rr',
    '/^+\\\\',
    'w.',
    '(w1)',
    'w1$',
    'w[',
  ]) {
    it(`refuses ${pattern}: a term that matches nothing`, () => {
      const { code, message } = faultOf(() => select(pattern))
      expect([code, message]).toEqual(['usage', expect.stringContaining('matches no host')])
    })
  }

  it('takes a name with a dot for a group and for a host, any other name for a group first', () => {
    const inventory = inventoryOf(`
a.b: {hosts: {n1: {ansible_host: 10.0.0.1}}}
ab: {hosts: {n1: }}
all: {hosts: {a.b: {ansible_host: 10.0.0.2}, ab: {ansible_host: 10.0.0.3}}}
`)
    const namesOf = (pattern: string) =>
      hostsOfPattern(inventory, pattern, '--limit').map(({ name }) => name)
    expect(namesOf('a.b')).toEqual(['n1', 'a.b'])
    expect(namesOf('ab')).toEqual(['n1'])
  })

  it('takes a whole host or group name that holds a colon for one term', () => {
    const inventory = inventoryOf(`
all:
  hosts: {a: {ansible_host: 10.0.0.1}, b: {ansible_host: 10.0.0.2}, "a:b": {ansible_host: 10.0.0.3}}
"b:a": {hosts: {a: }}
`)
    const namesOf = (pattern: string) =>
      hostsOfPattern(inventory, pattern, '--limit').map(({ name }) => name)
    expect(namesOf('a:b')).toEqual(['a:b'])
    expect(namesOf('b:a')).toEqual(['a'])
    expect(namesOf('a,b')).toEqual(['a', 'b'])
  })

  it('reads the terms that a file has, one a line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fw-run-limit:'))
    try {
      const file = join(folder, 'failed')
      await writeFile(file, '# of the last run\nw1\n\n  w2  \n')
      expect(select(`@${file}`)).toBe('w1 w2')
      expect(select(`@${file},m1`)).toBe('m1 w1 w2')
      expect(select(`@${file}:!w1`)).toBe('w2')
      expect(select('w1,w2:!w1')).toBe('w2')
      expect(select('m1,~(?:!w1|w2)$')).toBe('m1 w2')
      expect(select('m1,~w[12]:!w1')).toBe('m1 w2')
      expect(select(`workers,!w4,@${file}`)).toBe('w1 w2 w3')
      await writeFile(file, 'w1\nw9\n')
      expect(faultOf(() => select(`@${file}`)).message).toBe('The limit "w9" matches no host.')
      await writeFile(file, '\n')
      expect(faultOf(() => select(`@${file}`)).message).toContain('is empty')
      expect(faultOf(() => select(`@${folder}/none`))).toMatchObject({
        code: 'usage',
        message: `${folder}/none: no such file.`,
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('suggests the nearest names', () => {
    expect(faultOf(() => select('wrokers')).remedy).toBe('Did you mean "workers"?')
    expect(faultOf(() => select('worker')).remedy).toContain('"workers"')
    expect(faultOf(() => select('zebra')).remedy).toContain('`fw-run inventory` lists')
  })

  it('refuses a host that is not to be protected', () => {
    expect(faultOf(() => select('bastion')).message).toBe(
      'The limit "bastion" matches only hosts that are not in group "cluster": bastion.',
    )
  })

  it('refuses a limit that is empty, selects nothing or is no regular expression', () => {
    for (const pattern of ['', ' , ', 'w1,!w1', 'm1,&odd', '~(', 'w[z-a]']) {
      expect(faultOf(() => select(pattern)).code).toBe('usage')
    }
  })
})
