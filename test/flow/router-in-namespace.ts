import { spawn } from 'node:child_process'
import { Writable } from 'node:stream'
import { captured, captureHead } from './frames.ts'
import { interfaces, surroundings } from './landscape.ts'

/** A router in a network namespace of its own, with real legacy iptables, and a wire to put frames on. */
export interface Router {
  /** Runs a script there and gives back all it says; throws if it fails. */
  run(script: string): Promise<string>
  /** Puts frames on the wire, in order. They arrive some time after. */
  send(frames: readonly Buffer[]): void
  stop(): void
}

/** Starts a router. It vanishes with `stop` or with this process. */
export async function startRouter(): Promise<Router> {
  const shell = spawn('unshare', ['--net', '--mount', 'sh'], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  const { stdin, stdout, stdio } = shell
  const wire = stdio[3]
  if (!stdin || !stdout || !(wire instanceof Writable)) throw new Error('no pipes')
  wire.on('error', () => {})
  stdin.on('error', () => {})
  stdout.setEncoding('utf8')
  const run = (script: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let said = ''
      const hear = (chunk: string): void => {
        said += chunk
        const [, answer, code] = /^([\s\S]*)\0(\d+)\0$/.exec(said) ?? []
        if (answer === undefined) return
        stdout.off('data', hear)
        shell.off('exit', lost)
        if (code === '0') resolve(answer)
        else reject(new Error(`the router failed:\n${answer}\nat:\n${script}`))
      }
      const lost = (): void => reject(new Error('the router is gone'))
      stdout.on('data', hear)
      shell.once('exit', lost)
      stdin.write(`( set -e\n${script}\n) 2>&1 </dev/null\nprintf '\\0%s\\0' $?\n`)
    })
  await run(furnish)
  // It reads frames as they come and ends with its input, as the shell does, which waits for it.
  stdin.write('tcpreplay -q --topspeed -i wire - <&3 >/dev/null 2>&1 &\ntrap wait EXIT\n')
  wire.write(captureHead)
  return {
    run,
    send: (frames) => void (frames.length > 0 && wire.write(captured(frames))),
    stop() {
      stdin.end()
      wire.destroy()
    },
  }
}

const furnish = `
  export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
  mount -t tmpfs none /run
  cd /proc/sys/net
  for d in all default; do
    echo 1 >ipv6/conf/$d/disable_ipv6
    echo 0 >ipv4/conf/$d/rp_filter
    echo 1 >ipv4/conf/$d/accept_local
    echo 0 >ipv4/conf/$d/send_redirects
  done
  ip link set lo up
  ip link add trunk mtu 65535 type veth peer name wire mtu 65535
  ip link set trunk arp off up
  ip link set wire arp off up
${interfaces
  .map(
    ({ name, mac, network }) => `
  ip link add link trunk name ${name} address ${mac} mtu 65535 type macvlan mode private
  ip link set ${name} up
  ip addr add ${network}.0.1/24 broadcast + dev ${name}
  ip neigh add ${network}.0.2 lladdr 02:00:00:00:ff:ff dev ${name} nud permanent
  ip route add ${network}.0.0/16 via ${network}.0.2`,
  )
  .join('\n')}
  ip route add default via 10.3.0.2
  echo 1 >ipv4/ip_forward
  iptables-legacy-restore <<'END'
${surroundings}
END
  echo 1 >netfilter/nf_conntrack_tcp_be_liberal
`
