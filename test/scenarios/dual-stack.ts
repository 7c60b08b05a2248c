import type { Lab } from '../lab/lab.ts'

/** The IPv6 address of host number `index`, from 1, after `addIpv6`. */
export function address6(index: number): string {
  return `fd00:64::${index + 10}`
}

/** The IPv6 address of the pod behind host number `index`. */
export function pod6(index: number): string {
  return `fd42:0:0:${index}::10`
}

/** The network of all these pods. */
export const pods6 = 'fd42::/56'

/** Gives IPv6 to hosts, pods and outsider. Pods reach pods of other hosts bare; the outsider routes pods to their hosts. */
export async function addIpv6(lab: Lab): Promise<void> {
  const indexes = lab.hosts.map((_, at) => at + 1)
  const prefix = (index: number): string => `fd42:0:0:${index}::/64`
  for (const [at, host] of lab.hosts.entries()) {
    const index = at + 1
    const others = indexes.filter((one) => one !== index)
    await must(host, [
      'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
      `ip -6 addr add ${address6(index)}/64 dev ens18 nodad`,
      // As every real host has it: a router asks for neighbours by it.
      `ip -6 addr add fe80::64:${index}/64 dev ens18 nodad`,
      'ip -6 addr add fe80::1/64 dev cali0123456789a nodad',
      `ip -6 route add ${pod6(index)} dev cali0123456789a`,
      ...others.map((one) => `ip -6 route add ${prefix(one)} via ${address6(one)}`),
    ])
    await must(host.pod, [
      `ip -6 addr add ${pod6(index)}/128 dev eth0 nodad`,
      'ip -6 addr add fe80::2/64 dev eth0 nodad',
      'ip -6 route add default via fe80::1 dev eth0',
    ])
  }
  await must(lab.outsider, [
    'ip -6 addr add fd00:64::200/64 dev eth0 nodad',
    'ip -6 addr add fe80::64:200/64 dev eth0 nodad',
    ...indexes.map((index) => `ip -6 route add ${prefix(index)} via ${address6(index)}`),
  ])
}

async function must(place: Pick<Lab['outsider'], 'name' | 'run'>, commands: readonly string[]) {
  const { code, stderr } = await place.run(commands.join(' && '))
  if (code !== 0) throw new Error(`${place.name}: no IPv6: ${stderr}`)
}
