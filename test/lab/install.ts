import { ensureRequirements } from './requirements.ts'

await ensureRequirements()
