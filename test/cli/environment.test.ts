import { describe, expect, it, vi } from 'vitest'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { isolate, printedSoFar } from './isolate.ts'

isolate()

function parse(words: string, environment: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(`FW_RUN_${name}`, value)
  return parseArguments(words.split(' '))
}

describe('a switch in the environment', () => {
  it.each(['1', 'true', 'yes', 'on', 'ON'])('is on if it is %s', (value) => {
    expect(parse('apply -i h', { CHECK: value, NO_COLOR: value })).toMatchObject({
      invocation: { color: false, settings: { check: true } },
    })
    expect(printedSoFar()).toBe('')
  })

  it.each(['banana', '2', 'y', ' 1', 'offf'])('is bad usage if it is %j', (value) => {
    expect(parse('apply -i h', { CHECK: value })).toMatchObject({ kind: 'ended', exitCode: 5 })
    expect(printedSoFar()).toContain(
      `error: FW_RUN_CHECK is "${value}". To switch it on, set it to 1, true, yes or on. To switch it off, set it to 0, false, no or off.\n`,
    )
  })

  it.each(['ASK_PASS', 'ASK_BECOME_PASS'])('is not shown if it may be a password: %s', (name) => {
    expect(parse('apply -i h', { [name]: 'hunter2' })).toMatchObject({ kind: 'ended', exitCode: 5 })
    expect(printedSoFar()).toContain(
      `error: FW_RUN_${name} has a value that fw-run does not know. To switch it on, set it to 1, true`,
    )
    expect(printedSoFar()).not.toContain('hunter2')
  })

  it('counts for nothing beside its flag, nor for a command that does not have it', () => {
    expect(parse('apply -i h --check', { CHECK: 'banana' }).kind).toBe('invocation')
    expect(parse('status -i h', { CHECK: 'banana' }).kind).toBe('invocation')
    expect(printedSoFar()).toBe('')
  })
})

describe('an unknown variable FW_RUN_…', () => {
  it.each([
    ['CHEK', 'FW_RUN_CHECK'],
    ['CHCEK', 'FW_RUN_CHECK'],
    ['ASKPASS', 'FW_RUN_ASK_PASS'],
    ['INVENTRY', 'FW_RUN_INVENTORY'],
    ['LIMITS', 'FW_RUN_LIMIT'],
  ])('that is a slip of a flag is bad usage: %s', (name, meant) => {
    expect(parse('apply -i h', { [name]: '1' })).toMatchObject({ kind: 'ended', exitCode: 5 })
    expect(printedSoFar()).toContain(
      `error: "FW_RUN_${name}" in the environment is not the variable of any option: did you mean "${meant}"?\n`,
    )
  })

  it('that Kubernetes gives to pods beside a Service called fw-run is nobody’s', () => {
    const given = { PORT: 'tcp://10.0.0.1:80', PORT_80_TCP: 'tcp://10.0.0.1:80', SERVICE_HOST: 'x' }
    expect(parse('apply -i h', given).kind).toBe('invocation')
    expect(printedSoFar()).toBe('')
  })

  it('that is like none is told', () => {
    expect(parse('apply -i h', { EAGER: '1', ID: '7' }).kind).toBe('invocation')
    expect(printedSoFar()).toBe(
      'warning: "FW_RUN_EAGER" in the environment is not the variable of any option\n' +
        'warning: "FW_RUN_ID" in the environment is not the variable of any option\n',
    )
  })

  it('counts for nothing if it is empty, or of another command, or if help is wanted', () => {
    expect(parse('runs', { CHEK: '', DPORT: '80', CONFIRM: 'x' }).kind).toBe('invocation')
    expect(printedSoFar()).toBe('')
    vi.unstubAllEnvs()
    expect(parse('apply --help', { CHEK: '1' })).toEqual({ kind: 'ended', exitCode: 0 })
  })
})
