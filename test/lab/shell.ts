import { startLab } from './lab.ts'

const wanted = Number(process.argv.slice(2).find((word) => word !== '--') ?? '3')
const lab = await startLab({ hosts: Number.isInteger(wanted) ? wanted : 3 })
const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
await lab.file('.bashrc', "PS1='jump:\\w\\$ '\n")

const shown = lab.hosts.slice(0, 5)
const banner = [
  `${lab.hosts.length} hosts are up. You are root on the jump host, ${lab.jump.address}.`,
  '',
  ...shown.map((host) => `  ${host.name}  ${host.address}  its pod ${host.pod.address}`),
  ...(lab.hosts.length > shown.length ? [`  … and ${lab.hosts.length - shown.length} more`] : []),
  `  outsider  ${lab.outsider.address}, on the subnet, not in the cluster, routes every pod block`,
  '',
  `  inventory           ${inventory} (FW_RUN_INVENTORY says so)`,
  '  fw-run …            this tree, as built',
  '  on node1 COMMAND    as root inside a host',
  '  pod node1 COMMAND   inside the pod behind a host',
  '  outsider COMMAND    as the outsider: outsider ping -c1 10.42.1.10; outsider nc -z -w1 10.42.1.10 8080',
  '  ssh ops@node1       as fw-run does it; sudo without a password',
  '',
  'Leave the shell and all of it is gone.',
  '',
]
process.stdout.write(`${banner.join('\n')}\n`)

// script(1) gives the shell a terminal of its own: job control needs one that its PID namespace knows.
const argv = process.stdin.isTTY ? ['script', '-qec', 'bash', '/dev/null'] : ['bash']
const shell = lab.jump.spawn(argv, {
  stdio: 'inherit',
  env: { FW_RUN_INVENTORY: inventory, ...(process.env.NO_COLOR ? { NO_COLOR: '1' } : {}) },
})
shell.on('close', (code) => {
  process.exitCode = code ?? 1
  void lab.stop()
})
