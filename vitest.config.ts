import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { measureWorkers } from './test/workers.ts'

/** Rooms whose tests need root, Linux and Debian packages: they make hosts, start sshd or ask the kernel. */
const rooms = ['agent', 'flow/kernel', 'lab', 'nft/kernel', 'probes', 'scenarios', 'ssh']

/** The same for single files of other rooms: what /proc tells of processes, and what only root may do. */
const files = ['inventory/writing/files/owner', 'journal/life']

const onLinux = [
  ...rooms.map((room) => `test/${room}/**/*.test.ts`),
  ...files.map((file) => `test/${file}.test.ts`),
]

const linuxOnly = new RegExp(`/test/((${rooms.join('|')})/|(${files.join('|')})\\.test\\.ts$)`)

/** They replace modules of Node for all files of their worker. */
const alone = ['test/journal/on-disk.test.ts', 'test/jump-host/on-disk.test.ts']

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

// Vitest reads this file once for each project and wants the same answer each time, so it is measured once.
process.env.TEST_WORKERS ??= String(measureWorkers())

export default defineConfig({
  test: {
    // No test is held to a time: this only ends what hangs, on a machine however busy.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 240_000, interval: 150 } },
    // Some 4,700 tests with real hosts share two cores: one of them may meet a moment that no real host has. It is tried once
    // more, and marked in the output. What it draws is the same again. Torture is not tried again.
    retry: 1,
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
