import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Entrance } from './inside.ts'
import type { PlannedHost } from './spec.ts'

/** The jump host's HOME; it exists inside the lab only. */
export const HOME = '/dev/shm/jump'

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** The ways into a lab. */
export type Entrances = {
  readonly jump: Entrance
  readonly outsider: Entrance
  host(spec: PlannedHost): Entrance
  /** The pod behind a host: its packets, and the jump host's files. */
  pod(spec: PlannedHost): Entrance
}

/** The ways into the lab whose namespaces `pid` made, an unshare(1) that forked. */
export function entrancesOf(pid: number): Entrances {
  const namespaces = `/proc/${pid}/ns`
  const root = `/proc/${pid}/root`
  const jump: Entrance = {
    net: `${namespaces}/net`,
    namespaces,
    pid: `${namespaces}/pid_for_children`,
    root,
    directory: HOME,
    env: jumpEnvironment(),
  }
  const behind = (name: string): Entrance => ({ ...jump, net: `${root}/run/netns/${name}` })
  return {
    jump,
    outsider: behind('outsider'),
    host: ({ name }) => {
      const first = readFileSync(`${root}/dev/shm/hosts/${name}/pid`, 'utf8').trim()
      const process = `${root}/proc/${first}`
      return {
        net: `${process}/ns/net`,
        namespaces: `${process}/ns`,
        root: `${process}/root`,
        directory: '/',
        env: hostEnvironment(),
      }
    },
    pod: ({ index }) => behind(`pod${index}`),
  }
}

function jumpEnvironment(): Readonly<Record<string, string>> {
  return {
    PATH: ['/run/layers/jump/bin', dirname(process.execPath), SYSTEM_PATH].join(':'),
    HOME,
    USER: 'root',
    LOGNAME: 'root',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: process.env.TERM ?? 'dumb',
    LAB_REPOSITORY: REPOSITORY,
  }
}

function hostEnvironment(): Readonly<Record<string, string>> {
  return {
    PATH: SYSTEM_PATH,
    HOME: '/root',
    USER: 'root',
    LOGNAME: 'root',
    TERM: process.env.TERM ?? 'dumb',
  }
}
