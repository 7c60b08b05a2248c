import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadInventory } from '../../src/inventory/load.ts'
import { argumentsOf, originOf } from '../../src/inventory/source-names.ts'
import { runScript } from '../../src/inventory/sources/run-script.ts'
import { savingPlace } from '../../src/inventory/writing/saving-place.ts'
import { startTimeLimit } from '../../src/waiting/time-limit.ts'
import { faultOfAsync, hostIn } from './fault.ts'

let root = ''
let folder = ''
let count = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fw-run-sources-'))
})
afterAll(() => rm(root, { recursive: true }))
beforeEach(async () => {
  count += 1
  folder = join(root, String(count))
  await mkdir(folder)
})

const at = (name: string): string => join(folder, name)

async function write(name: string, text: string, mode = 0o644): Promise<string> {
  await mkdir(dirname(at(name)), { recursive: true })
  await writeFile(at(name), text)
  await chmod(at(name), mode)
  return at(name)
}

const script = (body: string, name = 'inv') => write(name, `#!/bin/sh\n${body}\n`, 0o755)
const load = (...given: readonly string[]) => loadInventory(given, { extraVars: [] })
const faultIn = async (...given: readonly string[]) => {
  const { message } = await faultOfAsync(load(...given))
  return message.replaceAll(`${folder}/`, '')
}

describe('the standard input', () => {
  it('is not waited for after Ctrl-C', async () => {
    const stdin = new PassThrough()
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as never)
    const interrupt = new AbortController()
    const loading = loadInventory(['-'], { extraVars: [], signal: interrupt.signal })
    stdin.write('all:\n')
    interrupt.abort()
    await expect(loading).rejects.toMatchObject({ code: 'interrupted' })
    vi.restoreAllMocks()
  })

  it('is not taken for whole where reading it fails', async () => {
    const half = async function* () {
      yield Buffer.from('all: {hosts: {192.0.2.1: }}')
      throw new Error('EIO')
    }
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from(half()) as never)
    await expect(load('-')).rejects.toThrow('EIO')
    vi.restoreAllMocks()
  })
})

describe('several inventories', () => {
  it('are one, and the later wins', async () => {
    const a = await write('a.yml', 'web: {hosts: {n1: {ansible_host: 192.0.2.1, ip: 10.0.0.1}}}')
    const b = await write('b.ini', '[web]\nn1 ansible_host=192.0.2.9\nn2 ansible_host=192.0.2.2\n')
    const inventory = await load(a, b)
    expect(inventory.hosts.map(({ name, address }) => `${name} ${address}`)).toEqual([
      ...['n1 192.0.2.9', 'n2 192.0.2.2'],
    ])
    expect(hostIn(inventory, 'n1').settings.addresses).toEqual(['10.0.0.1', '192.0.2.9'])
    expect(inventory.file).toBe(`${a}, ${b}`)
  })

  it('that disagree about an address are told apart', async () => {
    const a = await write(
      'a.yml',
      'all: {hosts: {n1: {ansible_host: 192.0.2.1, ansible_port: 22}}}',
    )
    const b = await write(
      'b.yml',
      'all: {hosts: {n1: {ansible_host: 192.0.2.9, ansible_port: 22}}}',
    )
    expect((await load(a, b)).warnings).toEqual([
      `${b}:1:19: n1 has another ansible_host at ${a}:1:19. The value here wins, because fw-run reads it later`.replaceAll(
        ':19',
        ':20',
      ),
    ])
    expect((await load(a, a)).warnings).toEqual([])
  })

  it('each have their faults by their names', async () => {
    const a = await write('a.yml', 'all: {hosts: {n1: {ansible_port: x}}}')
    const b = await write('b.ini', '[web]\nn1 fw_zzz=1 broken\n[w:what]\n[lost:vars]\nx\n')
    const lines = (await faultIn(a, b)).split('\n')
    expect(lines.map((line) => line.replace(/: .*/, '')).sort()).toEqual([
      expect.stringMatching(/^a\.yml:1:\d+$/),
      ...['b.ini:2:13', 'b.ini:2:4', 'b.ini:3:1', 'b.ini:4:1', 'b.ini:5:1'],
    ])
  })

  it('are found again by their origin', () => {
    expect(argumentsOf(originOf(['a.yml', '-', 'h1,h2,']))).toEqual([
      ...[join(process.cwd(), 'a.yml'), '-', 'h1,h2,'],
    ])
  })
})

