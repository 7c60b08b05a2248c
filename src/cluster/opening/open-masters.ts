import { isMasterOpen } from '../../ssh/shared-bastion.ts'
import type { RouteStop } from '../../ssh-config/route.ts'
import type { SshConfig } from '../../ssh-config/ssh-config.ts'

/** The socket of a connection to a bastion that the user has open (ControlMaster), as ssh would find it. Never rejects. */
export async function openMasterOf(
  config: Pick<SshConfig, 'controlPath'>,
  { question, answer }: Pick<RouteStop, 'question' | 'answer'>,
): Promise<string | undefined> {
  if (!answer?.hasControlPath) return undefined
  try {
    const socket = await config.controlPath(question)
    return socket !== undefined && (await isMasterOpen(socket)) ? socket : undefined
  } catch {
    // The login has failed, which is what the user has to hear.
    return undefined
  }
}
