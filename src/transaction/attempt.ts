import { messageOf } from '../errors.ts'

/** Does a piece of work for one host. What it throws becomes a value, so that it stops no other host. */
export async function attempt<T>(
  work: () => Promise<T>,
  failed: (reason: string) => T,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    return failed(`fw-run itself failed: ${messageOf(error)}`)
  }
}
