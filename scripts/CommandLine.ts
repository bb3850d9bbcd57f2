/**
 * How our scripts read what they are called with. Who calls one wrongly is told what is wrong and how it is called, and
 * it ends with 64, before it has done anything.
 */
import { parseArgs, type ParseArgsConfig } from "node:util"

export const optionsOf = <const Config extends ParseArgsConfig>(usage: string, config: Config) => {
  try {
    return parseArgs(config)
  } catch (error) {
    return calledWrongly(usage, error instanceof Error ? error.message : String(error))
  }
}

/** Its type stands apart so that the compiler knows that nothing comes after it. */
export const calledWrongly: (usage: string, why?: string) => never = (usage, why) => {
  if (why !== undefined) console.error(why)
  console.error(`usage: ${usage}`)
  return process.exit(64)
}
