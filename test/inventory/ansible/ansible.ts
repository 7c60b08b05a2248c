import { execFileSync, spawnSync } from 'node:child_process'

/** The Python that ansible-inventory runs with; undefined where it is not installed. */
const python = spawnSync('sh', ['-c', 'head -n 1 "$(command -v ansible-inventory)"'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
}).stdout.match(/^#! ?(\S+)/)?.[1]

/** Whether Ansible is installed here. */
export const hasAnsible = python !== undefined

/** What Ansible reads of these inventories, or `{ error }`. */
export function readWithAnsible(
  asked: readonly { readonly directory: string; readonly arguments: readonly string[] }[],
): readonly unknown[] {
  const program = new URL('read-with-ansible.py', import.meta.url).pathname
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C.UTF-8' }
  const output = execFileSync(python ?? 'python3', [program], {
    input: asked.map((one) => `${JSON.stringify(one)}\n`).join(''),
    encoding: 'utf8',
    env: { ...env, ANSIBLE_LOCAL_TEMP: '/tmp/fw-run-ansible', ANSIBLE_HOME: '/tmp/fw-run-ansible' },
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
