// The bounds of our own work. A name says its unit, where it has one.

/** The longest time that an option may ask for. */
export const maxSeconds = 3600

/** The shortest lease. It is renewed five times in its length, so that a walk of seconds and a slow link fit in between. */
export const minLeaseSeconds = 5

/** How many journals of finished runs are kept. */
export const maxJournals = 200

/** How often a host is planned again because other programs changed its rules. */
export const maxReplans = 10

/** How long a request may take. The agent waits 5 s at most for each xtables lock, and takes it a few times. */
export const requestSeconds = 60

/** How long a host may need beyond its lease to roll back. */
export const rollbackGraceMs = 6000

/** How long an agent gets to end before its connection is closed. One that cannot roll back goes on trying without us. */
export const closingMs = 2000

/** The pause before a host that gave no answer, or not the one that is waited for, is asked again. */
export const retryPauseMs = 1000

/** How often a connection is tried that sshd dropped. */
export const maxConnectTries = 5

/** How long one answer of a host may be. A node with 46,000 rules needs about 10 million characters. */
export const maxAnswerChars = 64 * 2 ** 20

/** How much a host may send in one session besides the output of its root shell. */
export const maxUnwantedBytes = 4 * 2 ** 20

/** How long one address of a host may take to connect. Node's own 250 ms is too short for a distant host with two. */
export const addressAttemptMs = 2000

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

/** How many services are looked at: kube-proxy treats all alike, and a cluster may have thousands. */
export const maxServices = 100

// The inventory: so that a file is read within seconds, whatever it repeats.

/** The largest file that is read, about 50,000 hosts. */
export const maxInventoryBytes = 5_000_000

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

/** How long names of hosts may take to resolve for a remedy, and how many are asked for at a time. */
export const resolveMs = 2000
export const maxLookups = 16
