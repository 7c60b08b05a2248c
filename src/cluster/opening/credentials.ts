import type { InventoryHost } from '../../inventory/inventory.ts'
import type { PasswordPrompt } from '../../prompt/password.ts'
import type { RunSettings } from '../../runs/run.ts'
import type { Secret } from '../../secret.ts'
import type { HostAccess } from '../../ssh/host-access.ts'
import { createKeyring } from '../../ssh/keyring.ts'

/** How to reach a host and log in there: address, user, keys and passwords. */
export type Dial = (host: InventoryHost) => Promise<HostAccess>

/**
 * Asks for every secret that the run may need, once and before any connection. The inventory wins over options, as in
 * Ansible.
 */
export async function gatherCredentials(
  hosts: readonly InventoryHost[],
  settings: RunSettings,
  user: string,
  prompt: PasswordPrompt,
): Promise<Dial> {
  try {
    const dial = await askSecrets(settings, user, prompt)
    // Keys are read, and passphrases asked, before the first host is dialled.
    for (const host of hosts) await dial(host)
    return dial
  } finally {
    prompt.close()
  }
}

async function askSecrets(
  settings: RunSettings,
  user: string,
  prompt: PasswordPrompt,
): Promise<Dial> {
  const password = settings.askPass ? await prompt.ask('SSH password') : undefined
  const becomePassword = settings.askBecomePass ? await askBecome(prompt, password) : undefined
  const keyring = createKeyring({
    agentSocket: process.env.SSH_AUTH_SOCK,
    askPassphrase: (file) => prompt.ask(`Passphrase for ${file}`),
  })
  return async (host) => {
    const login = host.user ?? settings.user ?? user
    const file = host.privateKeyFile ?? settings.privateKey
    const own = host.password ?? password
    const become = host.become ?? login !== 'root'
    return {
      name: host.name,
      address: host.address,
      port: host.port,
      user: login,
      password: own,
      identities: await keyring.identities(file ? [file] : [], own !== undefined),
      become: become && login !== 'root' ? 'sudo' : 'none',
      becomePassword: host.becomePassword ?? becomePassword,
    }
  }
}

/** As in Ansible, an empty sudo password means the SSH password. */
async function askBecome(prompt: PasswordPrompt, password: Secret | undefined): Promise<Secret> {
  if (!password) return prompt.ask('sudo password')
  const answer = await prompt.ask('sudo password (empty: the SSH password)')
  return answer.reveal() === '' ? password : answer
}
