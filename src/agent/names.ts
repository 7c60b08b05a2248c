/** The set in which the agent keeps the old members until commit. Between runs there is none. */
export const asideSet = 'fw-run-aside'

/** How the comment begins of a copy that covers our rule while it moves. Such a copy is never kept. */
export const movingMark = 'fw-run-moving'

/** The table of nft that is the guard of kind nft: its family and name. */
export const guardTable = 'inet fw_run'

/** While this file is there, our table may stand, also if nft is not there to show it. It goes with a reboot, as the table. */
export const tableNote = '/run/fw-run.table'

/** The chain of iptables that is the guard of kind mangle, in mangle PREROUTING of either family. */
export const guardChain = 'FW-RUN'

/** The chain that stands in for ours while ours is refilled. Between runs there is none. */
export const asideChain = 'FW-RUN-aside'

/** The set in which the agent keeps the old members of IPv6 until commit. */
export const asideSet6 = 'fw-run-aside6'

/** The program that brings the guard back at boot, where the inventory asks for that. */
export const bootProgram = '/etc/fw-run/guard.sh'

/** The service that runs this program at boot: a unit of systemd, or a script in /etc/init.d. */
export const bootService = 'fw-run-guard'

/** A second unit of systemd: it runs the program again whenever a service that flushes rules starts. */
export const bootAgain = 'fw-run-guard-again'

/** What our files say in one of their first lines. A service of that name without it is another program's. */
export const bootMark = 'Written by fw-run'

/** While this file is there, the guard stands, and the program at boot leaves it alone: its service is only activated. */
export const standingFile = '/run/fw-run/lock/standing'
