/** How many rounds a test of chance takes: `usual` in `npm test`, `long` in `npm run test:long`. */
export function rounds(usual: number, long: number): number {
  return process.env.TEST_LONG ? long : usual
}
