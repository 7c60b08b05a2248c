/** Networks or addresses as words of a reason: a host may make up thousands. */
export function named(texts: readonly string[]): string {
  return `${texts.slice(0, 10).join(', ')}${texts.length > 10 ? ` and ${texts.length - 10} more` : ''}`
}

/** What one host found is not what others found: set for all, it would open their pods. */
export const forAllHosts =
  'If you set fw_pod_cidrs for all hosts, name the pod networks of all hosts.'
