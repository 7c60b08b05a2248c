import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import type { TestContext } from 'vitest'

/** A group of processes that the kernel keeps from starting others, as one that has reached its limit of processes. */
export interface ProcessLimit {
  /** Takes in all processes of a session, and what they start from now on. */
  hold(session: number): void
  /** From now on, nothing can be started. */
  refuse(): void
  allow(): void
}

const old = '/sys/fs/cgroup/pids'
let groups = 0

/** Makes a group without processes, for one test. */
export function limitProcesses(onTestFinished: TestContext['onTestFinished']): ProcessLimit {
  const root = existsSync(old) ? old : '/sys/fs/cgroup'
  if (root !== old) writeFileSync(`${root}/cgroup.subtree_control`, '+pids')
  groups++
  const group = `${root}/fw-run-test-${process.pid}-${groups}`
  mkdirSync(group)
  const move = (pid: string, to: string): void => {
    try {
      writeFileSync(`${to}/cgroup.procs`, pid)
    } catch {
      // It has ended meanwhile.
    }
  }
  const limit = (processes: string): void => writeFileSync(`${group}/pids.max`, processes)
  onTestFinished(() => {
    limit('max')
    while (true) {
      const members = readFileSync(`${group}/cgroup.procs`, 'utf8').split('\n').filter(Boolean)
      if (members.length === 0) break
      for (const pid of members) move(pid, root)
    }
    rmdirSync(group)
  })
  return {
    hold(session) {
      const listed = execFileSync('ps', ['-o', 'pid=', '-s', `${session}`], { encoding: 'utf8' })
      for (const pid of listed.trim().split(/\s+/)) move(pid, group)
    },
    refuse: () => limit('0'),
    allow: () => limit('max'),
  }
}
