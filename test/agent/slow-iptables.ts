import type { Host } from './host-in-namespace.ts'

/** Makes iptables wait before it does what this option asks, or anything. Its process is found by the time it waits, in seconds. */
export function slow(host: Host, option: '-I' | '-D' | '', seconds: string): void {
  host.run(`rm -f /usr/local/sbin/iptables
    printf '%s\\n' '#!/bin/sh' 'case $* in *${option}*) sleep ${seconds} ;; esac' 'exec /usr/sbin/iptables-legacy "$@"' >/usr/local/sbin/iptables
    chmod +x /usr/local/sbin/iptables`)
}

/** Makes iptables as it was. */
export function quick(host: Host): void {
  host.run('ln -sf /usr/sbin/iptables-legacy /usr/local/sbin/iptables')
}

/** The processes of a slow iptables of this host. */
export function sleeping(host: Host, seconds: string): string {
  return host.run(`pgrep --ns $$ --nslist net -fx 'sleep ${seconds}' || :`)
}
