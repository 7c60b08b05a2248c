import { describe, expect, it } from 'vitest'
import type { BootFiles } from '../../src/facts/boot-files.ts'
import { bootProgramText } from '../../src/guard/boot-program.ts'
import { serviceText } from '../../src/guard/boot-service.ts'
import type { Intent } from '../../src/guard/intent.ts'
import { plainChange, recordedChange } from '../../src/journal/recorded-change.ts'
import { type BootState, type Change, undoOf } from '../../src/plan/change.ts'
import { leftOf } from '../../src/plan/left-after-rollback.ts'
import { planHost } from '../../src/plan/plan.ts'
import { describeChange } from '../../src/report/text/change-words.ts'
import { diffChange } from '../../src/report/text/diff.ts'
import { noPaint } from '../../src/text/paint.ts'
import { mangleIntent } from '../guard/mangle-intent.ts'
import { nftIntent } from '../guard/nft-intent.ts'
import { forward, hostState } from './host-state.ts'

const wanted = { ...nftIntent, persist: true }
const none: BootFiles = {
  manager: 'systemd',
  program: undefined,
  service: undefined,
  enabled: false,
  masked: false,
  odd: [],
}
const exact: BootFiles = {
  ...none,
  program: bootProgramText(wanted),
  service: serviceText('systemd'),
  enabled: true,
}
const withBoot = (boot: BootFiles) => ({ ...hostState(forward()), boot })

function bootChanges(boot: BootFiles, intent: Intent): readonly Change[] {
  const plan = planHost(withBoot(boot), intent)
  if (plan.kind === 'refused') throw new Error(plan.reason)
  return plan.changes.filter(({ kind }) => kind === 'boot')
}

const remove: Intent = { kind: 'remove', set: wanted.set }

describe('planHost with boot files', () => {
  it('writes them before anything else, and only where they are wanted', () => {
    const plan = planHost(withBoot(none), wanted)
    expect(plan.kind === 'planned' && plan.changes.map(({ kind }) => kind)).toEqual([
      'boot',
      'table',
    ])
    expect(bootChanges(none, nftIntent)).toEqual([])
    expect(bootChanges(exact, wanted)).toEqual([])
  })

  it('writes for a manager what that manager reads', () => {
    const [change] = bootChanges({ ...none, manager: 'openrc' }, wanted)
    expect(change).toMatchObject({ after: { service: serviceText('openrc') } })
  })

  it.each([
    ['members have changed', { ...exact, program: bootProgramText({ ...wanted, members: [] }) }],
    [
      'it is of another guard',
      { ...exact, program: bootProgramText({ ...mangleIntent, persist: true }) },
    ],
    ['the service was edited', { ...exact, service: `${exact.service}\nRestart=always` }],
    ['the service is not enabled', { ...exact, enabled: false }],
    ['the program is missing', { ...exact, program: undefined }],
  ])('mends them where %s', (_, boot) => {
    expect(bootChanges(boot, wanted)).toMatchObject([{ after: { program: exact.program } }])
  })

  it.each([
    ['removed', remove],
    ['no longer to come back', nftIntent],
  ])('deletes them where the guard is %s, but nothing of others', (_, intent) => {
    expect(bootChanges(exact, intent)).toMatchObject([{ after: undefined }])
    expect(bootChanges({ ...none, service: '[Unit]' }, intent)).toEqual([])
    expect(bootChanges({ ...none, masked: true }, intent)).toEqual([])
    expect(bootChanges({ ...exact, service: '[Unit]' }, intent)).toMatchObject([
      { before: { program: exact.program, service: undefined, enabled: false } },
    ])
  })

  it.each([
    [
      'another program has a service of that name',
      { service: '[Unit]' },
      'another program made it',
    ],
    ['the service is masked', { masked: true }, 'is masked'],
    ['others may write there', { odd: ['/etc/fw-run'] }, '/etc/fw-run is not safe'],
    ['nothing known starts services', { manager: undefined }, 'systemd, OpenRC or SysV init'],
  ])('refuses where %s', (_, spoiled, reason) => {
    expect(planHost(withBoot({ ...none, ...spoiled }), wanted)).toMatchObject({
      ...{ kind: 'refused', over: 'boot' },
      reason: expect.stringContaining(reason),
    })
  })

  it('gives up a place only where another program can need it', () => {
    const remedy = (odd: string) => {
      const plan = planHost(withBoot({ ...none, odd: [odd] }), wanted)
      return plan.kind === 'refused' ? plan.remedy : ''
    }
    expect(remedy('/etc/fw-run')).toMatch(/`rm -r \/etc\/fw-run`\. .* set fw_persist: false/)
    // Without that setting, fw-run deletes this file.
    expect(remedy('/etc/fw-run/guard.sh')).toMatch(/run `fw-run apply`, which writes it again\.$/)
  })

  it('knows what is left of them after a rollback', () => {
    const changes = bootChanges(none, wanted)
    expect(leftOf(changes, withBoot(none), wanted.set)).toEqual([])
    expect(leftOf(changes, withBoot(exact), wanted.set)).toEqual([
      expect.stringMatching(/^the boot files .* are not as before: .*; before: missing$/),
    ])
  })

  it('carries its undo, and is read back from a journal as it was', () => {
    for (const change of [...bootChanges(none, wanted), ...bootChanges(exact, remove)]) {
      expect(undoOf(undoOf([change]))).toEqual([change])
      expect(recordedChange.parse(JSON.parse(JSON.stringify(plainChange(change))))).toEqual(change)
    }
  })
})

describe('a change of boot files in words', () => {
  const state: BootState = {
    ...{ manager: 'systemd', program: 'a\nb', service: 'c', enabled: true },
  }
  const words = (before: BootState | undefined, after: BootState | undefined) => {
    const change: Change = { kind: 'boot', before, after }
    return [...describeChange(change), ...diffChange(change, noPaint)]
  }

  it('names each file that comes, goes or differs, and shows the lines that differ', () => {
    const unit = '/etc/systemd/system/fw-run-guard.service'
    expect(words(undefined, state)).toEqual([
      `write /etc/fw-run/guard.sh and ${unit}: the guard comes back at boot`,
      ...[
        '+ /etc/fw-run/guard.sh: 2 lines',
        `+ ${unit}: 1 lines`,
        `+ ${unit} is enabled and active`,
      ],
    ])
    expect(words(state, undefined)[0]).toContain(`delete /etc/fw-run/guard.sh and ${unit}`)
    expect(words({ ...state, program: 'a\nx', enabled: false }, state)).toEqual([
      expect.stringContaining('replace /etc/fw-run/guard.sh: it differs'),
      'enable and start fw-run-guard, so that it runs at boot, and again when a service that deletes the guard starts or reloads (now it does not)',
      ...[
        '- /etc/fw-run/guard.sh: x',
        '+ /etc/fw-run/guard.sh: b',
        `+ ${unit} is enabled and active`,
      ],
    ])
  })

  it.each(['openrc', 'sysv'] as const)('promises nothing that %s does not do', (manager) => {
    const script: BootState = { ...state, manager }
    expect(words({ ...script, enabled: false }, script)).toEqual([
      'enable fw-run-guard, so that it runs at boot (now it does not)',
      '+ /etc/init.d/fw-run-guard is enabled',
    ])
  })
})
