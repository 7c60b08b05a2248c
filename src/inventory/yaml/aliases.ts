import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml'
import { maxAliasedValues } from '../../limits.ts'
import { didYouMean } from '../../text/suggestion.ts'
import type { Location, Problems } from '../reading/problems.ts'

/**
 * What each alias stands for. Undefined, and recorded faults, if an alias has no anchor or contains itself, or if aliases repeat so
 * many values that reading them would take minutes. Takes time by the length of the text, not by what it stands for.
 */
export function followAliases(
  top: Node | null,
  locationOf: (node: Node) => Location,
  problems: Problems,
): ReadonlyMap<Alias, Node> | undefined {
  const anchors = new Map<string, Node>()
  const aliased = new Map<Alias, Node>()
  const sizes = new Map<Node, number>()
  let [size, repeated, isSound] = [0, 0, true]

  const refuse = (alias: Alias, fault: string, remedy?: string): void => {
    problems.add(locationOf(alias), fault, remedy)
    isSound = false
  }
  const follow = (alias: Alias): void => {
    const node = anchors.get(alias.source)
    if (!node) {
      // What it is called is not shown: a password without quotes may begin with *.
      const meant = didYouMean(alias.source, anchors.keys())
      refuse(alias, `this alias (*name) has no anchor${meant ? `: ${meant}` : ''}`, NO_ANCHOR)
    }
    if (!node || !isSound) return
    aliased.set(alias, node)
    const more = sizes.get(node)
    size += more ?? 0
    repeated += more ?? 0
    if (more === undefined) refuse(alias, `alias *${alias.source} contains itself`)
    else if (repeated > maxAliasedValues) refuse(alias, excess(), REMEDY)
  }
  const walk = (node: unknown): void => {
    if (isPair(node)) {
      walk(node.key)
      walk(node.value)
    } else if (isAlias(node)) follow(node)
    else if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node)
      const before = size
      size += 1
      if (!isScalar(node)) for (const item of node.items) walk(item)
      sizes.set(node, size - before)
    }
  }
  walk(top)
  return isSound ? aliased : undefined
}

// Not at the start of each run: the first number in words of a language takes 10 ms.
function excess(): string {
  return `the aliases (*name) up to this line copy more than ${maxAliasedValues.toLocaleString('en')} values, so fw-run stops here`
}

const NO_ANCHOR =
  '*name repeats a value that is marked &name earlier in the same file. If it is text, quote it.'
const REMEDY = 'Use fewer aliases, especially inside the content of other aliases.'