describe('inventory_dir in a template', () => {
  it('is the directory of the source that names a host first, and of no list', async () => {
    await write('b/keys/n2', '')
    const key = 'ansible_ssh_private_key_file: "{{ inventory_dir }}/keys/{{ inventory_hostname }}"'
    const a = await write(
      'a/a.yml',
      `all: {vars: {${key}, fw_addresses: 192.0.2.1}, hosts: {n1: }}`,
    )
    const b = await write('b/b.ini', '[g]\nn1\nn2 fw_addresses=192.0.2.2\n')
    const keys = (await load(a, b)).hosts.map(({ privateKeyFile }) => privateKeyFile)
    expect(keys).toEqual([at('a/keys/n1'), at('b/keys/n2')])
    expect(
      (await load(await script(`echo '{"g": ["n1"], "_meta": {"hostvars": {}}}'`), a)).hosts[0],
    ).toMatchObject({ privateKeyFile: at('keys/n1') })
    expect(await faultIn('n1,', a)).toContain('uses inventory_dir, whose value only Ansible knows')
  })
})

describe('a list of hosts', () => {
  it('is an inventory', async () => {
    const { hosts } = await load('192.0.2.1, 192.0.2.2:2222,,')
    expect(hosts.map(({ address, port }) => [address, port])).toEqual([
      ...[
        ['192.0.2.1', undefined],
        ['192.0.2.2', 2222],
      ],
    ])
  })

  it('has no ranges and no odd names', async () => {
    expect(await faultIn('n[1:3],')).toContain('ranges are not allowed in a list: name each host')
    expect(await faultIn('a b,')).toContain('a host name must not contain spaces')
    expect(await faultIn(',')).toMatch(/lists no hosts$/)
  })
})

describe('a directory', () => {
  it('holds inventories, with variables beside them', async () => {
    await write('01.yml', 'all: {hosts: {192.0.2.1: }}')
    await write('02', '[g]\n192.0.2.2\n')
    await write('old.cfg', '[g]\n192.0.2.9\n')
    await write('group_vars/g.yml', 'fw_set: of_g\n')
    const inventory = await load(folder)
    expect(inventory.hosts.map(({ name }) => name)).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(hostIn(inventory, '192.0.2.2').settings.set).toBe('of_g')
    expect(inventory.warnings).toEqual([])
  })

  it('may have *.ini only, and is else refused: hosts that Ansible reads could be missing from the set', async () => {
    await write('workers.ini', '[g]\n192.0.2.9\n')
    await write('more/10.ini', '[g]\n192.0.2.8\n')
    expect((await load(folder)).hosts.map(({ name }) => name)).toEqual(['192.0.2.8', '192.0.2.9'])
    await write('cluster.yml', 'g: {hosts: {192.0.2.1: }}')
    const { message, remedy } = await faultOfAsync(load(folder))
    expect(message.split('\n')).toEqual([
      expect.stringContaining('10.ini: Ansible before 2.19 does not read *.ini'),
      expect.stringContaining('workers.ini: Ansible before 2.19 does not'),
    ])
    const [, ...named] = /for example: -i (\S+) -i (\S+)$/m.exec(remedy ?? '') ?? []
    expect((await load(...named)).hosts).toHaveLength(2)
  })

  it('of Kubespray shows no secret, runs no program and reads no manifest', async () => {
    await write('inventory.ini', '[kube_node]\n192.0.2.1\n')
    await write('credentials/kubeadm_certificate_key.creds', `${'0af9'.repeat(16)}\n`)
    await write('etcd.gpg', 'node9\n')
    await script(`touch ${at('ran')}; echo '{}'`, 'artifacts/kubectl.sh')
    await write(
      'patches/kube-scheduler+merge.yaml',
      '---\napiVersion: v1\nkind: Pod\nspec: {a: 1}\n',
    )
    await write('admin.conf', 'apiVersion: v1\nclusters: []\nkind: "Config"\n')
    const { hosts, warnings } = await load(folder)
    expect(hosts.map(({ name }) => name)).toEqual(['192.0.2.1'])
    expect(existsSync(at('ran'))).toBe(false)
    expect(
      warnings.map((one) => one.replace(`${folder}/`, '').replace(/\. (If|To end) .*/, '')),
    ).toEqual([
      'artifacts: is not read: Kubespray uses such names for secrets and programs',
      'credentials: is not read: Kubespray uses such names for secrets and programs',
      'etcd.gpg: is not read: Kubespray uses such names for secrets and programs',
      'admin.conf: is not read: it is a file of Kubernetes (Config)',
      'patches/kube-scheduler+merge.yaml: is not read: it is a file of Kubernetes (Pod)',
    ])
  })
})

