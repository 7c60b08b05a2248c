import {
  chmod,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { saveVariable, withVariable } from '../../../src/inventory/writing/save-variable.ts'
import { faultOf, faultOfAsync, hostIn, inventoryOf } from '../fault.ts'

const save = (text: string) => withVariable('a.yaml', text, 'fw_interface', 'ens18')

describe(withVariable.name, () => {
  const cases: Record<string, readonly [before: string, after: string]> = {
    'replaces a value and keeps its comment and spacing': [
      'all:\n  vars:\n    fw_interface:   "eth0"   # old\n\n  hosts: {a: }\n',
      'all:\n  vars:\n    fw_interface:   ens18   # old\n\n  hosts: {a: }\n',
    ],
    'fills in an empty value': [
      'all:\n  vars:\n    fw_interface:  # which?\n    a: 1\n',
      'all:\n  vars:\n    fw_interface: ens18  # which?\n    a: 1\n',
    ],
    'replaces a list on lines of its own': [
      'all:\n  vars:\n    fw_interface:\n      - a\n      - b\n    # next\n    x: [1,  2]\n',
      'all:\n  vars:\n    fw_interface: ens18\n    # next\n    x: [1,  2]\n',
    ],
    'adds behind the last variable, comments staying where they are': [
      'all:\n  vars:\n    a: 1   # one\n    # about b\n    b:\n      - x\n\n  # the hosts\n  hosts:\n    n1:\n',
      'all:\n  vars:\n    a: 1   # one\n    # about b\n    b:\n      - x\n    fw_interface: ens18\n\n  # the hosts\n  hosts:\n    n1:\n',
    ],
    'adds vars where there are none': [
      '# head\nall: # all of them\n    # ours\n    hosts:\n        n1:\n',
      '# head\nall: # all of them\n    vars:\n      fw_interface: ens18\n    # ours\n    hosts:\n        n1:\n',
    ],
    'fills in vars that are empty': [
      'all:\n  vars:\n  hosts: {a: }\n',
      'all:\n  vars:\n    fw_interface: ens18\n  hosts: {a: }\n',
    ],
    'fills in an all that is empty': [
      'all:\nk8s:\n  hosts:\n    n1:\n',
      'all:\n  vars:\n    fw_interface: ens18\nk8s:\n  hosts:\n    n1:\n',
    ],
    'adds all where there are only groups': [
      'k8s_cluster:\n  hosts:\n    n1:\n',
      'k8s_cluster:\n  hosts:\n    n1:\nall:\n  vars:\n    fw_interface: ens18\n',
    ],
    'keeps CRLF': [
      'all:\r\n  vars:\r\n    a: 1\r\n  hosts:\r\n    n1:\r\n',
      'all:\r\n  vars:\r\n    a: 1\r\n    fw_interface: ens18\r\n  hosts:\r\n    n1:\r\n',
    ],
    'keeps a byte order mark, and a missing line end': [
      '\uFEFFall:\n  vars:\n    a: 1',
      '\uFEFFall:\n  vars:\n    a: 1\n    fw_interface: ens18',
    ],
    'adds to a mapping in braces': [
      '# head\nall:\n  vars: {a: 1}\n  hosts:\n    n1: # first\n',
      '# head\nall:\n  vars: {a: 1, fw_interface: ens18}\n  hosts:\n    n1: # first\n',
    ],
    'adds vars to an all in braces': [
      '# head\nall: {hosts: {n1: }} # nodes\n',
      '# head\nall: {hosts: {n1: }, vars: { fw_interface: ens18 }} # nodes\n',
    ],
    'fills in empty braces': [
      'all:\n  vars: {}  # none\n  hosts: {n1: {ansible_password: 0815}}\n',
      'all:\n  vars: { fw_interface: ens18 }  # none\n  hosts: {n1: {ansible_password: 0815}}\n',
    ],
    'fills in an all of empty braces': [
      'all: {}\nk8s: {hosts: {n1: }}\n',
      'all: { vars: { fw_interface: ens18 } }\nk8s: {hosts: {n1: }}\n',
    ],
    'replaces within braces': [
      'all: {vars: {fw_interface: eth0,  a: 1}}\n',
      'all: {vars: {fw_interface: ens18,  a: 1}}\n',
    ],
    'adds behind a block of text': [
      'all:\n  vars:\n    a: |\n      x\n\n      y\n  hosts: {n1: }\n',
      'all:\n  vars:\n    a: |\n      x\n\n      y\n    fw_interface: ens18\n  hosts: {n1: }\n',
    ],
  }
  for (const [behaviour, [before, after]] of Object.entries(cases)) {
    it(behaviour, () => expect(save(before)).toBe(after))
  }

  it('changes nothing the second time', () => {
    for (const [, after] of Object.values(cases)) expect(save(after)).toBe(after)
  })

  it('saves where hundreds of hosts share their variables', () => {
    const hosts = Array.from({ length: 300 }, (_, n) => `    n${n}: {<<: *common, ip: 10.0.0.1}\n`)
    const text = (vars: string) =>
      `all:\n  vars:\n    x: &common {a: 1}\n${vars}  hosts:\n${hosts.join('')}`
    expect(save(text(''))).toBe(text('    fw_interface: ens18\n'))
  })

  it('leaves the other users of an anchor as they were', () => {
    const text = 'all:\n  vars:\n    fw_interface: &i eth0\n  hosts: {192.0.2.1: {fw_set: *i}}\n'
    const error = faultOf(() => save(text))
    expect(error.message).toBe('fw-run cannot write fw_interface into a.yaml.')
    expect(error.remedy).toBe(
      'Write this under all: vars: in that file:  fw_interface: ens18\nThen run the same command again.',
    )
  })

  it('never writes a value anew: passwords and names such as 0815 stay, or the file is not edited', () => {
    const secrets = 'ansible_password: 0815, ansible_user: 1e3, a: 12345678901234567890, b: +5'
    for (const [vars, isEdited] of [
      ['{}', true],
      ['{a: 1}', true],
      ['~', false],
      ['&v {}', true],
      ['{fw_interface: &i eth0}', false],
      ['{fw_interface: !!str eth0}', false],
    ] as const) {
      for (const text of [
        `all:\n  vars: ${vars}\n  hosts: {n1: {${secrets}}}\n`,
        `all: {vars: ${vars}, hosts: {n1: {${secrets}}}}\n`,
      ]) {
        if (isEdited) expect(save(text), text).toContain(secrets)
        else expect(faultOf(() => save(text)).remedy, text).toContain('fw_interface: ens18')
      }
    }
  })

  it('refuses to write what would not be read, or into what cannot be read', () => {
    expect(faultOf(() => withVariable('a.yaml', 'all:\n', 'fw_set', 'a b')).message).toContain(
      'ipset name',
    )
    for (const text of [
      'all: [',
      '- a\n',
      'x: &x {a: 1}\nall:\n  vars: *x\n',
      'all:\n  vars: {a: *b}\n',
    ]) {
      expect(faultOf(() => save(text)).message, text).toContain('cannot write')
    }
  })

  it('quotes what Ansible would take for something else, and writes lists', () => {
    const text = 'all:\n  vars:\n    a: 1\n  hosts: {192.0.2.1: }\n'
    expect(withVariable('a.yaml', text, 'fw_set', 'yes')).toContain('    fw_set: "yes"\n')
    const after = withVariable('a.yaml', text, 'fw_interface', ['ens18', 'on'])
    expect(after).toContain('    fw_interface: [ens18, "on"]\n')
    expect(hostIn(inventoryOf(after), '192.0.2.1').settings.interfaces).toEqual(['ens18', 'on'])
  })
})

describe(saveVariable.name, () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fw-run-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('keeps mode and symbolic link, and leaves no other file', async () => {
    const [target, link] = [join(folder, 'real.yaml'), join(folder, 'link.yaml')]
    await writeFile(target, 'all:\n  vars:\n    a: 1\n')
    await chmod(target, 0o640)
    await symlink('real.yaml', link)
    await saveVariable(link, 'fw_interface', 'ens18', new Map())
    expect(await readFile(target, 'utf8')).toBe(
      'all:\n  vars:\n    a: 1\n    fw_interface: ens18\n',
    )
    expect((await stat(target)).mode & 0o777).toBe(0o640)
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect((await readdir(folder)).sort()).toEqual(['link.yaml', 'real.yaml'])
  })

  it('leaves a file alone that it cannot edit', async () => {
    const file = join(folder, 'list.yaml')
    await writeFile(file, '- a\n')
    await faultOfAsync(saveVariable(file, 'fw_interface', 'ens18', new Map()))
    expect(await readFile(file, 'utf8')).toBe('- a\n')
  })
})
