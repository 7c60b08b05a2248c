import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A TCP server on 127.0.0.1 that does this with each connection. */
export interface TestServer {
  readonly port: number
  /** How many connections it has had. */
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/** Starts one; `each` is told the number of the connection, from 1. */
export async function startServer(
  each: (socket: Socket, number: number) => void,
): Promise<TestServer> {
  const open = new Set<Socket>()
  let connections = 0
  const server: Server = createServer((socket) => {
    connections += 1
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    each(socket, connections)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await startServer(() => {})
  await server.close()
  return server.port
}
