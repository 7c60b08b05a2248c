/** What fw-run has for an option of another tool, as a line; undefined if there is nothing to say. */
export function hintForOption(option: string): string | undefined {
  const [name = ''] = option.split('=')
  // -dry-run is --dry-run with one dash. Commander gives short options that are written together as one word: -bK, -ojson.
  return OPTIONS.get(name) ?? OPTIONS.get(`-${name}`) ?? OPTIONS.get(name.slice(0, 2))
}

/** What fw-run has for a command of another tool, or for a file where a command belongs. */
export function hintForCommand(name: string): string | undefined {
  return isInventory(name)
    ? `Give a command first: fw-run preflight -i ${name}`
    : COMMANDS.get(name)
}

/** Where a word belongs that a command does not take: behind `-i`, or `--limit` if it has that; undefined if that is not known. */
export function hintForWord(word: string, hasLimit: boolean): string | undefined {
  if (isInventory(word)) return didYouMean(`-i ${word}`)
  return hasLimit ? didYouMean(`--limit ${word}`) : undefined
}

/** Whether a word looks like the file of an inventory. */
export function isInventory(word: string): boolean {
  return /\.(ya?ml|json|ini)$|\//i.test(word)
}

function didYouMean(meant: string): string {
  return `Did you mean ${meant}?`
}

const dryRun = 'To see what would change: fw-run apply --check --diff -i FILE'
const hosts = 'To list the hosts: fw-run inventory -i FILE'
const become =
  'fw-run uses sudo by itself, for every user except root. If sudo needs a password, give -K or set ansible_become_password. For su or doas set ansible_become_method.'
const removal = 'fw-run remove removes the guard; fw-run recover finishes an unfinished run.'
const preflight = didYouMean('fw-run preflight')

/** Options of Ansible, kubectl, terraform and others. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['--json', didYouMean('--output json')],
  ['--ndjson', didYouMean('--output ndjson')],
  ['-o', 'Did you mean --output FORMAT, such as --output json?'],
  ['--format', 'Did you mean --output FORMAT, such as --output json?'],
  ...['--dry-run', '--dryrun', '--noop', '--plan', '-n'].map((name) => [name, dryRun] as const),
  ...['--list-hosts', '--syntax-check', '--list'].map((name) => [name, hosts] as const),
  ...['-b', '--become', '--sudo', '-s'].map((name) => [name, become] as const),
  ['--ask-sudo-pass', didYouMean('-K')],
  ['--key-file', didYouMean('--private-key')],
  ['--identity-file', didYouMean('--private-key')],
  ['--hosts', didYouMean('--limit')],
  ['--subset', didYouMean('--limit')],
  ['--inventory-file', didYouMean('--inventory')],
  ['--auto-approve', 'fw-run asks before or after a change only if --ask or --confirm is given.'],
  ['--force', 'fw-run has no --force: it says what to do about each check that fails.'],
  ...['--ask-vault-pass', '--vault-password-file', '--vault-id'].map(
    (name) => [name, 'fw-run cannot read ansible-vault. Give passwords with -k and -K.'] as const,
  ),
])

/** Commands of other tools. */
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['plan', dryRun],
  ['diff', dryRun],
  ...['rollback', 'undo', 'unapply', 'revert'].map((name) => [name, removal] as const),
  ...['delete', 'destroy', 'uninstall', 'down'].map(
    (name) => [name, didYouMean('fw-run remove')] as const,
  ),
  ...['check', 'test', 'validate', 'verify', 'audit'].map((name) => [name, preflight] as const),
  ...['install', 'up', 'deploy', 'protect', 'run'].map(
    (name) => [name, didYouMean('fw-run apply')] as const,
  ),
  ...['list', 'ls', 'show'].map((name) => [name, hosts] as const),
  ...['history', 'log', 'logs'].map((name) => [name, didYouMean('fw-run runs')] as const),
  ...['resume', 'continue', 'repair'].map((name) => [name, didYouMean('fw-run recover')] as const),
])
