import { defineConfig } from 'vitest/config'

/** Rooms whose tests need root, Linux and Debian packages: they make hosts, start sshd or ask the kernel. */
const onHosts = ['agent', 'flow/kernel', 'lab', 'probes', 'scenarios', 'ssh'].map(
  (room) => `test/${room}/**/*.test.ts`,
)
const alone = ['test/journal/on-disk.test.ts']

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 4,
    isolate: false,
    projects: [
      {
        extends: true,
        test: { name: 'hosts', include: onHosts },
      },
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...onHosts, ...alone] },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, isolate: true },
      },
    ],
  },
})
