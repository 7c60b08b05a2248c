import { readFileSync, rmSync } from 'node:fs'
import type { Inside } from './inside.ts'
import { type Place, placeAt } from './place.ts'
import type { PlannedHost } from './spec.ts'

/** How a tool of one host fails. */
export type Breakage = {
  /** From which matching call on, default the first. */
  readonly fromCall?: number
  /** Extended regular expression that the joined arguments must match, default any. */
  readonly whenArgs?: string
  /** Exit code, default 1. */
  readonly code?: number
  /** What it says on stderr, default nothing. */
  readonly message?: string
}

/** One real host: what it is, and what can be asked of it or done to it. */
export type LabHost = Place & {
  readonly spec: PlannedHost
  /** The user that the lab's key opens: `ops` or `root`. */
  readonly user: string
  /** The pod behind it. */
  readonly pod: Place
  /** The filter table as `iptables-save` prints it, without counters and comment lines. */
  filterRules(): Promise<string>
  /** `ipset save`, without what is random in it. */
  sets(): Promise<string>
  /** SSH connections accepted so far. */
  sshConnections(): Promise<number>
  /** Calls of sudo so far, refused ones included. */
  sudoCalls(): Promise<number>
  /** Stops all its sshd processes with SIGSTOP: the link is up, and nothing answers. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Kills its listening sshd and every session, and nothing else; new connections are refused. */
  killSshd(): Promise<void>
  /** Starts a listening sshd unless there is one; resolves when it listens. */
  startSshd(): Promise<void>
  /** Resets every SSH connection that is open to it: both ends learn of it at once. */
  resetConnections(): Promise<void>
  /** Power off: its link goes silent and every process in it is killed. For good. */
  stop(): Promise<void>
  linkDown(): Promise<void>
  linkUp(): Promise<void>
  /** Makes a tool fail, until `mendTools`. */
  breakTool(name: string, breakage?: Breakage): Promise<void>
  /** Makes a tool take its time, in seconds, and then do its work, until `mendTools`. */
  slowTool(name: string, seconds: number, whenArgs?: string): Promise<void>
  /** Makes a tool wait for `mendTools`, and then do its work. */
  holdTool(name: string, whenArgs?: string): Promise<void>
  /** Takes a tool out of every directory of PATH, until `mendTools`. */
  removeTool(name: string): Promise<void>
  mendTools(): Promise<void>
  /** Holds the lock that iptables-legacy takes; resolves when it is held. */
  holdXtablesLock(seconds: number): Promise<void>
  /** Leaves no free byte on /run. */
  fillRun(): Promise<void>
  emptyRun(): Promise<void>
}

/** A shell condition, asked of all processes of a host: sshd takes this name once its port is open. */
const sshdListens = String.raw`pgrep -f '^sshd: .*\[listener\]' >/dev/null`

/** The host that cluster.sh brought up for `spec`: the ways into the jump host, the host, and the pod behind it. */
export function hostAt(jump: Inside, host: Inside, behind: Inside, spec: PlannedHost): LabHost {
  const place = placeAt(host, spec.name, spec.address)
  const pod = placeAt(behind, `pod${spec.index}`, spec.podAddress)

  const must = async (argv: readonly string[], inside = host): Promise<string> => {
    const answer = await inside.run(argv)
    if (answer.code !== 0) {
      throw new Error(
        `${spec.name}: '${argv.join(' ')}' ended with ${answer.code}: ${answer.stderr}`,
      )
    }
    return answer.stdout
  }
  const mustRun = (command: string): Promise<string> => must(['sh', '-c', command])
  const breakTool = (...words: readonly string[]): Promise<string> =>
    must(['sh', '/usr/lib/lab/break-tool.sh', ...words])
  const link = async (state: 'up' | 'down'): Promise<void> =>
    void (await must(['ip', 'link', 'set', `wire${spec.index}`, state], jump))
  const count = (text: string, log: string): number =>
    readFileSync(host.path(log), 'utf8').split(text).length - 1

  return {
    ...place,
    spec,
    user: spec.login === 'root' ? 'root' : 'ops',
    pod,
    filterRules: async () =>
      (await must(['iptables-save', '-t', 'filter']))
        .replace(/^#.*\n/gm, '')
        .replace(/^(:\S+ \S+) \[\d+:\d+\]$/gm, '$1'),
    sets: async () =>
      (await must(['ipset', 'save'])).replace(/ (bucketsize \d+|initval 0x[0-9a-f]+)/g, ''),
    sshConnections: async () => count('Connection from ', '/var/log/sshd.log'),
    sudoCalls: async () => count(' COMMAND=', '/var/log/sudo.log'),
    freeze: async () => void (await must(['pkill', '-STOP', '-x', 'sshd'])),
    thaw: async () => void (await must(['pkill', '-CONT', '-x', 'sshd'])),
    killSshd: async () =>
      void (await mustRun(
        `pkill -KILL -x sshd || [ $? -eq 1 ]
         while ${sshdListens}; do sleep 0.01; done`,
      )),
    startSshd: async () =>
      void (await mustRun(
        `started=
         set --
         while read -r word; do set -- "$@" "$word"; done </usr/lib/lab/sshd.arguments
         until ${sshdListens}; do
           # The one that was killed may hold the port for another moment.
           if [ -z "$started" ] || ! kill -0 "$started" 2>/dev/null; then
             setsid /usr/sbin/sshd "$@" </dev/null >/dev/null 2>&1 &
             started=$!
           fi
           sleep 0.02
         done`,
      )),
    // ss ends with 0 even where the kernel refuses single sockets.
    resetConnections: async () =>
      void (await mustRun(`ss -K state established sport = :${spec.sshPort} 2>/dev/null`)),
    stop: async () => {
      await link('down')
      const kill = `read -r pid </dev/shm/hosts/${spec.name}/pid && kill -KILL "$pid"`
      await must(['sh', '-c', kill], jump)
    },
    linkDown: () => link('down'),
    linkUp: () => link('up'),
    breakTool: async (name, breakage = {}) => {
      const { fromCall = 1, whenArgs = '', code = 1, message = '' } = breakage
      await breakTool(name, 'fail', String(fromCall), whenArgs, String(code), message)
    },
    slowTool: async (name, seconds, whenArgs = '') => {
      await breakTool(name, 'slow', '1', whenArgs, String(seconds), '')
    },
    holdTool: async (name, whenArgs = '') => {
      await breakTool(name, 'hold', '1', whenArgs, '', '')
    },
    removeTool: async (name) => void (await breakTool(name, 'remove')),
    mendTools: async () => void (await must(['sh', '/usr/lib/lab/mend-tools.sh'])),
    holdXtablesLock: async (seconds) =>
      void (await mustRun(
        `setsid flock /run/xtables.lock sleep ${seconds} </dev/null >/dev/null 2>&1 &
         while flock -n /run/xtables.lock true; do sleep 0.01; done`,
      )),
    fillRun: async () =>
      void (await mustRun(
        'dd if=/dev/zero of=/run/.filled bs=4k 2>/dev/null; test -s /run/.filled',
      )),
    emptyRun: async () => rmSync(host.path('/run/.filled'), { force: true }),
  }
}
