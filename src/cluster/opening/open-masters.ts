import type { RunSettings } from '../../runs/run-settings.ts'
import { isMasterOpen } from '../../ssh/shared-bastion.ts'
import type { Route, RouteStop } from '../../ssh-config/route.ts'
import type { Question, SshConfig } from '../../ssh-config/ssh-config.ts'

/**
 * Shortens ways by connections to bastions that the user has open (ControlMaster), as ssh would use them: a bastion with a second factor
 * takes no other. What lies before such a bastion is not dialled. Each bastion is asked about once; with ssh2, none is.
 */
export function openMasters(
  config: SshConfig,
  { transport }: Pick<RunSettings, 'transport'>,
): (route: Route) => Promise<Route> {
  const found = new Map<string, Promise<string | undefined>>()
  const find = async (question: Question) => {
    const socket = await config.controlPath(question)
    return socket !== undefined && (await isMasterOpen(socket)) ? socket : undefined
  }
  const masterOf = ({ question, answer }: RouteStop) => {
    if (transport === 'ssh2' || !answer?.hasControlPath) return undefined
    const about = JSON.stringify(question)
    const master = found.get(about) ?? find(question)
    found.set(about, master)
    return master
  }
  return async (route) => {
    const sockets = await Promise.all(route.stops.map(masterOf))
    const at = sockets.findLastIndex((socket) => socket !== undefined)
    const [stop, openMaster] = [route.stops[at], sockets[at]]
    if (!stop || openMaster === undefined) return route
    return {
      ...route,
      stops: [{ ...stop, byCommand: false, openMaster }, ...route.stops.slice(at + 1)],
    }
  }
}