describe('a script', () => {
  it('gives hosts with their variables, and has files of variables beside it', async () => {
    const file = await script(
      `echo '{"g": ["192.0.2.1"], "_meta": {"hostvars": {"192.0.2.1": {"ansible_port": 2222, "ansible_ssh_private_key_file": "id"}}}}'`,
    )
    await write('group_vars/g', 'fw_set: mine\n')
    await write('id', '')
    expect((await load(file)).hosts[0]).toMatchObject({
      ...{ port: 2222, privateKeyFile: at('id'), settings: { set: 'mine' } },
    })
  })

  it.each([
    ['fails', 'echo "no token" >&2; exit 3', 'the script failed with exit code 3: "no token".'],
    ['is killed', 'kill -9 $$', 'the script was killed (SIGKILL).'],
    [
      'prints half a JSON',
      `echo '{"g": ["n1"'`,
      'printed something that is not JSON, or only a part',
    ],
    ['prints nothing', ':', 'printed nothing'],
    ['prints a list', 'echo "[]"', 'is not a mapping of groups, as --list must print'],
    [
      'lists hosts oddly',
      `echo '{"g": {"hosts": {"n1": 1}}, "_meta": {"hostvars": {}}}'`,
      'group "g": hosts is not a list',
    ],
    [
      'has an odd name',
      `echo '{"g": ["n1 -x"], "_meta": {"hostvars": {}}}'`,
      '"n1 -x" is not the name of a host',
    ],
    [
      'has a host that is no text',
      `echo '{"g": [{"ansible_password": "sesame"}], "_meta": {"hostvars": {}}}'`,
      'an entry that is not text is not the name of a host',
    ],
    [
      'has odd variables',
      `echo '{"g": ["n1"], "_meta": {"hostvars": {"n1": 5}}}'`,
      'host n1: its variables are not a mapping',
    ],
    ['prints too much', 'head -c 21000000 /dev/zero', 'the script printed more than 20 MB.'],
    [
      'has a circle of groups',
      `echo '{"a": {"children": ["b"]}, "b": {"children": ["a"], "hosts": ["n1"]}, "_meta": {"hostvars": {}}}'`,
      'groups contain each other',
    ],
  ])('that %s is refused', async (_, body, words) => {
    const said = await faultIn(await script(body))
    expect(said).toMatch(/^inv/)
    expect(said).toContain(words)
  })

  it('that hangs is stopped at the deadline, with what it has started', async () => {
    const file = await script('sleep 1000 & wait')
    const limit = startTimeLimit(0.5, undefined)
    const run = runScript(file, ['--list'], limit)
    expect((await faultOfAsync(run)).message).toContain('the script is not done after 0.5 s.')
  })

  it('that Ctrl-C stops is no fault of the inventory', async () => {
    const file = await script(`touch '${at('began')}'; sleep 1000 & wait`)
    const interrupt = new AbortController()
    const loading = loadInventory([file], { extraVars: [], signal: interrupt.signal })
    await expect.poll(() => existsSync(at('began'))).toBe(true)
    interrupt.abort()
    expect(await faultOfAsync(loading)).toMatchObject({ code: 'interrupted' })
  })

  it('may leave something running that holds its output, and does not get the settings of fw-run', async () => {
    vi.stubEnv('FW_RUN_EXTRA_VARS', 'ansible_password=sesame')
    onTestFinished(() => void vi.unstubAllEnvs())
    const file = await script(
      `sleep 1000 & echo "{\\"g\\": [\\"192.0.2.1\\"], \\"_meta\\": {\\"hostvars\\": {\\"192.0.2.1\\": {\\"ansible_user\\": \\"\${FW_RUN_EXTRA_VARS:-nobody}\\"}}}}"`,
    )
    expect((await load(file)).hosts[0]?.user).toBe('nobody')
  })

  it('has a path that can be typed as it is shown', async () => {
    const file = await script('exit 3', "o'dd inv")
    const { remedy } = await faultOfAsync(load(file))
    const command = /^To see what the script prints: (.*)$/.exec(remedy ?? '')?.[1] ?? ''
    expect(spawnSync('sh', ['-c', command]).status).toBe(3)
  })

  it.each([
    ['exit 3', 3],
    ['echo no JSON', 0],
  ])('can be typed as it is shown in its own directory, too: %s', async (text, status) => {
    await script(text, 'own.sh')
    const before = process.cwd()
    process.chdir(folder)
    onTestFinished(() => process.chdir(before))
    const { remedy } = await faultOfAsync(load('own.sh'))
    const command = /^To see what the script prints: (.*)$/.exec(remedy ?? '')?.[1] ?? ''
    expect(spawnSync('sh', ['-c', command])).toMatchObject({ status })
  })

  it('is not run unless it is executable', async () => {
    const file = await write('inv.sh', `#!/bin/sh\ntouch ${at('ran')}\n`)
    expect(await faultIn(file)).toBe('inv.sh:1: this is a script, but it is not executable')
  })

  it('is no script only because all files of a share are executable', async () => {
    const file = await write('hosts.yml', 'all: {hosts: {192.0.2.1: }}', 0o755)
    expect((await load(file)).hosts).toHaveLength(1)
  })
})

