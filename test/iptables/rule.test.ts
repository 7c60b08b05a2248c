import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { makeRule, matchOption, parseRule, type Rule } from '../../src/iptables/rule.ts'
import { joinWords } from '../../src/iptables/words.ts'
import { randomRuleset } from '../flow/kernel/random-ruleset.ts'
import { makeRandom } from '../random.ts'

const folder = new URL('fixtures/', import.meta.url)
const fixtures = readdirSync(folder).map((name) => ({
  name,
  lines: readFileSync(new URL(name, folder), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('-A ')),
}))

function parsed(line: string): Rule {
  const rule = parseRule(line)
  if (!rule) throw new Error(`no rule: ${line}`)
  return rule
}

/** What of a rule can be told without its raw line. */
function shape(line: string) {
  const { matches, target } = parsed(line)
  return { matches, target }
}

describe('parseRule', () => {
  it.each(fixtures)('gives every line of $name back letter for letter', ({ lines }) => {
    expect(lines.length).toBeGreaterThan(5)
    for (const line of lines) {
      const rule = parsed(line)
      expect(rule.raw).toBe(line)
      const words = ['-A', rule.chain, ...rule.words]
      expect(joinWords(words)).toBe(line)
    }
  })

  it.each(fixtures)('leaves no condition and no target of $name out', ({ lines }) => {
    for (const line of lines) {
      const { matches, target } = parsed(line)
      const options = matches.flatMap((match) => (match.kind === 'module' ? match.options : []))
      const seen = matches.length + options.length + (target ? 1 + target.options.length : 0)
      const flags = line.replace(/"[^"]*"/g, '""').match(/ --?[a-z][a-z-]*/gi) ?? []
      expect(seen, line).toBe(flags.length)
    }
  })

  it('takes counters off, exactly', () => {
    const rule = parsed('[18446744073709551615:9007199254740993] -A FORWARD -j ACCEPT')
    expect(rule.counters).toEqual({ packets: 18446744073709551615n, bytes: 9007199254740993n })
    expect(rule.raw).toBe('-A FORWARD -j ACCEPT')
  })

  it('reads our own rule', () => {
    expect(
      shape(
        '-A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable',
      ),
    ).toEqual({
      matches: [
        { kind: 'in', interface: 'ens18', negated: false },
        {
          kind: 'module',
          module: 'set',
          options: [{ name: 'match-set', negated: true, values: ['cluster_nodes', 'src'] }],
        },
      ],
      target: {
        kind: 'jump',
        name: 'REJECT',
        options: [{ name: 'reject-with', negated: false, values: ['icmp-port-unreachable'] }],
      },
    })
  })

  it.each([
    ['-A X ! -s 10.0.0.0/8 -j DROP', '-A X -s ! 10.0.0.0/8 -j DROP'],
    ['-A X ! -i eth0 ! -o eth1 -j DROP', '-A X -i ! eth0 -o ! eth1 -j DROP'],
    ['-A X -m set ! --match-set a src', '-A X -m set --match-set ! a src'],
    ['-A X ! -p tcp -j DROP', '-A X -p ! tcp -j DROP'],
  ])('reads ! before and, as old versions print it, after an option: %s', (before, after) => {
    expect(shape(after)).toEqual(shape(before))
    expect(JSON.stringify(shape(before))).toContain('"negated":true')
    expect(shape(before)).not.toEqual(shape(before.replaceAll('! ', '')))
  })

  it('keeps several modules of a kind apart', () => {
    const { matches } = shape(
      '-A cali-FORWARD -m comment --comment "cali:a" -m comment --comment "b c" -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL -j MASQUERADE --random-fully',
    )
    expect(matches).toEqual([
      {
        kind: 'module',
        module: 'comment',
        options: [{ name: 'comment', negated: false, values: ['cali:a'] }],
      },
      {
        kind: 'module',
        module: 'comment',
        options: [{ name: 'comment', negated: false, values: ['b c'] }],
      },
      {
        kind: 'module',
        module: 'addrtype',
        options: [
          { name: 'src-type', negated: true, values: ['LOCAL'] },
          { name: 'limit-iface-out', negated: false, values: [] },
        ],
      },
      {
        kind: 'module',
        module: 'addrtype',
        options: [{ name: 'src-type', negated: false, values: ['LOCAL'] }],
      },
    ])
  })

  it('tells goto from jump, and a rule without a target from both', () => {
    expect(shape('-A a -i cali1 -g cali-fw-1').target).toMatchObject({
      kind: 'goto',
      name: 'cali-fw-1',
    })
    expect(shape('-A a -i cali1 -j cali-fw-1').target).toMatchObject({
      kind: 'jump',
      name: 'cali-fw-1',
    })
    expect(shape('-A a -m comment --comment "cali:qOy0PqjIzZcWyIP7"').target).toBeUndefined()
  })

  it('gives the two spaces of nfacct back, as iptables prints them', () => {
    const line =
      '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP'
    expect(parsed(line).raw).toBe(line)
    expect(matchOption(parsed(line), 'nfacct', 'nfacct-name')?.values).toEqual([
      'ct_state_invalid_dropped_pkts',
    ])
  })

  it('gives a space at the end back: the line must be found again on the host', () => {
    expect(parsed('[1:2] -A FORWARD -j DROP ').raw).toBe('-A FORWARD -j DROP ')
  })

  it('does not take a comment for an option, whatever it looks like', () => {
    const rule = parsed(
      '-A a -m comment --comment "-j ACCEPT" -m comment --comment "!" -m comment --comment "--x" -j DROP',
    )
    expect(rule.target?.name).toBe('DROP')
    expect(rule.matches).toHaveLength(3)
    expect(JSON.stringify(rule.matches)).not.toContain('"negated":true')
    const options = rule.matches.flatMap((match) => (match.kind === 'module' ? match.options : []))
    expect(options.map(({ name, values }) => [name, values])).toEqual([
      ['comment', ['-j ACCEPT']],
      ['comment', ['!']],
      ['comment', ['--x']],
    ])
  })

  it.each([
    ['log-prefix', '-j LOG --log-prefix "-x "', '-x '],
    ['nflog-prefix', '-j NFLOG --nflog-prefix -x', '-x'],
    ['ulog-prefix', '-j ULOG --ulog-prefix -x', '-x'],
    ['string', '-m string --string "-x" --algo bm -j DROP', '-x'],
    ['hex-string', '-m string --hex-string "-x" --algo bm -j DROP', '-x'],
    ['ttl-gt', '-m ttl --ttl-gt -1 -j DROP', '-1'],
  ])('takes a value of %s that begins with a dash for a value', (name, text, value) => {
    const { matches, target } = parsed(`-A a ${text}`)
    const options = matches.flatMap((match) => (match.kind === 'module' ? match.options : []))
    const found = [...options, ...(target?.options ?? [])].find((option) => option.name === name)
    expect(found?.values).toEqual([value])
  })

  it.each([
    '',
    '# Warning',
    ':FORWARD ACCEPT [0:0]',
    '-N cali-FORWARD',
    '-P FORWARD DROP',
    'COMMIT',
    '-A',
  ])('takes nothing else for a rule: %j', (line) => {
    expect(parseRule(line)).toBeUndefined()
  })
})

