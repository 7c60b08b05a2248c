import type { MangleIntent } from '../../src/guard/intent.ts'
import { nftIntent } from './nft-intent.ts'

const { kind: _kind, form: _form, ...closing } = nftIntent

/** A chain of each family for two nodes. */
export const mangleIntent: MangleIntent = { kind: 'mangle', ...closing }