describe(savingPlace.name, () => {
  const place = (...given: readonly string[]) => savingPlace(given, 'fw_interface', 'ens18')

  it("is a YAML inventory of Ansible's", async () => {
    const file = await write('hosts.yml', 'all: {hosts: {192.0.2.1: }}')
    expect(await place(file)).toEqual({ kind: 'file', file })
  })

  it('is else what a person writes by hand', async () => {
    const adviceOf = async (...given: readonly string[]) => {
      const found = await place(...given)
      return found.kind === 'by-hand' ? found.advice.replaceAll(folder, '') : found
    }
    const ini = await write('hosts.ini', '[g]\nn1\n')
    const rke = await write('cluster.yml', 'nodes:\n- address: 192.0.2.1\n')
    const file = await script('echo {}')
    expect(await adviceOf(ini)).toBe(
      'write `fw_interface=ens18` into /hosts.ini, in the section [all:vars]',
    )
    const beside = 'write `fw_interface: ens18` into /group_vars/all.yml'
    // A value without quotes would be no JSON, for all other programs that read the file.
    const json = await write('hosts.json', '{"all": {"vars": {"a": 1}, "hosts": {"n1": {}}}}')
    for (const one of [rke, file, json, folder]) expect(await adviceOf(one)).toBe(beside)
    const own =
      'write a file with the line `all: { vars: { fw_interface: ens18 } }`, and add -i FILE'
    for (const given of [['-'], ['a,b'], [ini, rke]]) expect(await adviceOf(...given)).toBe(own)
  })
})
