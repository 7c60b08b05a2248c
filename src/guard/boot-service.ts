import { firewallServices, flushingServices, podServices } from '../agent/boot-order.ts'
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

function units(names: readonly string[]): string {
  return names.map((name) => `${name}.service`).join(' ')
}

/**
 * It stays active, so that it hears of reloads. For the same reason systemd does not start it again with a service that starts or
 * restarts: the agent writes a second unit for that (`bootAgain`).
 */
const unit = `${bootHeading}
[Unit]
Description=${about}
DefaultDependencies=no
After=local-fs.target systemd-modules-load.service systemd-sysctl.service ${units(firewallServices)}
Wants=network-pre.target
Before=network-pre.target shutdown.target ${units(podServices)}
Conflicts=shutdown.target
ReloadPropagatedFrom=${units(flushingServices)}
ConditionPathExists=${bootProgram}
[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=60
TimeoutStopSec=5
ExecStart=/bin/sh ${bootProgram}
ExecReload=/bin/sh ${bootProgram}
[Install]
WantedBy=multi-user.target`

/** These managers have no time limit of their own. Old versions of busybox want -t before the seconds. */
const timed = `timed() {
  if timeout 5 true 2>/dev/null; then
    timeout 60 "$@"
  elif timeout -t 5 true 2>/dev/null; then
    timeout -t 60 "$@"
  else
    "$@"
  fi
}`

/** On Debian and Devuan, OpenRC has no service localmount: what needs it would never start. */
const openrcScript = `#!/sbin/openrc-run
${bootHeading}
description="${about}"
extra_started_commands="reload"
depend() {
  use localmount
  after modules sysctl ${firewallServices.join(' ')}
  before net ${podServices.join(' ')}
}
${timed}
start() {
  [ -e ${bootProgram} ] || return 0
  ebegin "Guarding pods"
  timed /bin/sh ${bootProgram}
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
# Should-Start: ${firewallServices.join(' ')}
# X-Start-Before: $network ${podServices.join(' ')}
# Default-Start: S
# Default-Stop:
# Short-Description: ${about}
### END INIT INFO
${timed}
case $1 in
  start | restart | reload | force-reload) [ ! -e ${bootProgram} ] || timed /bin/sh ${bootProgram} ;;
  stop | status) ;;
  *)
    echo "Usage: $0 start|stop|restart|reload|status" >&2
    exit 2
    ;;
esac`
