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

const units = '/etc/systemd/system'
const unit = `${units}/fw-run-guard.service`
const again = `${units}/fw-run-guard-again.service`
const files = ['/etc/fw-run/guard.sh', unit, again] as const
/** Links, each with what it leads to. */
const links: readonly (readonly [link: string, to: string])[] = [
  [`${units}/multi-user.target.wants/fw-run-guard.service`, unit],
  ...['nftables', 'iptables', 'ip6tables', 'netfilter-persistent'].map(
    (name) => [`${units}/${name}.service.wants/fw-run-guard-again.service`, again] as const,
  ),
]

/** The boot files of a host, as one text; empty if there is none. */
export function readBootFiles(view: HostView): string {
  const found = files.map((file) => {
    const path = view.path(file)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  })
  const linked = links.some(
    ([link]) => lstatSync(view.path(link), { throwIfNoEntry: false }) !== undefined,
  )
  return found.every((text) => text === '') && !linked ? '' : JSON.stringify([...found, linked])
}

/** Puts the boot files of a host to what was once read, and clears away what runs left beside them. */
export function restoreBootFiles(view: HostView, wanted: string): void {
  for (const path of ['/etc/fw-run', unit, again, ...links.map(([link]) => link)]) {
    rmSync(view.path(path), { recursive: true, force: true })
  }
  if (wanted === '') return
  const texts = JSON.parse(wanted) as readonly (string | boolean)[]
  for (const [index, path] of files.entries()) {
    const text = texts[index]
    mkdirSync(dirname(view.path(path)), { recursive: true })
    if (typeof text === 'string' && text !== '') writeFileSync(view.path(path), text)
  }
  if (texts.at(-1) !== true) return
  for (const [link, to] of links) {
    mkdirSync(dirname(view.path(link)), { recursive: true })
    symlinkSync(to, view.path(link))
  }
}