describe('makeRule', () => {
  it('makes the rule that parsing its line would', () => {
    for (const line of fixtures.flatMap(({ lines }) => lines)) {
      const { chain, words, matches, target } = parsed(line)
      expect(makeRule(chain, words)).toMatchObject({ chain, words, matches, target, raw: line })
    }
  })
})

describe('parseRule and makeRule', () => {
  it('are each other backwards, whatever a rule is made of', () => {
    for (let seed = 1; seed <= 200; seed++) {
      for (const line of randomRuleset(makeRandom(seed)).rules) {
        const { chain, words, matches, target, raw } = parsed(line)
        expect(raw).toBe(line)
        expect(makeRule(chain, words)).toMatchObject({ chain, words, matches, target, raw: line })
        expect(matches.filter(({ kind }) => kind === 'other')).toEqual([])
      }
    }
  })
})

describe('matchOption', () => {
  it('finds an option of that module only', () => {
    const rule = parsed('-A a -m mark --mark 0x1/0x1 -m connmark ! --mark 0x2/0x2 -j ACCEPT')
    expect(matchOption(rule, 'connmark', 'mark')).toEqual({
      name: 'mark',
      negated: true,
      values: ['0x2/0x2'],
    })
    expect(matchOption(rule, 'set', 'mark')).toBeUndefined()
  })
})
