import type { WithFlags } from '../text/printed-commands.ts'
import type { CheckDocument, HostDocument, RunDocument } from './document.ts'
import { attribute, escaped } from './escaped.ts'

/** One question and its answer. `error`: nobody could ask. */
interface Case {
  readonly name: string
  readonly result: 'pass' | 'fail' | 'error' | 'skip'
  readonly reason?: string | undefined
  /** What else there is to read: what to do, or what a warning says. */
  readonly more?: string | undefined
}

interface Suite {
  readonly name: string
  readonly cases: readonly Case[]
}

/**
 * A run as JUnit XML: a suite for each host, and in it a case for each check. A warning passes, with its text as output. The
 * last case of a host is what came of it: with `status`, whether it is protected. Probes and unfinished runs are a suite. A run that does not
 * end with exit code 0 has a case that fails. The commands in the document have the flags of the run already.
 */
export function renderJunit(document: RunDocument, withFlags: WithFlags): string {
  const { command, started, ended } = document
  const again = withFlags(`-> \`fw-run ${command === 'remove' ? 'remove' : 'apply'}\``)
  const hosts = document.hosts.map((host) => ({
    name: host.host,
    cases: casesOf(host, document, again),
  }))
  const cluster = clusterCases(document)
  const passes = [...hosts.flatMap(({ cases }) => cases), ...cluster].every(
    ({ result }) => result === 'pass' || result === 'skip',
  )
  // Such as a run that was interrupted, or a host that another run holds.
  const end: readonly Case[] =
    document.exitCode !== 0 && passes
      ? [{ name: `${command}: as wanted`, result: 'fail', reason: document.words }]
      : []
  const suites = [...hosts, { name: 'cluster', cases: [...cluster, ...end] }].filter(
    ({ cases }) => cases.length > 0,
  )
  const seconds = ((Date.parse(ended) - Date.parse(started)) / 1000).toFixed(3)
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attribute('name', `fw-run ${command}`)}${counts(all)} time="${seconds}">`,
    ...suites.flatMap((suite) => suiteLines(suite, started)),
    '</testsuites>\n',
  ].join('\n')
}

function suiteLines({ name, cases }: Suite, started: string): readonly string[] {
  const timestamp = started.replace(/\.\d+Z$/, '')
  return [
    `  <testsuite${attribute('name', name)}${counts(cases)} timestamp="${timestamp}" time="0">`,
    ...cases.map((one) => `    ${caseLine(one, name)}`),
    '  </testsuite>',
  ]
}

function caseLine({ name, result, reason = '', more }: Case, suite: string): string {
  const opening = `<testcase${attribute('classname', `fw-run.${suite}`)}${attribute('name', name)} time="0"`
  const output = more === undefined ? '' : `<system-out>${escaped(more)}</system-out>`
  const message = attribute('message', reason)
  switch (result) {
    case 'pass':
      return output === '' ? `${opening}/>` : `${opening}>${output}</testcase>`
    case 'skip':
      return `${opening}><skipped${message}/></testcase>`
    case 'fail':
      return `${opening}><failure${message} type="check">${escaped(more ?? '')}</failure></testcase>`
    case 'error':
      return `${opening}><error${message} type="unreachable">${escaped(more ?? '')}</error></testcase>`
  }
}

function counts(cases: readonly Case[]): string {
  const count = (...results: Case['result'][]): number =>
    cases.filter(({ result }) => results.includes(result)).length
  return ` tests="${cases.length}" failures="${count('fail')}" errors="${count('error')}" skipped="${count('skip')}"`
}

function casesOf(host: HostDocument, document: RunDocument, again: string): readonly Case[] {
  const unreachable = host.state === 'unreachable' || host.state === 'left-out'
  return [
    ...host.checks.map((check) => caseOf(check, unreachable)),
    ...outcomeCases(host, document, again),
  ]
}

function caseOf({ id, title, result, reason, remedy }: CheckDocument, unreachable: boolean): Case {
  const name = `${id}: ${title}`
  switch (result) {
    case 'pass':
      return { name, result: 'pass' }
    case 'unjudged':
      return { name, result: 'skip', reason }
    case 'warn':
      return { name, result: 'pass', more: `warning: ${reason}\n-> ${remedy}` }
    case 'fail':
      return { name, result: unreachable ? 'error' : 'fail', reason, more: `-> ${remedy}` }
  }
}

/** What came of a host: whether it is protected, or why its change was not made or not kept. */
function outcomeCases(host: HostDocument, document: RunDocument, again: string): readonly Case[] {
  if (document.command === 'preflight') return []
  if (document.command === 'status') {
    const name = 'protected as the inventory says'
    if (host.protection === 'protected') return [{ name, result: 'pass' }]
    if (host.protection === 'unknown') return [{ name, result: 'skip', reason: 'not known' }]
    const reason = `the host is ${host.protection}`
    return [{ name, result: 'fail', reason, more: again }]
  }
  const name = `${document.command}: as wanted`
  const objection = document.objections.find((one) => one.host === host.host)
  const { fault, outcome } = host
  const reason = fault?.reason ?? objection?.reason ?? outcome?.left
  if (fault || objection || outcome?.kind === 'incomplete')
    return [{ name, result: 'fail', reason, more: outcome?.remedy && `-> ${outcome.remedy}` }]
  if (outcome?.kind === 'rolled-back')
    return [
      {
        name,
        result: 'skip',
        reason: 'nothing is wrong on this host; it was rolled back with the others',
      },
    ]
  if (document.outcome === 'moved' && host.state === 'pending') {
    const moved = 'other programs have changed its rules after apply'
    return [{ name, result: 'fail', reason: moved, more: again }]
  }
  if (host.state === 'pending')
    return [{ name, result: 'fail', reason: 'changes are pending', more: again }]
  if (host.state !== 'ok' && host.state !== 'changed') return []
  const isAsWanted = host.changes.length === 0 || outcome?.kind === 'committed'
  return [isAsWanted ? { name, result: 'pass' } : { name, result: 'skip', reason: 'not changed' }]
}

function clusterCases({ probes, objections, unfinished }: RunDocument): readonly Case[] {
  const tried = probes.map(({ probe, before, after }): Case => {
    const last = after ?? before
    const name = `probe ${probe}`
    if (!last) return { name, result: 'skip', reason: 'not tried' }
    if (last.result === 'pass') return { name, result: 'pass' }
    return { name, result: 'fail', reason: last.reason, more: last.remedy && `-> ${last.remedy}` }
  })
  const others = objections.filter(({ kind, host }) => host === undefined && kind !== 'probe')
  return [
    ...tried,
    ...others.map(({ kind, reason }): Case => ({ name: kind, result: 'fail', reason })),
    ...unfinished
      .filter(({ state }) => state === 'unfinished')
      .map(({ words }): Case => ({ name: 'no unfinished run', result: 'fail', reason: words })),
  ]
}
