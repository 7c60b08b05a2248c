// Loaded into fw-run by --require: writes into the file $BENCH_STALL how many milliseconds the longest turn of the event loop took.
const { writeFileSync } = require('node:fs')
const { monitorEventLoopDelay } = require('node:perf_hooks')

const delays = monitorEventLoopDelay({ resolution: 5 })
setImmediate(() => delays.enable())
process.on('exit', () => writeFileSync(process.env.BENCH_STALL, `${delays.max / 1e6}`))
