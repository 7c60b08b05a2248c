// The bounds of our own work. A name says its unit, where it has one.

/** The longest time that an option may ask for. */
export const maxSeconds = 3600

/** The shortest lease. It is renewed five times in its length, so that a walk of seconds and a slow link fit in between. */
export const minLeaseSeconds = 5

/** How many journals of finished runs are kept; of those that changed nothing, as a timer makes many, fewer. */
export const maxJournals = 200
export const maxIdleJournals = 50

/** How often a host is planned again because other programs changed its rules. */
export const maxReplans = 10

/** How long a request may take. The agent waits 5 s at most for each xtables lock, and takes it a few times. */
export const requestSeconds = 60

/** How long fw-run tries to reach a host for its commit, after the decision. */
export const commitPatienceMs = 60_000

/** How long a host may still take for its change after Ctrl-C, while the others wait for their rollback. */
export const afterInterruptMs = 2000

/** How long a host may need beyond its lease to roll back. */
export const rollbackGraceMs = 6000

/** How long an agent gets to end before its connection is closed. One that cannot roll back goes on trying without us. */
export const closingMs = 2000

/** The pause before a host that gave no answer, or not the one that is waited for, is asked again. */
export const retryPauseMs = 1000

/** How often a connection is tried that sshd dropped. */
export const maxConnectTries = 5

/** The same by a ProxyCommand that ends without a word. Perhaps it was refused its login, and a bastion bans who tries again and again. */
export const maxCommandTries = 2

/** How long one answer of a host may be. */
export const maxAnswerChars = 64 * 2 ** 20

/** How many sections an answer may have: an agent sends about 50. */
export const maxSections = 200

/**
 * How long one section of an answer may be, so that no host keeps our only thread for seconds. A node with 46,000 rules prints 10
 * million characters of rules, a set of 65,536 members 2 million, 5,000 nodes 0.5 million of routes.
 */
export function maxSectionChars(name: string): number {
  const millions =
    name === 'rules' || name === 'other-rules'
      ? 32
      : name === 'sets' || name === 'boot-program'
        ? 8
        : 1
  return millions * 2 ** 20
}

/** How many chains we read of a host. 10,000 services need 60,000. */
export const maxChains = 200_000

/** How many rules one chain may have, so that none keeps our only thread for seconds. 20,000 services need 20,000. */
export const maxChainRules = 50_000

/** How many lines that hosts print alike are remembered: 5,000 nodes have a route to each other. */
export const maxSharedLines = 50_000

/** How much a host may send in one session besides the output of its root shell. */
export const maxUnwantedBytes = 4 * 2 ** 20

/** How long one address of a host may take to connect. Node's own 250 ms is too short for a distant host with two. */
export const addressAttemptMs = 2000

/** How much of /proc/net/arp is read: some 10,000 entries. */
export const maxArpBytes = 2 ** 20

/** How often a probe is tried. */
export const maxProbeTries = 3

/** How many hosts one range of the inventory may stand for: more is a slip of the keyboard, not a cluster. */
export const maxHostsInRange = 10_000

// The walk of a packet through chains. A step asks a rule for one of its conditions.

/** How many jumps deep a packet is followed. */
export const maxJumps = 200

/** How many steps one walk may take: some hundredths of a second. The largest clusters take a tenth of it. */
export const maxWalkSteps = 300_000

/** How many steps all walks on one host may take: one or two seconds. With 4,000 kinds of outsiders they take a fifth. */
export const maxHostSteps = 10_000_000

/** After how many matching rules a walk no longer goes through a chain twice where the second time must end as the first. */
export const maxMatchedInFull = 1000

/** How many sets of a list of sets are looked into. */
export const maxListedSets = 256

/** How many IP pools of Calico are read. A cluster has some tens at most, and each is compared with all routes. */
export const maxPools = 500

/** How many routes by way of nodes, to networks that the guard does not allow, are judged. */
export const maxRoutesByNodes = 500

// Placement: so that a plan takes seconds at most.

/** How many kinds of outsiders, and how many of pods, are walked. */
export const maxKinds = 4000

/** How many published ports are walked. Hardly a cluster has more. */
export const maxPublishedPorts = 2000

/** How many clients of published ports are walked. Where there are more, each kind is walked to the first port only. */
export const maxClients = 5000

