import pLimit from 'p-limit'
import { FwRunError } from '../../errors.ts'
import { maxAskedHosts, maxScripts, scriptSeconds } from '../../limits.ts'
import { startTimeLimit, type TimeLimit } from '../../waiting/time-limit.ts'
import { isList, isMapping, type JsonValue, parseJson } from '../formats/json-value.ts'
import { runScript, toSee } from './run-script.ts'

/**
 * The JSON of an inventory script: what it prints for `--list`. If that has no `_meta.hostvars`, the script is asked for each host, as
 * Ansible does, and the answers are put there.
 */
export async function askScript(file: string, signal: AbortSignal | undefined): Promise<string> {
  const limit = startTimeLimit(scriptSeconds, signal)
  try {
    return await ask(file, limit)
  } finally {
    limit.dispose()
  }
}

async function ask(file: string, limit: TimeLimit): Promise<string> {
  const list = await runScript(file, ['--list'], limit)
  const json = parseJson(list)
  if (!isMapping(json) || (isMapping(json._meta) && json._meta.hostvars !== undefined)) return list
  const hosts = [...new Set(Object.entries(json).flatMap(([name, group]) => hostsOf(name, group)))]
  if (hosts.length > maxAskedHosts) {
    throw new FwRunError(
      'inventory',
      `${file}: prints no _meta.hostvars, and lists more than ${maxAskedHosts} hosts.`,
      { remedy: 'Make the script print the variables of all hosts in _meta.hostvars.' },
    )
  }
  const inTurns = pLimit(maxScripts)
  const answers = await Promise.all(
    hosts.map((host) =>
      inTurns(async () => {
        const text = await runScript(file, ['--host', host], limit)
        if (text.trim() === '') return [host, {}] as const
        const answer = parseJson(text)
        if (answer !== undefined) return [host, answer] as const
        throw new FwRunError('inventory', `${file}: printed no JSON for host ${host}.`, {
          remedy: toSee(file, ['--host', host]),
        })
      }),
    ),
  )
  return JSON.stringify({ ...json, _meta: { hostvars: Object.fromEntries(answers) } })
}

/** The hosts that a group names. One that begins with a dash would be an option of the script. */
function hostsOf(name: string, group: JsonValue): readonly string[] {
  if (name === '_meta') return []
  const hosts = isMapping(group) ? (group.hosts ?? []) : group
  if (!isList(hosts)) return []
  return hosts.filter((host): host is string => typeof host === 'string' && /^[^-]/.test(host))
}
