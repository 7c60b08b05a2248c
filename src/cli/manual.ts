import type { Option } from 'commander'
import type { CommandDefinition } from '../commands/command.ts'
import { commands } from '../commands/commands.ts'
import { wrapText } from '../text/wrap.ts'
import { afterHelp, description } from './usage.ts'

/** The manual page fw-run(1), in the macros of man(7), made of what `--help` is made of. `date` is `YYYY-MM-DD`. */
export function manualPage(version: string, date: string): string {
  const [, exitCodes = ''] = afterHelp.split('Exit codes:\n')
  return [
    `.TH FW-RUN 1 ${date} "fw-run ${version}"`,
    '.SH NAME',
    `fw-run \\- ${plain(description.split(':')[0] ?? '')}`,
    '.SH SYNOPSIS',
    '.B fw-run',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    sentence(description),
    '.PP',
    'Each command takes the options below its name.',
    'Options may also stand before the command.',
    'Every option has an environment variable:',
    `.B ${plain('--ask-pass')}`,
    'is',
    '.BR FW_RUN_ASK_PASS .',
    ...commands.flatMap(section),
    '.SH EXIT STATUS',
    ...exitCodes.split(/\n {2}(?=\d)|^ {2}(?=\d)/).flatMap(exitCode),
    '.SH SEE ALSO',
    '.BR ssh (1),',
    '.BR ssh_config (5),',
    '.BR iptables (8),',
    '.BR ipset (8),',
    '.BR nft (8)',
    '',
  ].join('\n')
}

function section({ name, summary, word, options }: CommandDefinition): readonly string[] {
  const [usage, meaning] = word ?? []
  return [
    `.SH "${name.toUpperCase()}"`,
    `.B fw-run ${name}`,
    ...(usage ? [plain(usage)] : []),
    '.RI [ options ]',
    '.PP',
    sentence(summary),
    ...(usage && meaning ? ['.TP', `.I ${plain(usage)}`, sentence(meaning)] : []),
    ...options.flatMap(entry),
  ]
}

function entry({
  flags,
  description: meaning,
  argChoices,
  defaultValue,
}: Option): readonly string[] {
  const more = [
    ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
    ...(defaultValue === undefined || defaultValue === true ? [] : [`default ${defaultValue}`]),
  ]
  return [
    '.TP',
    `.B ${plain(flags)}`,
    sentence(more.length > 0 ? `${meaning} (${more.join('; ')})` : meaning),
  ]
}

function exitCode(text: string): readonly string[] {
  const [, code, meaning] = /^(\d+)\s+(.*)$/s.exec(text.trim()) ?? []
  return code && meaning ? ['.TP', `.B ${code}`, sentence(meaning.replace(/\s+/g, ' '))] : []
}

function sentence(text: string): string {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
  return wrapText(whole, 70)
    .split('\n')
    .map((line) => plain(line.trimStart()))
    .join('\n')
}

/** Text that roff prints as it is. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
}
