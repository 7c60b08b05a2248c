import { describe, expect, it } from 'vitest'
import { debControl, rpmSpec } from '../../packaging/system-package.ts'

const manifest = {
  name: 'fw-run',
  version: '1.0.0-rc.1',
  description: 'Protects pod networks: all, or none.',
  license: 'MIT',
  files: [],
}

describe('debControl', () => {
  const control = debControl(manifest, 'arm64', 100_001)

  it('names what dpkg needs to know, in fields that it can read', () => {
    expect(control).toMatch(/^Package: fw-run\n/)
    expect(control).toMatch(/^Architecture: arm64$/m)
    expect(control).toMatch(/^Installed-Size: 100001$/m)
    expect(control).toMatch(/^Depends: .*libc6 \(>= 2\.28\)/m)
    for (const line of control.trimEnd().split('\n')) expect(line).toMatch(/^([A-Z][\w-]+: | )\S/)
  })

  it('gives a version that comes before the one that it leads to', () => {
    expect(control).toMatch(/^Version: 1\.0\.0~rc\.1$/m)
  })
})

describe('rpmSpec', () => {
  const spec = rpmSpec(manifest, '/tmp/tree', ['/usr/bin/fw-run', '/usr/share/doc/fw-run/a b'])

  it('leaves the executable as it is: stripped, it would be a plain Node', () => {
    expect(spec).toContain('%global __os_install_post %{nil}\n')
  })

  it('installs the files, and asks for no library that rpm guessed', () => {
    expect(spec).toMatch(/%files\n.*\n"\/usr\/bin\/fw-run"\n"\/usr\/share\/doc\/fw-run\/a b"\n$/)
    expect(spec).toContain('AutoReqProv: no\n')
    expect(spec).toContain('Version: 1.0.0~rc.1\n')
  })
})
