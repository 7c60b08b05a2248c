import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadInventory } from '../../../src/inventory/load.ts'
import { parseExtraVars } from '../../../src/inventory/variables/extra-vars.ts'
import { faultOf, faultOfAsync, hostIn, inventoryOf, problemsOf } from '../fault.ts'

const TEXT = 'all: {hosts: {n1: {ansible_host: 192.0.2.1}}}'

describe(parseExtraVars.name, () => {
  const settingsWith = (...extra: string[]) => hostIn(inventoryOf(TEXT, ...extra), 'n1').settings

  it('reads numbers, lists and words as YAML does', () => {
    expect(
      settingsWith('fw_position=12', 'fw_interface=[ens18, ens19]', 'fw_action=DROP'),
    ).toMatchObject({ position: 12, interfaces: ['ens18', 'ens19'], action: 'DROP' })
  })

  it('reads several variables of one argument, as Ansible does', () => {
    expect(settingsWith('fw_set=a fw_position=3')).toMatchObject({ set: 'a', position: 3 })
    expect(settingsWith(' fw_set="a"\tfw_interface=[x, y]  fw_action=DROP ')).toMatchObject({
      set: 'a',
      interfaces: ['x', 'y'],
      action: 'DROP',
    })
    expect(settingsWith('kube_x="fw_set=b c" fw_set=a')).toMatchObject({ set: 'a' })
    expect(settingsWith(`fw_probes=[command: "x y=1"] fw_set='a'`)).toMatchObject({
      set: 'a',
      probes: [{ probe: { kind: 'command', command: 'x y=1' } }],
    })
  })

  it('takes a password letter for letter, but for quotes around all of it', () => {
    const cases: Record<string, string> = {
      'x*a: {b}': 'x*a: {b}',
      'x#y': 'x#y',
      "x'y'": "x'y'",
      '012': '012',
      'a b': 'a b',
      'a=b': 'a=b',
      '"a b=c"': 'a b=c',
      "'#'": '#',
    }
    for (const [written, password] of Object.entries(cases)) {
      const inventory = inventoryOf(TEXT, `ansible_password=${written} ansible_user=ops`)
      const host = hostIn(inventory, 'n1')
      expect([host.user, host.password?.reveal()], written).toEqual(['ops', password])
    }
  })

  it('replaces a template in a password, as Ansible does, and refuses one that it cannot evaluate', () => {
    const inventory = inventoryOf(TEXT, 'ansible_password={{ mine }} mine=zzz')
    expect(hostIn(inventory, 'n1').password?.reveal()).toBe('zzz')
    expect(problemsOf(TEXT, 'ansible_become_password={{ theirs | vault }}')).toEqual([
      '-e ansible_become_password: has a template that fw-run cannot evaluate',
    ])
  })

  it('names the variable that is wrong', () => {
    expect(problemsOf(TEXT, 'fw_positon=12', 'fw_set=; rm -rf /')).toEqual([
      '-e fw_positon: is not a variable of fw-run: did you mean "fw_position"?',
      '-e fw_set: "; rm -rf /" is not an ipset name: use 1 to 31 letters, digits and _ . : -',
    ])
  })

  it('suggests a name that begins alike, and lists all if none is near', () => {
    expect(problemsOf(TEXT, 'fw_pos=3')).toEqual([
      '-e fw_pos: is not a variable of fw-run: did you mean "fw_position"?',
    ])
    const { message, remedy } = faultOf(() => inventoryOf(TEXT, 'fw_zzz=1'))
    expect(message).toBe('-e fw_zzz: is not a variable of fw-run')
    expect(remedy).toMatch(/^fw-run has: fw_interface, /)
  })

  it('names a variable once, in every kind of message', () => {
    expect(problemsOf(TEXT, 'fw_group=x', 'fw_set={{ y }}')).toEqual([
      '-e fw_group: group "x" does not exist',
      '-e fw_set: uses the variable y, which the inventory does not define for n1',
    ])
    expect(problemsOf(TEXT, 'ansible_connection=docker')).toEqual([
      '-e ansible_connection: "docker" is not supported; use ssh, or local for the machine that fw-run runs on. If this host is no node of the cluster, make a group k8s_cluster that has only the nodes',
    ])
    expect(inventoryOf(TEXT, 'ansible_connection=local').hosts[0]?.isLocal).toBe(true)
    expect(inventoryOf(TEXT, 'ansible_connection=paramiko_ssh').hosts[0]?.isLocal).toBe(undefined)
    expect(inventoryOf(TEXT, 'ansible_prot=22').warnings).toEqual([
      '-e ansible_prot: is not used by fw-run: did you mean "ansible_port"?',
    ])
  })

  it('refuses what is no assignment without showing it', () => {
    for (const argument of ['sesame', '[sesame]', '=sesame', '{sesame', 'sesame fw_set=a', '']) {
      const { code, message } = faultOf(() => inventoryOf(TEXT, argument))
      expect(code).toBe('usage')
      expect(message).toMatch(/^-e(:1:\d+)?: /)
      expect(message).not.toContain('sesame')
    }
  })

  it('calls every fault of -e bad usage, and faults of the file alone one of the inventory', () => {
    const codeOf = (text: string, ...extra: string[]) =>
      faultOf(() => inventoryOf(text, ...extra)).code
    for (const extra of ['fw_zzz=1', 'fw_set=a b', 'fw_group=x', 'ansible_connection=docker']) {
      expect(codeOf(TEXT, extra), extra).toBe('usage')
    }
    expect(codeOf('all:\n', 'fw_zzz=1')).toBe('usage')
    expect(codeOf('all:\n', 'fw_set=a')).toBe('inventory')
  })
})

