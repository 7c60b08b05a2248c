import { chmod, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** An inventory of files, and how it is named to `-i`. */
export interface Case {
  readonly name: string
  readonly arguments: readonly string[]
  readonly files: ReadonlyMap<string, string>
}

/** Where the cases stand: `NAME.txt` has the files, `NAME.json` what Ansible reads there. */
export const CORPUS = new URL('corpus/', import.meta.url).pathname

/** All cases. A text has an optional line `args: …`, then `-- FILE --` above the lines of each file. */
export async function corpus(): Promise<readonly Case[]> {
  const names = (await readdir(CORPUS)).filter((name) => name.endsWith('.txt')).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(CORPUS, name), 'utf8')
      const [head = '', ...parts] = text.split(/^-- (.*) --\n/m)
      const files = new Map<string, string>()
      for (let at = 0; at < parts.length; at += 2) {
        files.set(parts[at] ?? '', (parts[at + 1] ?? '').replaceAll('%CR%', '\r'))
      }
      const given = /^args: (.*)$/m.exec(head)?.[1]?.split(' ')
      const [first = ''] = files.keys()
      return { name: name.replace('.txt', ''), arguments: given ?? ['-i', first], files }
    }),
  )
}

/** Writes the files of a case into a new directory, and names that. Scripts can be executed. */
export async function written({ name, files }: Case): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `fw-run-${name}-`))
  for (const [path, text] of files) {
    const file = join(directory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    if (text.startsWith('#!')) await chmod(file, 0o755)
  }
  return directory
}
