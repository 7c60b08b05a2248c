import { setTimeout as delay } from 'node:timers/promises'
import type { Lab } from '../lab/lab.ts'
import { executable, quote } from './fw-run.ts'

/** A real terminal of 80 columns and 24 lines on the jump host, in tmux, in which fw-run runs. */
export interface Terminal {
  /** Types keys in tmux's names, `Enter` and `C-c` among them. */
  readonly type: (...keys: string[]) => Promise<void>
  /** Waits until the screen shows something; rejects with the screen if it never does. */
  readonly shows: (pattern: RegExp) => Promise<string>
  /** What its 24 lines show now, without what has scrolled away. */
  readonly screen: () => Promise<string>
  readonly close: () => Promise<void>
}

/** Its socket lies in the lab's own home, so that labs side by side do not share a server. */
const tmux = 'tmux -S tmux.socket'

/** Starts fw-run in a terminal with the lab's inventory, by its name or by stdin, or without any; when it ends, the screen says `exit code N`. */
export async function openTerminal(
  lab: Lab,
  words: readonly string[],
  given: 'by name' | 'by stdin' | 'none' = 'by name',
): Promise<Terminal> {
  const inventory =
    (await lab.jump.run('test -e mine.yaml')).code === 0 ? 'mine.yaml' : 'inventory.yaml'
  if (given !== 'none' && inventory === 'inventory.yaml')
    await lab.file(inventory, lab.inventoryYaml())
  const more = given === 'none' ? [] : ['-i', given === 'by name' ? inventory : '-']
  const program = ['node', executable, ...words, ...more].map(quote).join(' ')
  const line = given === 'by stdin' ? `cat ${inventory} | ${program}` : program
  const script = `trap : INT; ${line}; echo "exit code $?"; sleep 1000`
  const made = await lab.jump.run(
    `${tmux} -f /dev/null new-session -d -x 80 -y 24 ${quote(script)}`,
  )
  if (made.code !== 0) throw new Error(made.stderr)
  const capture = async (more = ''): Promise<string> =>
    (await lab.jump.run(`${tmux} capture-pane -p${more}`)).stdout
  const all = (): Promise<string> => capture(' -S -200')
  return {
    type: async (...keys) =>
      void (await lab.jump.run(`${tmux} send-keys ${keys.map(quote).join(' ')}`)),
    async shows(pattern) {
      for (let tries = 0; tries < 2000; tries++) {
        const text = await all()
        if (pattern.test(text)) return text
        await delay(200)
      }
      throw new Error(`The terminal never showed ${pattern}:\n${await all()}`)
    },
    screen: () => capture(),
    close: async () => void (await lab.jump.run(`${tmux} kill-server`)),
  }
}
