import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Rooms whose tests need root, Linux and Debian packages: they make hosts, start sshd or ask the kernel. */
const rooms = ['agent', 'flow/kernel', 'lab', 'nft/kernel', 'probes', 'scenarios', 'ssh']

/** The same for single files of other rooms: what /proc tells of processes, and what only root may do. */
const files = ['inventory/saving/owner', 'journal/life']

const onLinux = [
  ...rooms.map((room) => `test/${room}/**/*.test.ts`),
  ...files.map((file) => `test/${file}.test.ts`),
]

const linuxOnly = new RegExp(`/test/((${rooms.join('|')})/|(${files.join('|')})\\.test\\.ts$)`)

/** Replaces modules of Node for all files of its worker. */
const alone = ['test/journal/on-disk.test.ts']

/** What takes longest, most of it waiting. */
const longest = /(torture|agent.transaction|recover|before-commit|writers|bad-luck)\.test\.ts$/

/** Begins with what takes longest, then what waits for hosts; pure tests fill the gaps. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      longest.test(moduleId) ? 0 : linuxOnly.test(moduleId) ? 1 : 2
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

/**
 * How many test files at once, or as many as TEST_WORKERS says. Hosts start processes by the thousand, and a machine that
 * starts them slowly must not be asked for more at once: sessions would be late that no real host would lose. Vitest reads
 * this file once for each project and wants the same answer each time, so it is measured once.
 */
function workers(): number {
  // The least of several measures: the lint beside the tests makes single ones longer.
  const millisecondsEach = Math.min(...[1, 2, 3, 4, 5].map(millisecondsToStart))
  return Math.round(Math.min(8, Math.max(2, (4 * availableParallelism()) / millisecondsEach)))
}

/** How long the machine takes to start a process, and to end it. */
function millisecondsToStart(): number {
  const began = performance.now()
  spawnSync('/bin/sh', ['-c', 'i=0; while [ "$i" -lt 20 ]; do i=$((i + 1)); /usr/bin/true; done'])
  return (performance.now() - began) / 20
}

process.env.TEST_WORKERS ??= String(workers())

export default defineConfig({
  test: {
    // No test is held to a time: this only ends what hangs, on a machine however busy.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 240_000, interval: 150 } },
    sequence: { sequencer: LongestFirst },
    maxWorkers: Number(process.env.TEST_WORKERS),
    isolate: false,
    projects: [
      // One for all that can share modules: a second would read and transform each source again.
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...alone, ...(process.env.TEST_UNIT ? onLinux : [])],
        },
      },
      { extends: true, test: { name: 'alone', include: alone, isolate: true } },
    ],
  },
})
