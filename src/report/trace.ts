import type { Arrival } from '../flow/arrival.ts'
import type { Forwarding, ForwardingVerdict } from '../flow/hooks.ts'
import type { RuleOnPath } from '../flow/matched-rule.ts'
import type { ArrivalVerdict } from '../guard/arrival-verdict.ts'
import type { Paint } from '../text/paint.ts'

/** One packet, the host it was walked through, and each verdict that it may get there. */
export interface TraceReport {
  readonly host: string
  readonly arrival: Arrival
  readonly forwarding: Forwarding
  /** What our table does with it, which comes before other rules; undefined if there is no such table. */
  readonly table: ArrivalVerdict | undefined
  /** The same of our chain in mangle PREROUTING. */
  readonly chain?: ArrivalVerdict | undefined
  /** Whether all rules of iptables were read. With a guard before routing and the nf_tables backend they are not. */
  readonly whole: boolean
  /** IPv4 addresses of services that the host has as its own: IPVS sends packets for ports of the services on to endpoints, after INPUT. */
  readonly services: readonly string[]
}

/** A trace for a person: the packet, then each verdict with the rules that lead there, and what is in doubt. */
export function renderTrace(report: TraceReport, paint: Paint): readonly string[] {
  const { host, arrival, forwarding, table, chain, whole } = report
  const { verdicts } = forwarding
  const certain = isCertain(report)
  if (isStopped(report) || !whole) return renderGuard(report, paint)
  const exists = arrival.state === 'ESTABLISHED' || arrival.state === 'RELATED'
  const doubtful = forwarding.certain ? [] : doubtfulRules(verdicts)
  const hidden = exists ? doubtful.filter(asksDestinationBeforeNat) : []
  const notGiven = unasked(arrival, doubtful, hidden)
  return [
    paint('bold', 'PACKET'),
    `  ${describeArrival(arrival)}`,
    ...(exists ? ['  existing connection: fw-run reads --to as the destination after nat'] : []),
    ...(table ? [`  ${ofGuard(ourTable, table)}`] : []),
    ...(chain ? [`  ${ofGuard(ourChain, chain)}`] : []),
    '',
    paint('bold', verdicts.length === 1 ? 'VERDICT' : 'VERDICTS'),
    ...verdicts.flatMap((one) =>
      verdictLines(one, report, verdicts.length === 1 && certain, paint),
    ),
    '',
    ...(hidden.length > 0
      ? [
          'fw-run does not know the destination before nat. So rules in raw and mangle PREROUTING that test the destination are shown as not certain.',
        ]
      : []),
    ...(notGiven.length > 0
      ? [`Not given, so any value is possible: ${notGiven.join(', ')}.`]
      : []),
    `trace: ${host}: ${conclusion(report)}`,
  ]
}

/** Whether all possible verdicts agree, and our guard before routing surely lets the packet come to them. */
function isCertain({ forwarding, table, chain }: TraceReport): boolean {
  return forwarding.certain && table !== 'unsure' && chain !== 'unsure'
}

/** Whether the packet ends at our guard before routing. */
function isStopped({ table, chain }: TraceReport): boolean {
  return table === 'stops' || chain === 'stops'
}

/** A trace that ends at our guard: no other rule sees the packet, or fw-run has not read the others. */
function renderGuard(report: TraceReport, paint: Paint): readonly string[] {
  const { host, arrival, table, chain } = report
  const told = [
    ...(table ? [{ words: ofGuard(ourTable, table), stops: table === 'stops' }] : []),
    ...(chain ? [{ words: ofGuard(ourChain, chain), stops: chain === 'stops' }] : []),
  ]
  const decisive = told.find(({ stops }) => stops) ?? told[0]
  const words = decisive?.words ?? 'there is no guard of fw-run before routing'
  return [
    paint('bold', 'PACKET'),
    `  ${describeArrival(arrival)}`,
    '',
    paint('bold', 'VERDICT'),
    `  ${words}`,
    ...(isStopped(report)
      ? []
      : ['  fw-run does not read the other rules of this host: they are in nf_tables']),
    '',
    `trace: ${host}: ${words}.`,
  ]
}

const ourTable = 'table inet fw_run'
const ourChain = 'chain FW-RUN of mangle'

function ofGuard(name: string, verdict: ArrivalVerdict): string {
  switch (verdict) {
    case 'stops':
      return `stopped by ${name}`
    case 'passes':
      return `${name} lets the packet pass`
    case 'unsure':
      return `fw-run does not know whether ${name} stops the packet: it may be a reply, or another rule may decide first`
  }
}

/** What the JSON document of a trace holds. */
export function jsonOfTrace(report: TraceReport): object {
  const { host, arrival, forwarding, table, chain, whole, services } = report
  const ends = isStopped(report) || !whole
  const certain = isCertain(report)
  return {
    host,
    packet: arrival,
    table,
    chain,
    certain: ends ? isStopped(report) : certain,
    verdicts: (ends ? [] : forwarding.verdicts).map((one) => ({
      verdict: one.verdict.kind,
      words: describeVerdict(one, services),
      certain,
      out: one.packet.out ?? null,
      destination: one.packet.destination ?? null,
      destinationPort: one.packet.destinationPort ?? null,
      path: one.path.map(jsonOfRule),
      marks: one.marking.map(jsonOfRule),
      doubts: one.doubts.map(jsonOfRule),
    })),
  }
}

function jsonOfRule({ table, chain, number, rule, match }: RuleOnPath): object {
  return { table, chain, number, rule: rule.raw, match }
}

