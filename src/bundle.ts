import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

/** What a bundle begins and ends with: it is one function, of ASCII. */
export const bundleFrame = ['(function (module, require, __dirname, bundleUrl) {', '})'] as const

/**
 * Loads a bundle and returns its exports. Uses what `compileBundle` wrote beside it. Another build of Node does not, and
 * compiles the bundle itself.
 */
export function loadBundle(file: string): unknown {
  const source = readFileSync(file)
  const run = scriptOf(file, source, compiledFrom(file, source)).runInThisContext()
  const module = { exports: {} }
  run(module, createRequire(file), dirname(file), pathToFileURL(file).href)
  return module.exports
}

/** Writes the compiled form of a bundle beside it, for the build of Node that runs now. */
export function compileBundle(file: string): void {
  const source = readFileSync(file)
  // Otherwise V8 compiles a function only when it is called.
  setFlagsFromString('--no-lazy')
  const script = scriptOf(file, source)
  // V8 uses what was compiled under the same flags only.
  setFlagsFromString('--lazy')
  const compiled = script.createCachedData()
  writeFileSync(compiledFile(file), Buffer.concat([compiled, checksum(source, compiled)]))
}

/** Holds together what was compiled, its source and the build of Node: V8 itself looks only at its version and at lengths. */
export function checksum(source: Buffer, compiled: Buffer): Buffer {
  const node = JSON.stringify([process.version, process.arch, process.config])
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(compiled, crc32(source, crc32(node))))
  return sum
}

function scriptOf(filename: string, source: Buffer, cachedData?: Buffer): Script {
  return new Script(source.toString('latin1'), { filename, cachedData })
}

/** The compiled form, if it is whole, of this source and for this Node. */
function compiledFrom(file: string, source: Buffer): Buffer | undefined {
  try {
    const content = readFileSync(compiledFile(file))
    const compiled = content.subarray(0, -4)
    return content.subarray(-4).equals(checksum(source, compiled)) ? compiled : undefined
  } catch {
    return undefined
  }
}

function compiledFile(file: string): string {
  return `${file}.compiled`
}
