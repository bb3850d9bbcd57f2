/**
 * `npm run check:layers`: prints every import that goes the wrong way, and fails if there is one, or
 * if it saw no module at all.
 */
import { cruiseSources } from "./cruise.ts"

const { modules, violations } = await cruiseSources(process.cwd())

for (const { from, rule, to, why } of violations) console.error(`${from} imports ${to}\n  ${rule}: ${why}`)
console.log(`${modules.length} modules cruised, ${violations.length} forbidden imports`)

if (modules.length === 0 || violations.length > 0) process.exitCode = 1
