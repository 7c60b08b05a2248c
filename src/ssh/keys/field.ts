/** The field that begins there, by SSH's wire format (RFC 4251, `string`), and where it ends. A RangeError when it is cut off. */
export function fieldAt(data: Buffer, start: number): { bytes: Buffer; end: number } {
  const end = start + 4 + data.readUInt32BE(start)
  if (end > data.length) throw new RangeError('The field reaches beyond the end of the data.')
  return { bytes: data.subarray(start + 4, end), end }
}

/** The value as such a field. */
export function field(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
