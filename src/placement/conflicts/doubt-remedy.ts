/** What to do if fw-run cannot say what the rules of a host do with a packet, or whether its source is in our set. */
export function doubtRemedy(set: string): string {
  return `fw-run cannot say what the rules on that host do with this traffic. Run \`iptables-save\` there. Look for rules with \`-j SET\` that change set ${set}, and for rules with \`-j CT\` or \`-j NOTRACK\`. If such a rule is your own, delete it. Do not delete rules of Kubernetes or Calico. If there are thousands of rules, delete your own that you do not need.`
}
