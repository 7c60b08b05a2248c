import { hostKeyLayer } from './host-key.ts'
import type { PlannedHost } from './spec.ts'

const LAB = '/dev/shm'

/** What host.sh mounts, as lines of an fstab: the layers that make this host, the topmost first, and what lives in memory. */
export function hostMounts({ name, index, ...host }: PlannedHost): readonly string[] {
  const directory = `${LAB}/hosts/${name}`
  const root = `${directory}/root`
  const lower = [
    `${LAB}/common`,
    ...[
      ...host.hostKeyTypes.map((type) => hostKeyLayer(index, type)),
      ...(host.flavour === 'debian' ? [] : [host.flavour]),
      `login-${host.login}`,
      host.usePty ? 'pty' : 'no-pty',
      host.noisy ? 'noisy' : 'quiet',
      `sh-${host.sh}`,
      `backend-${host.backend}`,
      'base',
    ].map((layer) => `/run/layers/${layer}`),
    '/',
  ].join(':')
  return [
    `${name} ${root} overlay lowerdir=${lower},upperdir=${directory}/upper,workdir=${directory}/work`,
    `proc ${root}/proc proc defaults`,
    `sysfs ${root}/sys sysfs defaults`,
    `devpts ${root}/dev/pts devpts newinstance,ptmxmode=0666,mode=0620,gid=5`,
    `run ${root}/run tmpfs mode=755,size=${host.runSize}`,
    `tmp ${root}/tmp tmpfs mode=1777`,
  ]
}
