import { sharedLayers } from './layers.ts'
import { ensureRequirements } from './requirements.ts'

await ensureRequirements()
// Labs that start side by side would each build them.
await sharedLayers()
