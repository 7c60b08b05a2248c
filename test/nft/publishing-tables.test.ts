import { describe, expect, it } from 'vitest'
import { publishingTables } from '../../src/nft/publishing-tables.ts'

const base =
  '\tchain prerouting {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t}\n'
const table = (name: string, ...rules: readonly string[]): string =>
  `table ${name} {\n${base}\n\tchain hostports {\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}\n}\n`
/** As CRI-O makes it: the rules stay, elements come and go. A chain has the name of a map. */
const crio = (elements: string): string =>
  `table ip crio-hostports {
	map hostports {
		type inet_proto . inet_service : ipv4_addr . inet_service
		comment "hostports on all local IPs"
		${elements}
	}

	set hairpins {
		type ipv4_addr . ipv4_addr
		elements = { 10.42.1.10 . 10.42.1.10 }
	}

	chain hostports {
		dnat ip to meta l4proto . th dport map @hostports
	}

	chain masquerading {
		ct status & (snat | dnat) | snat == dnat ip saddr . ip daddr @hairpins masquerade
	}
}\n`

describe('publishingTables', () => {
  it.each([
    ['portmap', 'ip protocol tcp tcp dport 9091 dnat ip to 10.42.1.10:8080'],
    ['docker', 'tcp dport 8080 counter packets 0 bytes 0 dnat to 172.17.0.2:80 comment "DNAT"'],
    ['netavark', 'ip protocol tcp ip daddr 192.0.2.11 tcp dport 80 dnat ip to 10.88.0.2:80'],
    ['an old nft', 'dnat ip addr . port to tcp dport map { 80 : 10.42.1.10 . 8080 }'],
    ['nothing before the verdict', 'dnat to 10.42.1.10'],
  ])('names a table that publishes a port as %s does', (_, rule) => {
    expect(publishingTables(table('inet some', rule))).toEqual(['inet some'])
  })

  it.each([
    ['no rule', ''],
    ['a redirection to the host itself', 'tcp dport 80 redirect to :8080'],
    ['a rule that sends on to the loopback', 'tcp dport 80 dnat ip to 127.0.0.1:8080'],
    ['a rule of IPv6', 'tcp dport 80 dnat ip6 to [fd42::10]:8080'],
    ['what was translated before', 'ct status dnat accept'],
    ['words of a comment', 'accept comment "for what we dnat to pods"'],
  ])('passes a table over that has only %s', (_, rule) => {
    expect(publishingTables(table('inet some', rule))).toEqual([])
  })

  it('counts a map with elements only', () => {
    expect(publishingTables(crio('elements = { tcp . 80 : 10.42.1.10 . 8080 }'))).toEqual([
      'ip crio-hostports',
    ])
    expect(publishingTables(crio(''))).toEqual([])
    const direct = `${crio('')}${table('inet crio-hostports', 'dnat to 10.42.1.10')}`
    expect(publishingTables(direct)).toEqual(['inet crio-hostports'])
  })

  it('names each table by itself, and those of which only the name is told', () => {
    const rule = 'dnat to 10.42.1.10'
    expect(
      publishingTables(`${table('ip a', rule)}only ip b c\n${table('ip d')}${table('ip e', rule)}`),
    ).toEqual(['ip a', 'ip b c', 'ip e'])
    expect(publishingTables(`only ip ${'x'.repeat(1000)}`)[0]).toHaveLength(100)
    expect(publishingTables('')).toEqual([])
  })
})
