/**
 * Reads every import below `src/` and names those that break a rule of `rules.ts`. The parser is swc,
 * because dependency-cruiser cannot read TypeScript with compiler 7 and would then see no imports and
 * find no fault; so the caller also learns which modules were seen.
 */
import { cruise, type ICruiseOptions, type ICruiseResult } from "dependency-cruiser"
import { rules } from "./rules.ts"

interface Violation {
  readonly rule: string
  readonly why: string
  readonly from: string
  readonly to: string
}

export interface Cruise {
  readonly modules: ReadonlyArray<string>
  readonly violations: ReadonlyArray<Violation>
}

const options: ICruiseOptions = {
  parser: "swc",
  // Without it, imports of types alone would go unseen.
  tsPreCompilationDeps: true,
  doNotFollow: { path: "(^|/)node_modules/" },
  validate: true,
  ruleSet: { forbidden: [...rules] }
}

const resolveOptions = { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] }

/** Cruises the `src/` below a directory. */
export const cruiseSources = async (baseDir: string): Promise<Cruise> => {
  const { output } = await cruise(["src"], { ...options, baseDir }, resolveOptions)
  if (typeof output === "string") throw new Error(`dependency-cruiser answered with a report: ${output}`)
  return {
    modules: output.modules.map((module) => module.source).filter((source) => source.startsWith("src/")),
    violations: output.summary.violations.map(toViolation)
  }
}

const toViolation = ({ from, rule, to }: ICruiseResult["summary"]["violations"][number]): Violation => ({
  rule: rule.name,
  why: rules.find((known) => known.name === rule.name)?.comment ?? "",
  from,
  to
})
