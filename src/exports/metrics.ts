import type { HostDocument, RunDocument } from './document.ts'

/** One metric in the text format of Prometheus: its type, its help, and its samples. */
interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  /** Values by host; without a host, one value of the cluster. */
  readonly samples: readonly (readonly [host: string | undefined, value: number])[]
}

/**
 * What `status` found, in the text format of Prometheus, for node_exporter's textfile collector. Each sample names the inventory: of two
 * files with the same series, node_exporter keeps only one.
 */
export function renderMetrics(document: RunDocument): string {
  const inventory = `inventory="${inLabel(document.inventory)}"`
  return metricsOf(document)
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(([host, value]) => {
        const labels = host === undefined ? [inventory] : [inventory, `host="${inLabel(host)}"`]
        return `${name}{${labels.join(',')}} ${value}`
      }),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function metricsOf({ hosts, ended, exitCode, unfinished }: RunDocument): readonly Metric[] {
  const each = (value: (host: HostDocument) => number | boolean | undefined): Metric['samples'] =>
    hosts.flatMap((host) => {
      const one = value(host)
      return one === undefined ? [] : [[host.host, Number(one)] as const]
    })
  const gauge = (name: string, help: string, samples: Metric['samples']): Metric => ({
    ...{ name: `fw_run_${name}`, type: 'gauge', help, samples },
  })
  const counter = (name: string, help: string, samples: Metric['samples']): Metric => ({
    ...gauge(name, help, samples),
    type: 'counter',
  })
  return [
    gauge(
      'host_protected',
      'Whether the host has the guard that the inventory wants, and no check fails.',
      each(({ protection }) => protection === 'protected'),
    ),
    gauge(
      'host_pending',
      'Whether fw-run apply would change the host, if no check failed.',
      each(({ changes }) => changes.length > 0),
    ),
    gauge(
      'host_drifted',
      'Whether the guard on the host is not as the inventory says, and no check fails.',
      each(({ protection }) => protection === 'drifted'),
    ),
    gauge(
      'host_unreachable',
      'Whether the host could not be reached, refused the login, or has no trusted host key.',
      each(({ state }) => state === 'unreachable'),
    ),
    gauge(
      'host_failed_checks',
      'How many checks fail on the host.',
      each(({ checks }) => checks.filter(({ result }) => result === 'fail').length),
    ),
    counter(
      'host_rejected_packets_total',
      'Packets that the guard on the host has rejected or dropped.',
      each(({ rejected }) => rejected?.packets),
    ),
    counter(
      'host_rejected_bytes_total',
      'Bytes that the guard on the host has rejected or dropped.',
      each(({ rejected }) => rejected?.bytes),
    ),
    gauge('unfinished_runs', 'How many runs on these hosts are unfinished.', [
      [undefined, unfinished.filter(({ state }) => state === 'unfinished').length],
    ]),
    gauge('status_exit_code', 'The exit code of this fw-run status.', [[undefined, exitCode]]),
    gauge('last_look_timestamp_seconds', 'When fw-run status last looked at the hosts.', [
      [undefined, Date.parse(ended) / 1000],
    ]),
  ]
}

function inLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
