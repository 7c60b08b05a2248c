/** What to do if fw-run cannot say what the rules of a host do with a packet, or whether its source is in our set. */
export function inDoubt(set: string): string {
  return `fw-run cannot say what the rules on that host do with this traffic. Read \`iptables-save\` there, and look for three things: rules that change set ${set} (\`-j SET\`), rules that keep packets from conntrack (\`-j CT\`, \`-j NOTRACK\`), and thousands of rules. If such rules are your own, delete them, or make them match fewer packets.`
}
