import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { HostView } from './host-view.ts'

const unit = '/etc/systemd/system/fw-run-guard.service'
const files = ['/etc/fw-run/guard.sh', unit] as const
const link = '/etc/systemd/system/multi-user.target.wants/fw-run-guard.service'

/** The boot files of a host, as one text; empty if there is none. */
export function readBootFiles(view: HostView): string {
  const found = files.map((file) => {
    const path = view.path(file)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  })
  const linked = lstatSync(view.path(link), { throwIfNoEntry: false }) !== undefined
  return found.every((text) => text === '') && !linked ? '' : JSON.stringify([...found, linked])
}

/** Puts the boot files of a host to what was once read, and clears away what runs left beside them. */
export function restoreBootFiles(view: HostView, wanted: string): void {
  for (const path of ['/etc/fw-run', unit, link]) {
    rmSync(view.path(path), { recursive: true, force: true })
  }
  if (wanted === '') return
  const [program, service, linked] = JSON.parse(wanted) as [string, string, boolean]
  for (const [path, text] of [
    [files[0], program],
    [files[1], service],
  ] as const) {
    mkdirSync(dirname(view.path(path)), { recursive: true })
    if (text !== '') writeFileSync(view.path(path), text)
  }
  if (!linked) return
  mkdirSync(dirname(view.path(link)), { recursive: true })
  symlinkSync(unit, view.path(link))
}
