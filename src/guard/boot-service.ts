import { bootMark, bootProgram, bootService } from '../agent/names.ts'
import type { ServiceManager } from '../facts/boot-files.ts'

/** Where the service of our boot files lies. */
export function servicePath(manager: ServiceManager): string {
  return manager === 'systemd'
    ? `/etc/systemd/system/${bootService}.service`
    : `/etc/init.d/${bootService}`
}

/** What both boot files say of themselves. */
export const bootHeading = `# ${bootMark}. \`fw-run apply\` replaces this file, and \`fw-run remove\` deletes it.`

/**
 * The service that runs the program of our boot files: before the network and before anything that starts pods. Nothing
 * needs it, and it ends within a minute, so no node boots worse for it. Without the program it does nothing.
 */
export function serviceText(manager: ServiceManager): string {
  switch (manager) {
    case 'systemd':
      return unit
    case 'openrc':
      return openrcScript
    case 'sysv':
      return sysvScript
  }
}

const about = 'fw-run: machines outside the cluster do not reach pods through this node'

/** They restore rules, or flush those of others, when they start. */
const firewalls = [
  'nftables',
  'iptables',
  'ip6tables',
  'ipset',
  'netfilter-persistent',
  'ufw',
  'firewalld',
]

/** They start pods. */
const runtimes = [
  ...['kubelet', 'containerd', 'crio', 'cri-docker', 'docker', 'k3s', 'k3s-agent'],
  ...['rke2-server', 'rke2-agent', 'k0scontroller', 'k0sworker', 'snap.microk8s.daemon-kubelite'],
]

/** Their start, restart or reload takes rules away, ours perhaps as well. So ours come back with them. */
const flushing = ['nftables', 'iptables', 'ip6tables', 'netfilter-persistent']

function units(names: readonly string[]): string {
  return names.map((name) => `${name}.service`).join(' ')
}

const unit = `${bootHeading}
[Unit]
Description=${about}
DefaultDependencies=no
After=local-fs.target systemd-modules-load.service systemd-sysctl.service ${units(firewalls)}
Wants=network-pre.target
Before=network-pre.target shutdown.target ${units(runtimes)}
Conflicts=shutdown.target
PartOf=${units(flushing)}
ReloadPropagatedFrom=${units(flushing)}
ConditionPathExists=${bootProgram}
[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=60
ExecStart=/bin/sh ${bootProgram}
ExecReload=/bin/sh ${bootProgram}
[Install]
WantedBy=multi-user.target ${units(flushing)}`

const openrcScript = `#!/sbin/openrc-run
${bootHeading}
description="${about}"
extra_started_commands="reload"
depend() {
  need localmount
  after modules sysctl ${firewalls.join(' ')}
  before net ${runtimes.join(' ')}
}
start() {
  [ -e ${bootProgram} ] || return 0
  ebegin "Guarding pods"
  /bin/sh ${bootProgram}
  eend $?
}
reload() {
  start
}`

const sysvScript = `#!/bin/sh
${bootHeading}
# chkconfig: 2345 09 91
### BEGIN INIT INFO
# Provides: ${bootService}
# Required-Start: $local_fs
# Required-Stop:
# Should-Start: ${firewalls.join(' ')}
# X-Start-Before: $network ${runtimes.join(' ')}
# Default-Start: S
# Default-Stop:
# Short-Description: ${about}
### END INIT INFO
case $1 in
  start | restart | reload | force-reload) [ ! -e ${bootProgram} ] || exec /bin/sh ${bootProgram} ;;
  stop | status) ;;
  *)
    echo "Usage: $0 start|stop|restart|reload|status" >&2
    exit 2
    ;;
esac`
