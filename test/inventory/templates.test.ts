import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { faultOf, hostIn, inventoryOf, problemsOf } from './fault.ts'

/** An inventory in which n1 has this `fw_set`, and other hosts and groups to name. */
const text = (template: string) => `
all:
  vars: {name: web, n: 7, list: [one, two], map: {key: deep, n1: mine}, me: "{{ you }}", you: "{{ me }}", secret: !vault x}
  hosts:
    n1: {ansible_host: 192.0.2.1, own: "{{ name }}-x", fw_set: ${JSON.stringify(template)}}
    n2.example: {ansible_host: 192.0.2.2, own: two, site: "{{ inventory_hostname }}"}
  children:
    first: {hosts: {n2.example: }}
    second: {hosts: {n1: , n2.example: }}
`
const setOf = (template: string, ...extra: string[]) =>
  hostIn(inventoryOf(text(template), ...extra), 'n1').settings.set

describe('a template', () => {
  it.each([
    ['a name', '{{ name }}', 'web'],
    ['a name without spaces', '{{name}}', 'web'],
    ['text around it', 'a-{{ name }}-{{ n }}', 'a-web-7'],
    ['a name that is a template itself', '{{ own }}', 'web-x'],
    ['a part of a mapping', '{{ map.key }}', 'deep'],
    ['a part in brackets', "{{ map['key'] }}", 'deep'],
    ['a part that another value names', '{{ map[inventory_hostname] }}', 'mine'],
    ['an item of a list', '{{ list[1] }}', 'two'],
    ['the last item', '{{ list[-1] }}', 'two'],
    ['the host', '{{ inventory_hostname }}', 'n1'],
    ['another host', "{{ hostvars['n2.example'].own }}", 'two'],
    ['another host, seen from there', "{{ hostvars['n2.example']['site'] }}", 'n2.example'],
    ['the first host of a group', "{{ groups['first'][0] }}", 'n2.example'],
    ['a variable of that host', "{{ hostvars[groups['first'][0]].own }}", 'two'],
    ['a group by its name', '{{ groups.second[0] }}', 'n1'],
    ['its groups', '{{ group_names[0] }}', 'second'],
    ['a default that is not needed', "{{ name | default('x') }}", 'web'],
    ['a default that is', "{{ nothing | default('x') }}", 'x'],
    ['a default of a missing part', '{{ map.nothing | default(name) }}', 'web'],
    ['a default of a default', '{{ nothing | d(no | d(n)) }}', '7'],
    ['braces in quotes', "{{ nothing | default('a}}b') | default('c') }}", 'a}}b'],
  ])('may be %s', (_, template, value) => {
    if (/[{}]/.test(value)) {
      expect(faultOf(() => setOf(template)).message).toContain(JSON.stringify(value))
    } else expect(setOf(template)).toBe(value)
  })

  it.each([
    ['[]', 'more'],
    ['{}', 'more'],
    ['0', 'more'],
    ['0.0', 'more'],
    ['no', 'more'],
    ['False', 'more'],
    ['""', 'more'],
    ['"0"', '0'],
    ["'false'", 'false'],
    ['7', '7'],
  ])('with default(…, true) replaces an empty or false value: %s', (value, expected) => {
    const all = (set: string) =>
      `all: {vars: {x: ${value}, fw_set: "${set}"}, hosts: {192.0.2.1: }}`
    const setWith = (set: string) => inventoryOf(all(set)).hosts[0]?.settings.set
    expect(setWith("{{ x | default('more', true) }}")).toBe(expected)
    if (!/[[{"']/.test(value)) expect(setWith("{{ x | default('more') }}")).toBe(value)
  })

  it('keeps the load balancers where a list of more is empty', () => {
    const [host] = inventoryOf(
      'all: {vars: {lbs: [], more: [10.0.0.9], fw_extra_members: "{{ lbs | default(more, true) }}"}, hosts: {192.0.2.1: }}',
    ).hosts
    expect(host?.settings.extraMembers).toEqual(['10.0.0.9'])
  })

  it.each(['10.10', '010', '0x10', '1_000', '1:20', 'true', 'yes', '1e-7', '0.00001', '+1', '10.'])(
    'does not put %s into a text without quotes: Ansible writes it otherwise',
    (value) => {
      const yaml = `all: {vars: {n: ${value}, fw_set: "a{{ n }}"}, hosts: {192.0.2.1: }}`
      const isText = value === '1e-7'
      if (isText) expect(inventoryOf(yaml).hosts[0]?.settings.set).toBe('a1e-7')
      else expect(problemsOf(yaml)[0]).toContain('Ansible would print it in another form')
      expect(() => inventoryOf(yaml.replace(value, `"${value}"`))).not.toThrow(/otherwise/)
    },
  )

  it('puts whole numbers, and fractions that Ansible writes alike, into a text', () => {
    for (const value of ['0', '7', '-1', '10.1', '1.0', '0.25']) {
      const yaml = `all: {vars: {n: ${value}, fw_set: "a{{ n }}"}, hosts: {192.0.2.1: }}`
      expect(inventoryOf(yaml).hosts[0]?.settings.set).toBe(`a${value}`)
    }
  })

  it('knows numbers of INI and JSON, and that -e gives text', () => {
    const ini = (net: string) => `[all:vars]\nnet=${net}\nip={{ net }}.0.5\n[g]\n192.0.2.1\n`
    expect(problemsOf(ini('10.10'))[0]).toContain('would print it in another form')
    expect(inventoryOf(ini('"10.10"')).hosts[0]?.settings.addresses[0]).toBe('10.10.0.5')
    expect(inventoryOf(ini('10.10'), 'net=10.10').hosts[0]?.settings.addresses[0]).toBe('10.10.0.5')
    const json = {
      g: { hosts: ['192.0.2.1'], vars: { on: false, fw_set: "{{ on | default('x', true) }}" } },
      _meta: { hostvars: {} },
    }
    expect(inventoryOf(JSON.stringify(json)).hosts[0]?.settings.set).toBe('x')
  })

  it('leaves the braces of an !unsafe value alone, also where another value names it', () => {
    const yaml =
      'all: {vars: {other: sesame, odd: !unsafe "{{ other }}", list: [!unsafe "{{ other }}"], fw_set: "SET"}, hosts: {192.0.2.1: }}'
    for (const set of ['{{ odd }}', '{{ list[0] }}', '{{ none | default(odd) }}']) {
      expect(problemsOf(yaml.replace('SET', set))[0], set).toContain('"{{ other }}" is not')
    }
  })

  it('takes variables of the command line first', () => {
    expect(setOf('{{ name }}', 'name=given')).toBe('given')
  })

  it('may give a list', () => {
    const inventory = inventoryOf(
      'all: {vars: {nets: [10.1.0.0/16, 10.2.0.0/16], fw_pod_cidrs: "{{ nets }}"}, hosts: {192.0.2.1: }}',
    )
    expect(inventory.hosts[0]?.settings.podCidrs).toEqual(['10.1.0.0/16', '10.2.0.0/16'])
  })

  it('leaves a variable of Ansible out by omit', () => {
    const inventory = inventoryOf(
      'all: {vars: {ansible_user: "{{ who | default(omit) }}"}, hosts: {192.0.2.1: }}',
    )
    expect(inventory.hosts[0]?.user).toBeUndefined()
  })

  it('knows the directory of the inventory, unless the inventory defines that name itself', () => {
    const all = (more: string) =>
      `all: {vars: {ansible_ssh_private_key_file: "{{ inventory_dir }}/id"}, hosts: {192.0.2.1: {${more}}}}`
    expect(inventoryOf(all('')).hosts[0]?.privateKeyFile).toBe(resolve('id'))
    expect(problemsOf(all('inventory_dir: /x'))[0]).toContain(
      'uses inventory_dir, whose value only Ansible knows',
    )
  })

  it('takes names of Jinja and roles from the inventory where that defines them, but never a magic one', () => {
    const yaml = 'all: {vars: {NAME: mine, fw_set: "{{ NAME }}"}, hosts: {192.0.2.1: }}'
    for (const name of ['q', 'range', 'role_path']) {
      expect(inventoryOf(yaml.replaceAll('NAME', name)).hosts[0]?.settings.set).toBe('mine')
    }
    for (const name of ['playbook_dir', 'environment', 'play_hosts', 'role_names']) {
      expect(problemsOf(yaml.replaceAll('NAME', name))[0]).toContain(`uses ${name}, whose value`)
    }
  })

  it('gives each host its own value', () => {
    const inventory = inventoryOf(
      'all: {vars: {ip: "{{ inner }}"}, hosts: {192.0.2.1: {inner: 10.0.0.1}, 192.0.2.2: {inner: 10.0.0.2}}}',
    )
    expect(inventory.hosts.map(({ settings }) => settings.addresses[0])).toEqual([
      ...['10.0.0.1', '10.0.0.2'],
    ])
  })

  it.each([
    ['{{ nothing }}', 'uses the variable nothing, which the inventory does not define for n1'],
    ['{{ me }}', 'uses itself, or too many other variables'],
    [
      '{{ ansible_eth1.ipv4.address | default(name) }}',
      'uses the variable ansible_eth1, which the inventory does not define for n1',
    ],
    ['{{ secret }}', 'uses the variable secret, which is encrypted with ansible-vault'],
    ['{{ name | upper }}', 'has a template that fw-run does not evaluate'],
    ["{{ lookup('env', 'HOME') }}", 'has a template that fw-run does not evaluate'],
    ['{{ name ~ n }}', 'has a template that fw-run does not evaluate'],
    ['{% if name %}x{% endif %}', 'has a template that fw-run does not evaluate'],
    ['{{ name', 'has a template that fw-run does not evaluate'],
    ['{{ map.none }}', 'uses the key or index "none", which does not exist'],
    ['{{ list[5] }}', 'uses the key or index "5", which does not exist'],
    ['{{ map.constructor }}', 'uses the key or index "constructor", which does not exist'],
    ["{{ hostvars['n9'].own }}", 'names host "n9", which does not exist'],
    ["{{ groups['none'][0] }}", 'uses the group "none", which does not exist'],
    ["{{ name[0] | default('q') }}", 'uses the key or index "0" of a text or number'],
    ['{{ n.x }}', 'uses the key or index "x" of a text or number'],
    [
      'x{{ list }}',
      'has a template inside a text, and the value of that template is a list, a mapping or empty',
    ],
    ['{{ hostvars }}', 'has a template that fw-run does not evaluate'],
    ["{{ vars['name'] | default('x') }}", 'has a template that fw-run does not evaluate'],
    ["{{ playbook_dir | default('x') }}", 'uses playbook_dir, whose value only Ansible knows'],
    ["{{ environment.USER | default('x') }}", 'uses environment, whose value only'],
    ["{{ inventory_file | default('x') }}", 'uses inventory_file, whose value only'],
    ["{{ role_path | default('x') }}", 'uses the variable role_path, which the inventory does not'],
    ["{{ q | default('x') }}", 'uses the variable q, which the inventory does not define for n1'],
  ])('is refused at its place: %s', (template, words) => {
    const [line, ...more] = problemsOf(text(template))
    expect(more).toEqual([])
    expect(line).toMatch(/^inventory\.yaml:5:\d+: fw_set: /)
    expect(line).toContain(words)
  })

  it('is checked like a plain value', () => {
    expect(problemsOf(text('{{ name }} {{ n }}'))).toEqual([
      expect.stringMatching(/^inventory\.yaml:5:\d+: fw_set: "web 7" is not an ipset name/),
    ])
  })

  it('never shows a password', () => {
    const all =
      'all: {vars: {word: sesame, ansible_password: "{{ sesame }}"}, hosts: {192.0.2.1: }}'
    expect(problemsOf(all)).toEqual([
      expect.stringMatching(
        /^inventory\.yaml:1:\d+: ansible_password: has a template that fw-run cannot evaluate$/,
      ),
    ])
  })

  it('that grows without end is refused soon', () => {
    const vars = Array.from({ length: 18 }, (_, n) => `v${n}: "{{ v${n + 1} }}{{ v${n + 1} }}"`)
    const all = `all: {vars: {${vars.join(', ')}, v18: x, fw_set: "{{ v0 }}"}, hosts: {192.0.2.1: }}`
    expect(problemsOf(all)[0]).toContain('uses itself, or too many other variables')
  })
})
