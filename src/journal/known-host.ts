/** A host as journals and inventories know it. */
export interface KnownHost {
  readonly name: string
  readonly address: string
}

/** Whether these are the same host. Another inventory may use its name for another host, so the address counts as well. */
export function isSame(one: KnownHost, other: KnownHost): boolean {
  return one.name === other.name && one.address === other.address
}
