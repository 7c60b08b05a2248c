import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Architecture } from './node-binary.ts'
import type { Manifest } from './npm-package.ts'
import { run } from './run.ts'

/** How Debian and rpm name a processor. */
const debArchitecture = { x64: 'amd64', arm64: 'arm64' } as const
const rpmArchitecture = { x64: 'x86_64', arm64: 'aarch64' } as const

/** A version as Debian and rpm order it: 1.0.0-rc.1 comes before 1.0.0. */
function systemVersion(version: string): string {
  return version.replace('-', '~').replaceAll('-', '.')
}

/** The oldest libraries with which Node's own builds run. ssh is not needed where ssh2 can connect. */
const oldest = { glibc: '2.28', debLibstdcxx: '5.2' } as const

const explanation = [
  'It finds the position for a rule that keeps machines outside the cluster from',
  'reaching pods, puts it on every node over SSH, and reads it back. If anything',
  'is wrong on any node, it rolls every node back. Node.js is inside.',
]

/** The file DEBIAN/control. `kilobytes` is what is installed. */
export function debControl(
  { name, version, description }: Manifest,
  architecture: Architecture,
  kilobytes: number,
): string {
  return [
    `Package: ${name}`,
    `Version: ${systemVersion(version)}`,
    `Architecture: ${debArchitecture[architecture]}`,
    'Maintainer: The fw-run developers <fw-run@localhost>',
    `Installed-Size: ${kilobytes}`,
    `Depends: libc6 (>= ${oldest.glibc}), libgcc-s1 | libgcc1, libstdc++6 (>= ${oldest.debLibstdcxx})`,
    'Recommends: openssh-client',
    'Section: admin',
    'Priority: optional',
    `Description: ${summary(description)}`,
    ...explanation.map((line) => ` ${line}`),
    '',
  ].join('\n')
}

/** The spec of rpmbuild for a tree of files that is ready in `tree`; `files` are the paths that it installs. */
export function rpmSpec(
  { name, version, description, license }: Manifest,
  tree: string,
  files: readonly string[],
): string {
  return [
    // rpmbuild would strip the program out of the executable.
    '%global __os_install_post %{nil}',
    '%global debug_package %{nil}',
    '%global _build_id_links none',
    '%global _buildhost localhost',
    // Older rpms cannot read what newer ones compress with.
    '%global _binary_payload w1.xzdio',
    '%global use_source_date_epoch_as_buildtime 1',
    '%global clamp_mtime_to_source_date_epoch 1',
    `Name: ${name}`,
    `Version: ${systemVersion(version)}`,
    'Release: 1',
    `Summary: ${summary(description)}`,
    `License: ${license}`,
    'AutoReqProv: no',
    `Requires: glibc >= ${oldest.glibc}, libgcc, libstdc++`,
    'Recommends: openssh-clients',
    '%description',
    ...explanation,
    '%install',
    `cp -a '${tree}/.' '%{buildroot}'`,
    '%files',
    '%defattr(-,root,root)',
    ...files.map((file) => `"${file}"`),
    '',
  ].join('\n')
}

/** Makes the package of Debian of a tree of files in `out`; the tree gets a folder DEBIAN. */
export function makeDeb(
  manifest: Manifest,
  architecture: Architecture,
  tree: string,
  epoch: number,
  out: string,
): void {
  const sizes = readdirSync(tree, { recursive: true, encoding: 'utf8' }).map(
    (name) => statSync(join(tree, name)).size,
  )
  const kilobytes = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024)
  const folder = join(tree, 'DEBIAN')
  mkdirSync(folder)
  writeFileSync(join(folder, 'control'), debControl(manifest, architecture, kilobytes))
  for (const path of [join(folder, 'control'), folder, tree]) utimesSync(path, epoch, epoch)
  const target = `${manifest.name}_${manifest.version}_${debArchitecture[architecture]}.deb`
  run('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, join(out, target)])
}

/** Makes the package of rpm of the same in `out`. It works in `folder`. */
export function makeRpm(
  manifest: Manifest,
  architecture: Architecture,
  tree: string,
  files: readonly string[],
  folder: string,
  out: string,
): void {
  const spec = join(folder, 'fw-run.spec')
  writeFileSync(spec, rpmSpec(manifest, tree, files))
  const target = `${manifest.name}-${manifest.version}-1.${rpmArchitecture[architecture]}.rpm`
  const settings = { _topdir: folder, _rpmdir: out, _rpmfilename: target }
  run('rpmbuild', [
    ...['-bb', '--quiet', '--target', `${rpmArchitecture[architecture]}-linux`],
    ...Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
    spec,
  ])
}

/** The description in one line that begins small and has no full stop, as both want it. */
function summary(description: string): string {
  return description.replace(/^[A-Z]/, (first) => first.toLowerCase()).replace(/\.$/, '')
}
