import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import ssh2, { type ServerChannel } from 'ssh2'

// The sshd of a hostile host, started on it in place of its own. It lets anybody in and starts the real root shell. The real
// agent works behind it; only its answers are forged, as the file hostile.part in /run says when a session begins.

/** Sends a forged answer of the agent. `send` gives back whether more can be sent now. */
type Part = (
  answer: string,
  send: (text: string) => boolean,
  whenDrained: (then: () => void) => void,
) => void

/** Puts a text in the place of what a section holds. */
function forge(answer: string, section: string, text: (real: string) => string): string {
  return answer.replace(
    new RegExp(`(\\n\\S+ begin ${section}\\n)([^]*?)(\\n\\S+ end \\d+\\n)`),
    (_, begin: string, real: string, end: string) => begin + text(real) + end,
  )
}

const forged =
  (section: string, text: (real: string) => string): Part =>
  (answer, send) =>
    void send(forge(answer, section, text))

/** Rules at the top of FORWARD. */
const before = (rules: string, text: string): string =>
  text.replace(/^(\[\d+:\d+\] )?-A FORWARD/m, `${rules}$&`)

/** Never ends a section that begins so; other answers are not touched. */
const endless =
  (beginning: string, line: string): Part =>
  (answer, send, whenDrained) => {
    const at = answer.indexOf(` begin ${beginning}`)
    if (at < 0) return void send(answer)
    const more = (): void => {
      while (send(line.repeat(500)));
      whenDrained(more)
    }
    send(answer.slice(0, answer.indexOf('\n', at) + 1))
    more()
  }

/** Never sends an answer with such a result; other answers are not touched. */
const silent =
  (result: RegExp): Part =>
  (answer, send) => {
    if (!result.test(answer)) send(answer)
  }

/** Chains that jump twice to the next one under a match that nobody knows. */
function doubling(depth: number): string {
  const chains = Array.from({ length: depth }, (_, i) => {
    const jump = `[0:0] -A D${i} -m u32 --u32 "0x0=0x${i}" -j D${i + 1}\n`
    return jump.repeat(2)
  })
  return `${chains.join('')}[0:0] -A FORWARD -j D0\n`
}

const parts: Readonly<Record<string, Part>> = {
  'endless rules': endless('rules\n', '[0:0] -A FORWARD -s 192.0.2.1/32 -j ACCEPT\n'),
  'one endless line': endless('network\n', '10.0.0.0/8 '),
  'an endless answer to apply': endless('result\napplied', 'applied\n'),
  'an endless answer to commit': endless('result\ncommitted', 'committed\n'),
  'silence instead of an answer to apply': silent(/ begin result\napplied/),
  'silence instead of an answer to commit': silent(/ begin result\ncommitted/),
  'silence from apply on': silent(/ begin result\n/),
  'half a megabyte of empty lines': forged('network', (real) => `${'\n'.repeat(2 ** 19)}${real}`),
  'ten megabytes of routes': forged(
    'network',
    (real) => '10.0.0.1 dev ens18 scope link\n'.repeat(350_000) + real,
  ),
  'sections without an end': (answer, send) => {
    const [mark] = /\S+(?= begin )/.exec(answer) ?? ['']
    send(`${`\n${mark} begin network\n`.repeat(200_000)}${answer}`)
  },
  'chains that double': forged('rules', (real) => {
    const declared = Array.from({ length: 41 }, (_, i) => `:D${i} - [0:0]\n`).join('')
    return before(doubling(40), real.replace(/^:FORWARD .*\n/m, `$&${declared}`))
  }),
  'thirty thousand accepts': forged('rules', (real) => {
    const rule = (i: number): string =>
      `[0:0] -A FORWARD -s 172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32 -j ACCEPT\n`
    return before(Array.from({ length: 30_000 }, (_, i) => rule(i)).join(''), real)
  }),
  'a hundred thousand members': forged('sets', (real) => {
    const member = (i: number): string =>
      `add crowd 172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}\n`
    return `create crowd hash:ip family inet hashsize 1024 maxelem 1000000\n${Array.from({ length: 100_000 }, (_, i) => member(i)).join('')}${real}`
  }),
  'the rule of fw-run in a comment': (answer, send) => {
    const guard =
      '-A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable'
    const rules = forge(answer, 'rules', (real) =>
      before(`[0:0] -A FORWARD -m comment --comment "x\n[0:0] ${guard}\ny" -j LOG\n`, real),
    )
    const members = [11, 12, 13].map((last) => `add cluster_nodes 192.168.64.${last}\n`)
    const set = `create cluster_nodes hash:ip family inet hashsize 1024 maxelem 65536\n${members.join('')}`
    send(forge(rules, 'sets', (real) => set + real))
  },
  'escapes for the terminal': forged('rules', (real) =>
    before('[0:0] -A FORWARD -m comment --comment "\u001b[2J\u202e\u2028\u0007" -j ACCEPT\n', real),
  ),
}

function serve(channel: ServerChannel, command: string): void {
  const name = readFileSync('/run/hostile.part', 'utf8')
  const part = parts[name]
  if (!part) throw new Error(`No such part: ${name}`)
  channel.on('error', () => {})
  // In a session of its own, as sshd starts it: the agent ends all of that.
  const shell = spawn('sh', ['-c', command], { detached: true })
  channel.pipe(shell.stdin)
  shell.stdin.on('error', () => {})
  shell.stderr.on('data', (text) => channel.stderr.write(text))
  shell.once('exit', (code) => channel.exit(code ?? 1))
  shell.once('close', () => channel.end())
  channel.once('close', () => shell.stdin.end())
  let answer = ''
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text
    if (/-ready \d+\n$/.test(answer)) {
      channel.write(answer)
      answer = ''
    }
    if (!/\n\S+ done\n$/.test(answer)) return
    const whole = answer
    answer = ''
    part(
      whole,
      (more) => channel.writable && channel.write(more),
      (then) => channel.once('drain', then),
    )
  })
}

const server = new ssh2.Server(
  { hostKeys: [readFileSync('/etc/ssh/ssh_host_ed25519_key')] },
  (connection) => {
    connection.on('error', () => {})
    connection.on('authentication', (context) => context.accept())
    connection.on('session', (accept) =>
      accept().on('exec', (acceptExec, _, { command }) => serve(acceptExec(), command)),
    )
  },
)
server.listen(22, '0.0.0.0', () => process.stdout.write('listening\n'))
