import type { Host } from './host-in-namespace.ts'

/**
 * Puts wrappers before iptables and ipset that count the calls which change something. The `at`-th call fails: `before` it
 * did anything, or `after` it was done, as when only its answer is lost. 0 breaks nothing, and logs the chain FORWARD and
 * the sets after each call. With `counted` all, calls that only read count, too. The count starts anew.
 */
export function breakAt(
  host: Host,
  at: number,
  when: 'before' | 'after' = 'before',
  counted: 'changes' | 'all' = 'changes',
): void {
  host.run(
    `[ -e /usr/local/sbin/break ] || {
       mkdir -p /run/watch
       cat >/usr/local/sbin/break <<'WRAPPER'
${wrapper}WRAPPER
       chmod +x /usr/local/sbin/break
     }
     [ "$(readlink /usr/local/sbin/iptables)" = break ] || for tool in iptables ipset; do ln -sf break /usr/local/sbin/$tool; done
     echo ${at} ${when} ${counted} >/run/watch/plan
     echo 0 >/run/watch/count`,
  )
}

const wrapper = `#!/bin/sh
case $0 in */iptables) real=/usr/sbin/iptables-legacy ;; *) real=/usr/sbin/ipset ;; esac
read -r at when counted </run/watch/plan
case " $* " in
  *' -I '* | *' -D '* | ' swap '* | ' rename '* | ' restore '* | ' destroy '* | ' create '* | ' flush '* | ' add '* | ' del '*) ;;
  *) if [ $counted = changes ] || [ "$*" = -V ]; then exec $real "$@"; fi ;;
esac
read -r count </run/watch/count
count=$((count + 1))
echo $count >/run/watch/count
if [ $count = $at ] && [ $when = before ]; then echo 'broken for the test' >&2; exit 4; fi
[ $at = 0 ] || [ $count = $at ] || exec $real "$@"
$real "$@"
code=$?
if [ $count = $at ]; then echo 'broken for the test' >&2; exit 4; fi
{ /usr/sbin/iptables-legacy -S FORWARD; /usr/sbin/ipset save; } >/run/watch/after.$count
exit $code
`

/** Takes the wrappers away. */
export function mendTools(host: Host): void {
  host.run('rm -f /usr/local/sbin/ipset; ln -sf /usr/sbin/iptables-legacy /usr/local/sbin/iptables')
}

/** How many calls have changed something since `breakAt`. */
export function callsMade(host: Host): number {
  return Number(host.run('cat /run/watch/count'))
}

/** What the firewall was after each of those calls, in order, if they were logged. */
export function firewallAfterEach(host: Host): readonly string[] {
  return Array.from({ length: callsMade(host) }, (_, i) =>
    host.run(`cat /run/watch/after.${i + 1} 2>/dev/null || :`),
  ).filter(Boolean)
}