/** How many pairs of outsider and pod are walked besides the usual ones, where each with each would be too many. */
export const maxExtraPairs = 1000

/** How many rules the packets of one protocol may be asked. */
export const maxRulesAsked = 500_000

/** How many ports or addresses are sampled of one range that a rule of nat names. */
export const maxRangeSamples = 16

/** How many addresses, outsiders, pods or pairs are tried on one interface, where a few tell enough. */
export const maxTriedOnInterface = 10

/** How many interfaces a remedy names. */
export const maxNamedInterfaces = 10

/** How many networks a remedy names: those that are left of one network of IPv4 without another one are fewer. */
export const maxNamedNetworks = 32

/** How many services are looked at: kube-proxy treats all alike, and a cluster may have thousands. */
export const maxServices = 100

// The inventory: so that a file is read within seconds, whatever it repeats.

/** The largest file that is read, about 50,000 hosts. */
export const maxInventoryBytes = 5_000_000

/** The largest JSON that is read: `kubectl get nodes` prints 20 kB a node. */
export const maxJsonBytes = 100_000_000

/** How long all answers of an inventory script may take together, how large each may be, and how many `--host` run at a time. */
export const scriptSeconds = 30
export const maxScriptBytes = 20_000_000
export const maxScripts = 8

/** How many hosts an inventory script may list if it prints no `_meta`. Such a script is run again for each host. */
export const maxAskedHosts = 1000

/** How many files and directories a directory of inventories may have, and how deep. */
export const maxSourceFiles = 1000
export const maxSourceDepth = 10

/**
 * The hosts of an inventory that is loaded again while hosts are held, and the characters of its YAML or INI: so much takes about two
 * seconds, in which no host hears from us.
 */
export const maxHostsLoadedAgain = 1_000
export const maxTextLoadedAgain = 300_000

/** How many files of `group_vars`, or of `host_vars`, are read, how large together, and how many directories deep. */
export const maxVarsFiles = 50_000
export const maxVarsBytes = 50_000_000
export const maxVarsDepth = 10

/** How many variables deep a template is followed. */
export const maxTemplateDepth = 20

/** How many values aliases and merges may repeat: 10,000 hosts may each merge 40 variables. */
export const maxAliasedValues = 1_000_000

/** How many hosts all ranges together may name, those named again included. */
export const maxHostNames = 500_000

/** How many levels of groups there may be. */
export const maxGroupDepth = 100

/** How many steps it may take to find the hosts of all groups: 10,000 hosts in 100 groups each take one million. */
export const maxMemberships = 5_000_000

/** How many faults, and how many warnings, of an inventory are shown. */
export const maxFaultsShown = 50

/** How many addresses an ipset holds (maxelem of hash:ip). */
export const maxSetMembers = 65_536

/** How long a copy of an inventory file may take. */
export const copyMs = 30_000

/** How long names of hosts may take to resolve for a remedy, and how many are asked for at a time. */
export const resolveMs = 2000
export const maxLookups = 16

// The SSH configuration: so that it is read within seconds, whatever it holds.

/** How long ssh may take to say what it would use for a host: it may run commands of `Match exec` for that. */
export const sshAnswerMs = 10_000

/** How much ssh may print about one host. It prints 8 kB. */
export const maxSshAnswerBytes = 2 ** 20

/** How many hosts ssh is asked about at a time, and how long all answers together may take. */
export const maxSshAsked = 4
export const sshAnswersSeconds = 120

/** How many files of an SSH configuration are looked at, and how deep they may include each other, as in OpenSSH. */
export const maxSshConfigFiles = 500
export const maxSshIncludes = 16

/** The largest file of an SSH configuration that is looked at, in bytes. */
export const maxSshConfigBytes = 4 * 2 ** 20

/** How many bastions may stand before a host. */
export const maxHops = 8

/** How long the lock of a known_hosts file is waited for, and after how long one counts as left behind: it is held for milliseconds. */
export const lockPatienceMs = 20_000
export const staleLockMs = 10_000

/** How many rules of FORWARD before our position, and how many behind it, the JSON lists. */
export const maxRulesAround = 100

/** How many events the time line of a document has. A watch of months goes on: its document shows how it began. */
export const maxMoments = 10_000
