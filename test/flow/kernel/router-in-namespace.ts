import { spawn } from 'node:child_process'
import { Writable } from 'node:stream'
import { captured, captureHead } from './frames.ts'
import { bridgePorts, interfaces } from './landscape.ts'

/** A router in a network namespace of its own, with real legacy iptables, and a wire to put frames on. */
export interface Router {
  /** Runs a script there and gives back all it says; throws if it fails. */
  run(script: string): Promise<string>
  /** Puts frames on the wire, in order. They arrive some time after. */
  send(frames: readonly Buffer[]): void
  stop(): void
}

/** Starts a router with tables to begin with. It vanishes with `stop` or with this process. */
export async function startRouter(tables: string): Promise<Router> {
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
  await run(`iptables-legacy-restore <<'END'\n${tables}\nEND`)
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

/**
 * What the command nfacct would do, which the lab does not have: makes the object `seen` by a message of netlink
 * (linux/netfilter/nfnetlink_acct.h, NFNL_MSG_ACCT_NEW).
 */
const makeAccount = `
    socket(my $socket, 16, 3, 12) or die $!;
    my $body = pack("CCn SS a8", 0, 0, 0, 9, 1, "seen");
    my $head = pack("LSSLL", 16 + length $body, 7 << 8, 0x605, 1, 0);
    send($socket, $head . $body, 0, pack("SSLL", 16, 0, 0, 0)) or die $!;
    recv($socket, my $answer, 4096, 0);
    die "no nfacct" if unpack("x16 l", $answer)`

/** An interface that gets what its peer puts on the wire. They are all of one kind, so that frames keep their order. */
function branchOff(name: string, mac: string, peer: string): string {
  return `ip link add link trunk name ${name} address ${mac} mtu 65535 type macvlan mode source
  ip link set ${name} type macvlan macaddr add ${peer}`
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
    ({ name, mac, network, peer }) => `
  ${peer ? branchOff(name, mac, peer) : `ip link add ${name} address ${mac} type bridge mcast_snooping 0`}
  ip link set ${name} up
  ip addr add ${network}.0.1/24 broadcast + dev ${name}
  ip neigh add ${network}.0.2 lladdr 02:00:00:00:ff:ff dev ${name} nud permanent
  ip route add ${network}.0.0/16 via ${network}.0.2`,
  )
  .join('\n')}
${bridgePorts
  .map(
    ({ name, mac, peer }) => `
  ${branchOff(name, mac, peer)}
  ip link set ${name} arp off master br0 up
  ip link set ${name} type bridge_slave learning off`,
  )
  .join('\n')}
  echo 1 >bridge/bridge-nf-call-iptables
  ip route add default via 10.3.0.2
  ip route add unreachable 10.6.0.0/16
  perl -e '${makeAccount}'
  echo 1 >ipv4/ip_forward
  echo 1 >netfilter/nf_conntrack_tcp_be_liberal
  # On a busy machine, seconds may pass between the packets of a connection.
  for timeout in netfilter/nf_conntrack_*timeout*; do echo 600 >$timeout; done
`
