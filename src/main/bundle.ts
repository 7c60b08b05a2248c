import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'
import { FwRunError } from '../errors.ts'
import { damagedFile, isExecutable, readOwnFile } from '../own-files.ts'

/** What a bundle begins and ends with: it is one function, of ASCII. */
export const bundleFrame = ['(function (module, require, __dirname, bundleUrl) {', '})'] as const

/**
 * Loads a bundle and returns its exports. Throws an `internal` fault if its file is gone or not whole. Uses what `compileBundle` wrote beside it. Another build of Node does not, and
 * compiles the bundle itself.
 */
export function loadBundle(file: string): unknown {
  const source = readOwnFile(pathToFileURL(file))
  try {
    return exportsOf(scriptOf(file, source, compiledFrom(file, source)), file)
  } catch (cause) {
    throw cause instanceof FwRunError ? cause : damagedFile('loaded', cause)
  }
}

/**
 * Writes the compiled form of a bundle beside it, for the build of Node that runs now. It holds only the functions that `use`
 * calls. To read the others would take longer than to compile them when they are called.
 */
export async function compileBundle(
  file: string,
  use: (exports: unknown) => Promise<void>,
): Promise<void> {
  const source = readOwnFile(pathToFileURL(file))
  const script = scriptOf(file, source)
  await use(exportsOf(script, file))
  const compiled = script.createCachedData()
  writeFileSync(compiledFile(file), Buffer.concat([compiled, checksum(source, compiled)]))
}

function exportsOf(script: Script, file: string): unknown {
  const module = { exports: {} }
  const run = script.runInThisContext()
  run(module, requireFrom(file), dirname(file), pathToFileURL(file).href)
  return module.exports
}

/** What gives a bundle the modules of Node, and the bundles beside it. The executable takes nothing from the disk. */
function requireFrom(file: string): (name: string) => unknown {
  const fromNode = isExecutable ? builtIn : createRequire(file)
  const loaded = new Map<string, unknown>()
  return (name) => {
    if (!/^\.\/[^/]*\.cjs$/.test(name)) return fromNode(name)
    const beside = resolve(dirname(file), name)
    if (!loaded.has(beside)) loaded.set(beside, loadBundle(beside))
    return loaded.get(beside)
  }
}

function builtIn(name: string): unknown {
  const found = process.getBuiltinModule(name)
  if (!found) throw new Error(`The executable has no module ${name}.`)
  return found
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
    const content = readOwnFile(pathToFileURL(compiledFile(file)))
    const compiled = content.subarray(0, -4)
    return content.subarray(-4).equals(checksum(source, compiled)) ? compiled : undefined
  } catch {
    return undefined
  }
}

function compiledFile(file: string): string {
  return `${file}.compiled`
}
