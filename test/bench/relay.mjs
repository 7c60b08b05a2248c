// A relay that delays TCP connections, each way. It runs as another user than root, so that a rule of iptables can send to it
// what root connects to, and not what it connects to itself.
// Usage: node relay.mjs MILLISECONDS USER PORT=ADDRESS…
import { connect, createServer } from 'node:net'

const [delay = '', user = '', ...pairs] = process.argv.slice(2)
const milliseconds = Number(delay)

/** Hands on what comes, the end included, so much later. */
function pass(from, to) {
  from.setNoDelay(true)
  const later = (what) => setTimeout(what, milliseconds)
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => later(() => to.destroy()))
  from.on('close', () => later(() => to.destroy()))
}

function serve(port, address) {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.pause()
    // A host accepts a connection when the third packet of the handshake has come.
    setTimeout(() => {
      const far = connect({ port: 22, host: address, allowHalfOpen: true })
      pass(near, far)
      pass(far, near)
      near.resume()
    }, milliseconds * 3)
  })
  return new Promise((resolve) => server.listen(port, resolve))
}

process.setuid(Number(user))
await Promise.all(pairs.map((pair) => serve(...pair.split('='))))
process.stdout.write('ready\n')