function describeArrival({ protocol, source, destination, state, ...rest }: Arrival): string {
  const from = end(source, rest.sourcePort)
  const to = end(destination, rest.destinationPort)
  const out = rest.out === undefined ? '' : `, out ${rest.out}`
  return `${protocol ?? 'any protocol'} ${from} -> ${to}, ${state}, in ${rest.in}${out}`
}

function end(address: string | undefined, port: number | undefined): string {
  return `${address ?? 'an unknown address'}${port === undefined ? '' : `:${port}`}`
}

function verdictLines(
  one: ForwardingVerdict,
  { arrival, services }: TraceReport,
  sure: boolean,
  paint: Paint,
): readonly string[] {
  const { packet } = one
  const words = describeVerdict(one, services)
  return [
    `  ${sure || one.verdict.kind === 'unknown' ? '' : 'not certain: '}${paint(one.verdict.kind === 'accept' ? 'green' : 'yellow', words)}`,
    ...(packet.dnat && packet.originalDestination !== undefined
      ? [`    translated to ${end(packet.destination, packet.destinationPort)}`]
      : []),
    ...outLine(one, arrival),
    ...one.path.map((on) => `    ${describeRule(on)}`),
    ...one.marking.map((on) => `    mark changed by ${describeRule(on)}`),
    ...one.doubts.map((on) => `    only if the packet does not match ${describeRule(on)}`),
  ]
}

function outLine({ packet, at }: ForwardingVerdict, arrival: Arrival): readonly string[] {
  if (arrival.out !== undefined || at?.chain !== 'FORWARD') return []
  return [
    packet.out === undefined
      ? '    out: unknown, several routes lead to the destination; --out NAME chooses one'
      : `    out ${packet.out}, as the routes say`,
  ]
}

/** `FORWARD 12: -A FORWARD …`, after the name of the table if that is not filter. */
function describeRule({ table, chain, number, rule, match }: RuleOnPath): string {
  const where = `${table === 'filter' ? '' : `${table} `}${chain} ${number}`
  return `${where}: ${rule.raw}${match === 'maybe' ? '   (not certain)' : ''}`
}

const words: Readonly<Partial<Record<ForwardingVerdict['verdict']['kind'], string>>> = {
  accept: 'accepted',
  drop: 'dropped',
  reject: 'rejected',
}

/** The verdict in words: `accepted by FORWARD 12`, `dropped by policy DROP of FORWARD`. */
function describeVerdict(
  { verdict, at, by, path, packet }: ForwardingVerdict,
  services: TraceReport['services'],
): string {
  if (verdict.kind === 'local' && services.includes(packet.destination ?? ''))
    return 'not forwarded: the host has this service address as its own. INPUT decides first. Then, if the service has this port, IPVS sends the packet on to an endpoint. FORWARD does not see it'
  if (verdict.kind === 'local')
    return 'not forwarded: the packet is for the host itself, so INPUT decides'
  if (verdict.kind === 'unroutable') return `not forwarded: ${verdict.reason}`
  const table = at && at.table !== 'filter' ? `${at.table} ` : ''
  const last = path.at(-1)
  const giver =
    by === 'rule' && last
      ? `${table}${last.chain} ${last.number}`
      : `policy ${verdict.kind.toUpperCase()} of ${table}${at?.chain}`
  if (verdict.kind === 'unknown') {
    return `not certain, because of ${giver}: ${verdict.reason}`
  }
  return `${words[verdict.kind] ?? verdict.kind} by ${giver}`
}

function conclusion({ forwarding, table, chain, services }: TraceReport): string {
  const { verdicts, certain } = forwarding
  const doubted = table === 'unsure' ? ourTable : chain === 'unsure' && ourChain
  if (certain && doubted) {
    return `not certain: fw-run does not know whether ${doubted} stops the packet.`
  }
  const [first] = verdicts
  if (!first) return 'no verdict.'
  if (verdicts.length === 1 && certain) return `${describeVerdict(first, services)}.`
  if (certain) {
    const word = words[first.verdict.kind]
    return word ? `${word} in every case.` : 'never forwarded: see each verdict above.'
  }
  return 'not certain: see each verdict above.'
}

/** The rules that may have matched. */
function doubtfulRules(verdicts: readonly ForwardingVerdict[]): readonly RuleOnPath[] {
  return verdicts.flatMap(({ path, doubts }) => [
    ...path.filter(({ match }) => match === 'maybe'),
    ...doubts,
  ])
}

/** Whether it asks where a packet goes, before nat PREROUTING. */
function asksDestinationBeforeNat({ table, chain, rule }: RuleOnPath): boolean {
  if (table !== 'raw' && (table !== 'mangle' || chain === 'FORWARD')) return false
  return / -d | --(dst-range|dst-type|dports?|ports) | --match-set \S+ \S*dst/.test(rule.raw)
}

/** The options that were not given and that a rule in doubt asks for. */
function unasked(
  arrival: Arrival,
  doubtful: readonly RuleOnPath[],
  hidden: readonly RuleOnPath[],
): readonly string[] {
  const { protocol, sourcePort, destinationPort } = arrival
  const ask = (rules: readonly RuleOnPath[], pattern: RegExp): boolean =>
    rules.some(({ rule }) => pattern.test(rule.raw))
  const asks = (pattern: RegExp): boolean => ask(doubtful, pattern)
  const seen = doubtful.filter((on) => !hidden.includes(on))
  const ported = protocol !== 'icmp'
  return [
    ...(protocol === undefined && asks(/ -p /) ? ['--proto'] : []),
    ...(ported && destinationPort === undefined && ask(seen, / --(dports?|ports) /)
      ? ['--dport']
      : []),
    ...(ported && sourcePort === undefined && asks(/ --(sports?|ports) /) ? ['--sport'] : []),
  ]
}
