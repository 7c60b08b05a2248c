import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { HostAccess } from '../../../src/ssh/host-access.ts'
import { bySudo } from '../../../src/ssh/root-way.ts'
import { openSession, type Session } from '../../../src/ssh/session.ts'
import { eventually } from '../../eventually.ts'
import { accessAt } from '../host-access.ts'

const own = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .filter(({ internal }) => !internal)
  .map(({ address }) => address)

function here(more: Partial<HostAccess> = {}): HostAccess {
  return accessAt(1, { local: { addresses: ['192.0.2.77', ...own] }, ...more })
}

async function opened(access = here(), timeoutSeconds = 60): Promise<Session> {
  const result = await openSession(access, { timeoutSeconds })
  if (result.kind === 'failed') throw new Error(`${result.fault.reason} ${result.fault.remedy}`)
  return result.session
}

async function failed(access: HostAccess, timeoutSeconds = 60): Promise<string> {
  const result = await openSession(access, { timeoutSeconds })
  if (result.kind === 'opened') throw new Error('the session opened')
  const { stage, reason, remedy } = result.fault
  return `${stage}: ${reason} ${remedy}`
}

/** A program in place of sudo that gets the words of the real one. */
function by(program: string): Partial<HostAccess> {
  return { become: { ...bySudo, program: '/bin/sh', options: ['-c', program] } }
}

describe('openSession on this machine', () => {
  it('gives a root shell in a session of its own, without a terminal and without our variables', async () => {
    process.env.FW_RUN_MARKED = 'marked-secret'
    const { shell, close } = await opened()
    shell.write(
      'read -r pid _ _ _ _ sid _ </proc/$$/stat; test $pid = $sid && id -u; env | grep -c marked; tty; echo oops >&2; exit 3\n',
    )
    shell.end()
    expect(await text(shell.stdout)).toBe('0\n0\nnot a tty\n')
    expect(await shell.ended).toEqual({ kind: 'exited', code: 3 })
    expect(shell.stderrTail()).toBe('oops')
    close()
    close()
    delete process.env.FW_RUN_MARKED
  })

  it('tells of a shell that is killed', async () => {
    const { shell, close } = await opened()
    shell.stdout.resume()
    shell.write('kill -KILL $$\n')
    expect(await shell.ended).toEqual({ kind: 'signalled', signal: 'SIGKILL' })
    close()
  })

  it('ends the input of the shell when it is closed, and lets it finish', async () => {
    const { shell, close } = await opened()
    const told = shell.stdout[Symbol.asyncIterator]()
    const file = join(mkdtempSync(join(tmpdir(), 'fw-run-local-')), 'go')
    shell.write(`echo here; cat; until [ -e ${file} ]; do sleep 0.1; done; rm ${file}\n`)
    await told.next()
    close()
    expect(await shell.ended).toMatchObject({ kind: 'lost' })
    writeFileSync(file, '')
    await eventually(() => expect(existsSync(file)).toBe(false))
    rmSync(dirname(file), { recursive: true })
  })

  it('refuses a machine that has none of the addresses: it is another one', async () => {
    const elsewhere = here({ local: { addresses: ['192.0.2.77', '127.0.0.1'] } })
    expect(await failed(elsewhere)).toMatch(
      /^connect: ansible_connection is local, but this machine has none of .*\(192\.0\.2\.77, 127/,
    )
  })

  it('says what to do where a terminal is needed, and gives up in time', async () => {
    const ttyless = by('echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1')
    expect(await failed(here(ttyless))).toMatch(
      /^become: \/bin\/sh needs a terminal, but fw-run opens no terminal on its own machine\. Add .*!requiretty\. Or run fw-run as root/,
    )
    expect(await failed(here(by('exec sleep 5')), 1)).toMatch(/did not become root within 1 s/)
  })

  it('ends a shell that says more than anybody wants', async () => {
    const told = await failed(here(by('while :; do printf %10000d 0 >&2; done')))
    expect(told).toMatch(/too much data that fw-run did not ask for/)
  })
})
