// Hosts that only talk: one process answers SSH at all their addresses, and speaks as the agent does on a real host. Its answer to
// `facts` is that of a real host, with addresses and names of its own. What `apply` asks for is kept in memory.
// Usage: node scripted-hosts.mjs FILE, which holds { hostKey, answer, mark, hosts: { ADDRESS: [[from, to], …] } }. Prints a line once it listens.
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'

const { hostKey, answer, mark, hosts } = JSON.parse(readFileSync(process.argv[2], 'utf8'))

/** The sections of the real answer: name and text, in their order. */
const recorded = [
  ...answer.matchAll(new RegExp(`^${mark} begin (\\S+)\\n([^]*?)\\n${mark} end 0$`, 'gm')),
].map(([, name, text]) => [name, text])

const ofState = [
  'table',
  'mangle',
  'mangle6',
  'rules',
  'sets',
  'boot',
  'boot-program',
  'boot-service',
]

/** What stands on each host for us: sets by name, and rules, each before the rule with a number. */
const states = new Map()

function stateOf(address) {
  if (!states.has(address)) states.set(address, { sets: new Map(), rules: [] })
  return states.get(address)
}

function sectionsOf(address, which, filterOnly) {
  const own = (text) =>
    hosts[address].reduce((result, [from, to]) => result.replaceAll(from, to), text)
  return recorded
    .filter(([name]) => which === undefined || which.includes(name))
    .map(([name, text]) => {
      if (name === 'rules') return [name, rulesOf(own(text), stateOf(address), filterOnly)]
      if (name === 'sets') return [name, setsOf(own(text), stateOf(address))]
      return [name, own(text)]
    })
}

function rulesOf(text, { rules }, filterOnly) {
  const tables = filterOnly ? `${text.slice(0, text.indexOf('\nCOMMIT\n'))}\nCOMMIT` : text
  if (rules.length === 0) return tables
  const lines = tables.split('\n')
  const first = lines.findIndex((line) => line.includes('] -A FORWARD '))
  for (const { number, raw } of rules) lines.splice(first + number - 1, 0, `[0:0] ${raw}`)
  return lines.join('\n')
}

function setsOf(text, { sets }) {
  const own = [...sets].flatMap(([name, { type, members }]) => [
    `create ${name} ${type}`,
    ...members.map((member) => `add ${name} ${member}`),
  ])
  return [text, ...own].join('\n')
}

/** Carries out the steps of one kind, `do` or `undo`. */
function carryOut(state, body, kind) {
  let ours = []
  let wanted = []
  for (const line of body) {
    const [word, verb, ...rest] = line.split('\t')
    if (word !== kind) continue
    if (verb === 'set' && rest[1] === 'absent') state.sets.delete(rest[0])
    else if (verb === 'set') {
      const [name, , type, members = ''] = rest
      state.sets.set(name, { type, members: members.split(' ') })
    } else if (verb === 'ours') ours.push(rest[0])
    else if (verb === 'want') wanted.push({ number: Number(rest[0]), raw: rest[2] })
    else if (verb === 'rules') {
      state.rules = [...state.rules.filter(({ raw }) => !ours.includes(raw)), ...wanted]
      ours = []
      wanted = []
    } else throw new Error(`a step that no scripted host knows: ${line}`)
  }
}

/** The answer to a request, as sections; `undo` is the body of the open transaction. */
function answerTo(address, [verb, ...words], body, session) {
  const state = stateOf(address)
  const read = () => sectionsOf(address, ofState, true)
  switch (verb) {
    case 'facts':
      return sectionsOf(address)
    case 'apply':
      session.body = body
      carryOut(state, body, 'do')
      return [['result', 'applied\n'], ...read()]
    case 'renew':
      return [['result', 'renewed\n'], ...(words[1] ? read() : [])]
    case 'commit':
      session.body = undefined
      return [['result', 'committed\n']]
    case 'rollback':
      carryOut(state, session.body ?? [], 'undo')
      session.body = undefined
      return [['result', 'rolled-back\n'], ...read()]
    case 'alive':
      return []
    default:
      throw new Error(`a request that no scripted host knows: ${verb}`)
  }
}

function talk(channel, command, address) {
  const [, nonce] = /echo (fw-run-[0-9a-f]+)-ready/.exec(command)
  channel.stderr.write(`${nonce}-begin\n`)
  channel.write(`${nonce}-ready 0\n`)
  const session = { body: undefined }
  let heard = ''
  let agent
  const respond = (words, body) => {
    const sections = answerTo(address, words, body, session).map(
      ([name, text]) => `\n${agent} begin ${name}\n${text}\n${agent} end 0\n`,
    )
    channel.write(`${sections.join('')}\n\n${agent} done\n`)
  }
  channel.on('data', (chunk) => {
    heard += chunk.toString('latin1')
    if (agent === undefined) {
      if (!heard.endsWith('\nexit\n}\n')) return
      const [, words] = /\nagent (.*)\nexit\n\}\n$/.exec(heard.slice(-1000))
      const [own, , , ...request] = words.replaceAll("'", '').split(' ')
      agent = own
      heard = ''
      respond(request, [])
      return
    }
    for (let end = heard.indexOf('\n.\n'); end >= 0; end = heard.indexOf('\n.\n')) {
      const [request, ...body] = heard.slice(0, end).split('\n')
      heard = heard.slice(end + 3)
      respond(request.split('\t'), body)
    }
  })
  channel.on('end', () => {
    channel.exit(0)
    channel.end()
  })
}

const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
  const address = client._sock.localAddress
  client._sock.setNoDelay(true)
  client.on('error', () => {})
  client.on('authentication', (asked) => {
    if (asked.method === 'publickey') asked.accept()
    else asked.reject(['publickey'])
  })
  client.on('session', (accept) => {
    accept().on('exec', (agree, _refuse, { command }) => talk(agree(), command, address))
  })
})
server.listen(22, '0.0.0.0', 4096, () => process.stdout.write('listening\n'))
