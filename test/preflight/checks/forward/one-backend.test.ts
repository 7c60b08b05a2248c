import { describe, expect, it } from 'vitest'
import { exactSet, forward, hostState } from '../../../plan/host-state.ts'
import { resultOf, subject } from '../../subject.ts'

const masqueraded = '-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT'
const nat = (rule: string): string =>
  `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT`
const mangle = (rule: string): string =>
  `*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT`
const hostPort = `*nat
:PREROUTING ACCEPT [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A CNI-HOSTPORT-DNAT -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.42.1.10:80
COMMIT`
const chain = (table: string, name: string): string =>
  `*${table}\n:${name} - [0:0]\n-A ${name} -j RETURN\nCOMMIT`
const docker = `*filter
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
COMMIT`

/** What is found where these rules are in the other backend. */
function result(other: string, published?: 'allow' | 'block') {
  return resultOf(
    'one-backend',
    subject({
      state: hostState([masqueraded, ...forward()], exactSet),
      texts: { 'other-rules': other },
      intent: { published },
    }),
  )
}

describe('oneBackend', () => {
  it.each([
    ['services in nat', chain('nat', 'KUBE-SERVICES'), 'KUBE-SERVICES'],
    ['Calico in nat', chain('nat', 'cali-PREROUTING'), 'cali-PREROUTING'],
    ['Calico in raw', chain('raw', 'cali-PREROUTING'), 'cali-PREROUTING'],
    ['a mark of all but a node', mangle('! -s 192.0.2.12/32 -j MARK --set-xmark 0x4000'), '0x4000'],
    ['a mark of kube-proxy', mangle('-j MARK --set-xmark 0x4000/0x4000'), '0x4000'],
    [
      'a mark that a connection had',
      mangle('-j CONNMARK --restore-mark\n-A PREROUTING -j CONNMARK --set-xmark 0x4000'),
      'restore-mark',
    ],
    ['a hostPort', hostPort, '--dport 8080'],
    [
      'a port of one address',
      nat('-d 192.0.2.11/32 -p tcp -j DNAT --to-destination 172.17.0.3'),
      '172.17.0.3',
    ],
    ['a port of docker', nat('-p tcp -j DNAT --to-destination 172.17.0.2:80'), '172.17.0.2'],
  ])('fails of %s in the other', (_, other, reason) => {
    expect(result(other)).toMatchObject({ kind: 'fail', reason: expect.stringContaining(reason) })
  })

  it('names one chain of the cluster as one, and says that there are more only where there are', () => {
    const chains = (count: number) =>
      resultOf(
        'one-backend',
        subject({
          state: hostState(['-A FORWARD -j ACCEPT'], exactSet),
          texts: {
            'other-rules': Array.from({ length: count }, (_, at) => chain('nat', `KUBE-SVC-${at}`))
              .join('\n')
              .replaceAll('COMMIT\n*nat\n', ''),
          },
        }),
      )
    const reason = (words: string) => ({ reason: expect.stringContaining(words) })
    expect(chains(1)).toMatchObject(reason(': KUBE-SVC-0 is in the nf_tables backend'))
    expect(chains(3)).toMatchObject(reason('KUBE-SVC-1, KUBE-SVC-2 are in the nf_tables'))
    expect(chains(4)).toMatchObject(reason('KUBE-SVC-1, KUBE-SVC-2, … are in the nf_tables'))
  })

  it('warns of rules or a policy that drop there', () => {
    expect(result(docker)).toMatchObject({
      kind: 'warn',
      reason: expect.stringContaining('policy DROP, -A FORWARD -j DOCKER-USER'),
    })
    expect(result('*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j DROP\nCOMMIT').kind).toBe('warn')
  })

  it.each([
    ['chains that only kubelet looks for', '*mangle\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT'],
    ['chains that are empty', '*nat\n:KUBE-MARK-MASQ - [0:0]\n:cali-PREROUTING - [0:0]\nCOMMIT'],
    ['a mark restored where nobody sets any', mangle('-j CONNMARK --restore-mark')],
    ['a mark of a node', mangle('-s 192.0.2.12/32 -j MARK --set-xmark 0x4000/0x4000')],
    ['a port of the host itself', nat('-p tcp --dport 80 -j REDIRECT --to-ports 8080')],
    ['what is for loopback', nat('-d 127.0.0.1/32 -p tcp -j DNAT --to-destination 10.42.1.10')],
    ['what comes in elsewhere', nat('-i virbr0 -p tcp -j DNAT --to-destination 10.42.1.10')],
    ['a mark that no rule asks for', mangle('-j MARK --set-xmark 0xffffbfff/0xffffbfff')],
    ['a mark by another interface', mangle('-i wt0 -j MARK --set-xmark 0x4000/0x4000')],
    ['chains that nothing leads to', '*filter\n:FORWARD ACCEPT [0:0]\n:DOCKER - [0:0]\nCOMMIT'],
    ['masquerading', '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT'],
  ])('passes %s', (_, other) => {
    expect(result(other)).toEqual({ kind: 'pass' })
  })

  it.each(['allow', 'block'] as const)('passes a hostPort that was decided: %s', (published) => {
    expect(result(hostPort, published)).toEqual({ kind: 'pass' })
  })
})