describe('-e @FILE', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fw-run-'))
    await writeFile(join(folder, 'hosts.yaml'), TEXT)
  })
  afterAll(() => rm(folder, { recursive: true }))
  afterEach(() => vi.unstubAllEnvs())

  const load = async (vars: string, ...more: string[]) => {
    const file = join(folder, 'vars.yaml')
    await writeFile(file, vars)
    return loadInventory([join(folder, 'hosts.yaml')], { extraVars: [`@${file}`, ...more] })
  }

  it('reads YAML and JSON, in the order of the arguments', async () => {
    const yaml = await load('# ours\nfw_set: a\nfw_position: 3\nkube_x: !vault y\n', 'fw_set=b')
    expect(hostIn(yaml, 'n1').settings).toMatchObject({ set: 'b', position: 3 })
    const json = await load('{"fw_set": "a", "fw_interface": ["ens18"]}')
    expect(hostIn(json, 'n1').settings).toMatchObject({ set: 'a', interfaces: ['ens18'] })
  })

  it.each([
    [
      'a wrong value, with its line and column',
      'fw_set: a\nfw_action: no\n',
      /vars\.yaml:2:12: fw_action: "no" is not REJECT or DROP/,
    ],
    ['a file that is no mapping', '- fw_set\n', /vars\.yaml: must be a mapping of names to values/],
    ['an empty file', '', /vars\.yaml: must be a mapping/],
    ['broken YAML', 'a: [', /vars\.yaml:1:4: not YAML/],
    [
      'an encrypted file',
      '$ANSIBLE_VAULT;1.1;AES256\n6162\n',
      /vars\.yaml: this file is encrypted with ansible-vault/,
    ],
  ])('refuses %s, as bad usage', async (_, vars, said) => {
    const { code, message } = await faultOfAsync(load(vars))
    expect([code, message]).toEqual(['usage', expect.stringMatching(said)])
  })

  it('finds a file in the home directory', async () => {
    vi.stubEnv('HOME', folder)
    await writeFile(join(folder, 'home.yaml'), 'fw_set: home')
    const inventory = await load('a: 1\n', '@~/home.yaml')
    expect(hostIn(inventory, 'n1').settings.set).toBe('home')
  })

  it('refuses a file that is not there, as bad usage', async () => {
    const { code, message } = await faultOfAsync(load('a: 1\n', `@${folder}/none`))
    expect([code, message]).toEqual(['usage', `${folder}/none: no such file.`])
  })
})
