/** Whether tests of chance take long, as in `npm run test:long`. */
export const long = Boolean(process.env.TEST_LONG)

/** How many rounds a test of chance takes: `usually` in `npm test`, `atLength` in `npm run test:long`. */
export function rounds(usually: number, atLength: number): number {
  return long ? atLength : usually
}
