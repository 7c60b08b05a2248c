import { describe, expect, it, vi } from 'vitest'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { isolate, printedSoFar } from './isolate.ts'

isolate()

/** A text as a run with these arguments prints it. */
function printed(args: readonly string[], text: string): string {
  const parsed = parseArguments(args)
  if (parsed.kind === 'ended') throw new Error(`ended with ${parsed.exitCode}: ${printedSoFar()}`)
  return parsed.invocation.withFlags(text)
}

describe('flagsAgain', () => {
  it('names the inventory, quoted for a shell, in each printed command', () => {
    expect(
      printed(
        ['apply', '-i', "ann's hosts.yaml", '-i', 'more.ini'],
        'Run `fw-run recover`, then `fw-run apply` again. `ip link` helps.',
      ),
    ).toBe(
      "Run `fw-run recover -i 'ann'\\''s hosts.yaml' -i more.ini`, then `fw-run apply -i 'ann'\\''s hosts.yaml' -i more.ini` again. `ip link` helps.",
    )
  })

  it('adds nothing where the environment has the inventory, because it still has it later', () => {
    vi.stubEnv('FW_RUN_INVENTORY', 'hosts.yaml')
    expect(printed(['apply'], '`fw-run recover`')).toBe('`fw-run recover`')
  })

  it('logs in as this run did', () => {
    const args = '-u ops -kK --private-key key -F config --transport openssh -T 30 -f 2'.split(' ')
    expect(printed(['apply', '-i', 'h', ...args], '`fw-run recover`')).toBe(
      '`fw-run recover -i h -u ops -k -K --private-key key -F config --transport openssh`',
    )
    expect(printed(['apply', '-i', 'h', '--no-ssh-config'], '`fw-run recover`')).toBe(
      '`fw-run recover -i h --no-ssh-config`',
    )
  })

  it('keeps --limit for the same command and for those that change nothing', () => {
    const args = ['apply', '-i', 'h', '-l', 'a,&b']
    const limited = "-i h -l 'a,&b'"
    expect(printed(args, '`fw-run apply`')).toBe(`\`fw-run apply ${limited}\``)
    expect(printed(args, '`fw-run status`')).toBe(`\`fw-run status ${limited}\``)
    expect(printed(args, '`fw-run remove`')).toBe('`fw-run remove -i h`')
    expect(printed(args, '`fw-run recover`')).toBe('`fw-run recover -i h`')
    expect(printed(args, '`fw-run inventory`')).toBe('`fw-run inventory -i h`')
  })

  it('gives no command a flag that it does not take, or that it has', () => {
    const args = ['apply', '-i', 'h', '--interface', 'ens18', '-u', 'ops']
    expect(printed(args, '`fw-run status`')).toBe('`fw-run status -i h -u ops --interface ens18`')
    expect(printed(args, '`fw-run remove`')).toBe('`fw-run remove -i h -u ops`')
    expect(printed(args, '`fw-run inventory`')).toBe('`fw-run inventory -i h`')
    expect(printed(args, '`fw-run runs`')).toBe('`fw-run runs`')
    expect(printed(args, '`fw-run init FILE`')).toBe('`fw-run init FILE`')
    expect(printed(args, '`fw-run remove -i 192.0.2.1,`')).toBe(
      '`fw-run remove -u ops -i 192.0.2.1,`',
    )
  })

  it('repeats variables, but none that may hold a password', () => {
    const flags = [
      ...['-e', 'fw_guard=nft ansible_port=22', '-e', '@vars.yaml'],
      ...['-e', 'ansible_password=secret', '-e', '{"ansible_ssh_pass": "secret"}'],
      ...['-e', 'fw_guard=nft ansible_become_pass=secret'],
      ...['-e', '{"fw_interface": "ens18", "ansible_become_password": "secret"}'],
    ]
    const own = ['-e', 'fw_set=mine', '-e', 'fw_settings=y']
    expect(printed(['apply', '-i', 'h', ...own], '`fw-run remove -e fw_set=x`')).toBe(
      '`fw-run remove -i h -e fw_settings=y -e fw_set=x`',
    )
    expect(printed(['apply', '-i', 'h', ...flags], '`fw-run remove -e fw_set=x`')).toBe(
      `\`fw-run remove -i h -e 'fw_guard=nft ansible_port=22' -e @vars.yaml -e fw_guard=nft -e '{"fw_interface":"ens18"}' -e fw_set=x\``,
    )
  })

  it.each([
    ['vault_pw=secret fw_guard=nft', ' -e fw_guard=nft'],
    ['{"env": "secret", "fw_guard": "nft"}', ` -e '{"fw_guard":"nft"}'`],
    ['{env: secret}', ''],
    ['env="secret', ''],
  ])(
    'leaves a gap for variables that it does not repeat, but that the next command may need: %s',
    (value, kept) => {
      expect(printed(['status', '-i', 'h', '-e', value], '`fw-run apply`')).toBe(
        `\`fw-run apply -i h${kept} -e ...\``,
      )
    },
  )

  it('loses no variable that stands behind one which the command sets', () => {
    const args = (value: string) => ['preflight', '-i', 'h', '-e', value]
    const set = '`fw-run preflight -e fw_guard=nft`'
    expect(printed(args('fw_guard=forward fw_interface=ens18'), set)).toBe(
      "`fw-run preflight -i h -e 'fw_guard=forward fw_interface=ens18' -e fw_guard=nft`",
    )
    expect(printed(args('fw_guard=forward ansible_ssh_common_args="-o ProxyJump=b"'), set)).toBe(
      '`fw-run preflight -i h -e fw_guard=forward -e ... -e fw_guard=nft`',
    )
  })

  it('names the file that init writes, not the hosts that were typed', () => {
    const args = ['init', 'new.yaml', '-i', 'a,b,', '-u', 'ops', '-K']
    expect(printed(args, '`fw-run status`')).toBe('`fw-run status -i new.yaml -K`')
    expect(printed(args, '`fw-run apply -i new.yaml -K`')).toBe('`fw-run apply -i new.yaml -K`')
  })
})
