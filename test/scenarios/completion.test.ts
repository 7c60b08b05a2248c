import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { removeFolder } from '../remove-folder.ts'
import { executable } from './fw-run.ts'

const starts = {
  bash: ['bash --norc --noprofile', 'source <(fw-run completion bash)'],
  zsh: ['zsh -f', 'autoload -U compinit; compinit -u; source <(fw-run completion zsh)'],
  fish: ['fish --no-config', 'fw-run completion fish | source'],
} as const

const run = '20260102-030405-abcd'

/** What a person types, Tab included, and what the line then is. */
const typed: readonly (readonly [keys: readonly string[], line: RegExp])[] = [
  [['fw-run appl', 'Tab'], /fw-run apply$/m],
  [['-i inv', 'Tab'], /-i inv\.yaml/],
  [[' -l alp', 'Tab'], /-l alpha-node/],
  [['C-u', 'fw-run -i inv.yaml status --limit=contr', 'Tab'], /--limit=control/],
  [['C-u', 'fw-run status --output=nd', 'Tab'], /--output=ndjson/],
  [['C-u', 'fw-run runs 2026', 'Tab'], new RegExp(run)],
  [['C-u', 'fw-run init in', 'Tab'], /fw-run init inv\.yaml/],
  // Where nothing fits, the word stays open.
  [['C-u', 'fw-run hosts add new', 'Tab', 'er'], /fw-run hosts add newer/],
  [['C-u', 'fw-run apply -i hostile -l never', 'Tab', 'C-u', 'echo quiet', 'Enter'], /^quiet$/m],
  // The shell must not act on a name.
  [['C-u', 'fw-run inventory -i inv.yaml -l gam', 'Tab'], /-l gamma/],
  [['Enter', 'C-u', 'clear; echo do""ne', 'Enter'], /^done$/m],
]

describe('fw-run completion', () => {
  it.each(Object.entries(starts))('completes at Tab in %s', async (_, start) => {
    const [shell, setUp] = start
    const home = mkdtempSync(join(tmpdir(), 'fw-run-completion-'))
    const tmux = (...words: string[]): string =>
      execFileSync('tmux', ['-S', join(home, 'socket'), ...words], {
        encoding: 'utf8',
        cwd: home,
        env: {
          ...{ HOME: home, XDG_STATE_HOME: join(home, 'state'), LANG: 'C.UTF-8' },
          PATH: [home, dirname(process.execPath), process.env.PATH].join(':'),
        },
      })
    const shows = async (pattern: RegExp): Promise<void> => {
      for (let tries = 0; tries < 300; tries++) {
        if (pattern.test(tmux('capture-pane', '-p'))) return
        await delay(100)
      }
      throw new Error(`never showed ${pattern}:\n${tmux('capture-pane', '-p')}`)
    }
    try {
      symlinkSync(executable, join(home, 'fw-run'))
      writeFileSync(
        join(home, 'inv.yaml'),
        'all: {children: {control: {hosts: {alpha-node: , beta: , "gamma$(>made)": }}}}\n',
      )
      // A script may connect to anything, so Tab must not run it.
      writeFileSync(join(home, 'hostile'), '#!/bin/sh\ntouch ran\necho "[never]" >&2\n')
      chmodSync(join(home, 'hostile'), 0o755)
      mkdirSync(join(home, 'state/fw-run/runs'), { recursive: true })
      writeFileSync(join(home, `state/fw-run/runs/${run}.ndjson`), '')
      tmux('-f', '/dev/null', 'new-session', '-d', '-x', '120', '-y', '40', shell)
      tmux('send-keys', `${setUp}; clear; echo be''gin`, 'Enter')
      await shows(/^begin$/m)
      for (const [keys, line] of typed) {
        for (const key of keys)
          tmux('send-keys', ...(/^(Tab|Enter|C-u)$/.test(key) ? [] : ['-l', '--']), key)
        await shows(line)
      }
      expect(tmux('capture-pane', '-p')).not.toMatch(/error|ENOENT|fw-run: /)
      expect(readdirSync(home)).not.toContain('ran')
      expect(readdirSync(home)).not.toContain('made')
    } finally {
      tmux('kill-server')
      // A shell writes its history when it is ended.
      removeFolder(home)
    }
  })
})
