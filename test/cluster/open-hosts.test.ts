import { expect, it } from 'vitest'
import { isSilent, openHosts } from '../../src/cluster/open-hosts.ts'
import { beginRun } from '../../src/runs/run.ts'
import { Secret } from '../../src/secret.ts'
import { host } from '../preflight/subject.ts'
import { accessAt, knowing } from '../ssh/host-access.ts'
import { startSsh2Server } from '../ssh/ssh2-server.ts'

/** A promise with the function that fulfils it. */
function signalled() {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

it('closes the sessions that are open already when a fault of the invocation is thrown', async () => {
  const opened = signalled()
  const closed = signalled()
  const server = await startSsh2Server({
    onConnection: (connection) => connection.on('close', closed.resolve),
    onExec: (channel, command) => {
      channel.write(`${/fw-run-\w+-ready/.exec(command)?.[0]} 0\n`)
      opened.resolve()
    },
  })
  const viewer = { emit: () => {}, flushed: async () => {} }
  const run = beginRun('apply', 8, viewer, new AbortController().signal)
  const dial = async ({ name }: typeof host) => {
    const access = accessAt(server.port, { password: new Secret('right') })
    if (name === 'node1') return knowing(access, server.knownHosts)
    await opened.promise
    throw new Error('no such key')
  }
  const opener = {
    dial,
    leaveToSsh: () => Promise.resolve(false),
    timeout: 10,
    requestSeconds: 60,
    idle: 60,
    changes: false,
    close: () => {},
  }
  const opening = openHosts([host, { ...host, name: 'node2' }], opener, run)
  await expect(opening).rejects.toThrow('no such key')
  await closed.promise
  await server.close()
})

it('dials silent hosts twice if asked to, and no other', async () => {
  const server = await startSsh2Server({})
  const dialled: string[] = []
  const opener = (answersAt: number) => ({
    async dial({ name }: typeof host) {
      dialled.push(name)
      const isDown = name === 'down' && dialled.filter((one) => one === name).length < answersAt
      // Nothing can be dialled there: the kernel says at once that there is no route.
      if (isDown) return accessAt(22, { address: '255.255.255.255' })
      return accessAt(name === 'refuses' ? 1 : server.port)
    },
    leaveToSsh: () => Promise.resolve(false),
    ...{ timeout: 10, requestSeconds: 60, idle: 60, changes: false, close: () => {} },
  })
  const viewer = { emit: () => {}, flushed: async () => {} }
  const run = beginRun('apply', 8, viewer, new AbortController().signal)
  const hosts = ['down', 'refuses', 'up'].map((name) => ({ ...host, name }))
  const silent = async (answersAt: number, twice: boolean) => {
    dialled.length = 0
    return (await openHosts(hosts, opener(answersAt), run, twice)).map(isSilent)
  }
  expect(await silent(3, false)).toEqual([true, false, false])
  expect(dialled).toEqual(['down', 'refuses', 'up'])
  expect(await silent(3, true)).toEqual([true, false, false])
  expect(dialled).toEqual(['down', 'refuses', 'up', 'down'])
  // It has another host key than is known, so it is not silent.
  expect(await silent(2, true)).toEqual([false, false, false])
  await server.close()
})
