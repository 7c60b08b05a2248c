import type { Answer, Inside, RunOptions } from './inside.ts'

/** Somewhere in the lab from which commands run and packets leave. */
export type Place = {
  readonly name: string
  /** Its address: on the subnet, or the pod's own. */
  readonly address: string
  /** Runs `sh -c` there as root. */
  run(command: string, options?: RunOptions): Promise<Answer>
  /** Whether one of three real echo requests is answered within seconds: on a busy machine one may get lost. */
  canPing(address: string): Promise<boolean>
  /** Whether a real TCP connection is accepted within so many seconds, default 5. */
  canConnect(address: string, port?: number, seconds?: number): Promise<boolean>
  /** Whether a real HTTP request is answered within seconds: unlike a handshake, that takes a process. */
  canFetch(address: string, port?: number): Promise<boolean>
}

/** The port on which every pod and the outsider answer HTTP with their name. */
const WEB_PORT = 8080

/** A place whose commands run through `inside`. */
export function placeAt(inside: Inside, name: string, address: string): Place {
  const run: Place['run'] = (command, options) => inside.run(['sh', '-c', command], options)
  const succeeds = async (...argv: readonly string[]): Promise<boolean> =>
    (await inside.run(argv)).code === 0
  return {
    name,
    address,
    run,
    canPing: (target) => succeeds('ping', '-n', '-c', '3', '-i', '0.2', '-W', '5', target),
    canConnect: (target, port = WEB_PORT, seconds = 5) =>
      succeeds('nc', '-n', '-z', '-w', `${seconds}`, target, `${port}`),
    canFetch: async (target, port = WEB_PORT) => {
      const request = { stdin: 'GET / HTTP/1.0\r\n\r\n' }
      const { stdout } = await inside.run(['nc', '-n', '-w', '4', target, `${port}`], request)
      return stdout.includes(' 200 OK')
    },
  }
}
