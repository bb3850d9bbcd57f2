/**
 * The `holdfast` process: what it was called with, and how it ends.
 */
import { run } from "./commands/Holdfast.ts"
import { runMain } from "./Ending.ts"

runMain(run(process.argv.slice(2)))
