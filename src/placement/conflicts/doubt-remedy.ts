/** What to do if fw-run cannot say what the rules of a host do with a packet, or whether its source is in our set. */
export function doubtRemedy(set: string): string {
  return `fw-run cannot say what the rules on that host do with this traffic. Run \`iptables-save | grep -E -- '-j (CT|NOTRACK|SET .*${set})'\` there. If it shows a rule of your own, delete that rule. Do not delete rules of Kubernetes or Calico. If there are thousands of rules, delete your own rules that you do not need.`
}
