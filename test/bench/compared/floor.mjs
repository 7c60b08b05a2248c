// The floor: what no program that changes hosts as root can do without. One handshake and one `sudo -n true` on each host, by
// ssh2 alone. It checks no host key and reads no inventory.
// Usage: node floor.mjs KEY CONCURRENCY ADDRESS…
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'

const [key = '', concurrency = '1', ...addresses] = process.argv.slice(2)
const privateKey = readFileSync(key)

function visit(host) {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('error', reject)
    client.on('ready', () => {
      client.setNoDelay(true)
      client.exec('sudo -n true', (error, channel) => {
        if (error) return reject(error)
        channel.resume().on('close', (code) => {
          client.end()
          if (code === 0) resolve()
          else reject(new Error(`${host}: sudo ended with ${code}`))
        })
      })
    })
    client.connect({ host, username: 'ops', privateKey })
  })
}

const waiting = [...addresses]
async function work() {
  for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) await visit(host)
}
await Promise.all(Array.from({ length: Number(concurrency) }, work))
