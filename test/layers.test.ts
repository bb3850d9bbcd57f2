/**
 * The layer check must be able to say no. Forbidden imports are planted in a copy of our sources, one
 * for each rule, and every one must be found; and the check of the real sources must have read them.
 */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Cruise, cruiseSources } from "../scripts/layers/cruise.ts"
import { rules } from "../scripts/layers/rules.ts"

const root = join(import.meta.dirname, "..")

interface Plant {
  readonly rule: string
  readonly from: string
  readonly source: string
}

const plants: ReadonlyArray<Plant> = [
  { rule: "layer-raft", from: "src/raft/ByName.ts", source: `export { target } from "../lock/Target.ts"` },
  { rule: "layer-raft", from: "src/raft/ByType.ts", source: `import type { Target } from "../node/Target.ts"` },
  { rule: "layer-raft", from: "src/raft/Later.ts", source: `export const later = () => import("../api/Target.ts")` },
  { rule: "layer-lock", from: "src/lock/Up.ts", source: `import * as Target from "../raft/Target.ts"` },
  { rule: "layer-spec", from: "src/spec/Up.ts", source: `import type { Target } from "../lock/Target.ts"` },
  { rule: "layer-node", from: "src/node/Up.ts", source: `import { target } from "../api/Target.ts"` },
  { rule: "layer-api", from: "src/api/Down.ts", source: `import { target } from "../node/Target.ts"` },
  { rule: "layer-client", from: "src/client/Down.ts", source: `import { target } from "../server/Target.ts"` },
  { rule: "layer-fencing", from: "src/fencing/Up.ts", source: `import { target } from "../client/Target.ts"` },
  { rule: "layer-testing", from: "src/testing/Up.ts", source: `import { target } from "../cli/Target.ts"` },
  { rule: "no-testing", from: "src/client/Testing.ts", source: `import { target } from "../testing/Target.ts"` },
  { rule: "layer-server", from: "src/server/Up.ts", source: `import "../cli/Target.ts"` },
  { rule: "layer-dashboard", from: "src/dashboard/Up.ts", source: `import "../server/Target.ts"` },
  { rule: "layer-cli", from: "src/cli/Inside.ts", source: `import { target } from "../server/Target.ts"` },
  { rule: "pure-core", from: "src/raft/Disk.ts", source: `import { readFileSync } from "node:fs"` },
  { rule: "pure-core", from: "src/lock/Net.ts", source: `import { Socket } from "effect/socket"` },
  { rule: "pure-core", from: "src/lock/Node.ts", source: `import { NodeSocket } from "@effect/platform-node"` },
  { rule: "entries", from: "src/entry.ts", source: `export { target } from "./node/Target.ts"` },
  { rule: "no-sim", from: "src/node/Sim.ts", source: `import { target } from "../sim/Target.ts"` },
  { rule: "no-spec", from: "src/lock/Judged.ts", source: `import type { Target } from "../spec/Target.ts"` },
  { rule: "no-sim", from: "src/cli/commands/Shown.ts", source: `import { target } from "../../sim/Target.ts"` },
  { rule: "no-tools", from: "src/node/Tool.ts", source: `import { rules } from "../../scripts/Target.ts"` },
  { rule: "no-dev-dependency", from: "src/node/Dev.ts", source: `import { it } from "vitest"` },
  { rule: "no-circle", from: "src/node/Circle.ts", source: `import { target } from "./CircleBack.ts"` },
  { rule: "no-unresolved", from: "src/node/Nowhere.ts", source: `import { target } from "./NotThere.ts"` }
]

const targets = ["raft", "lock", "node", "api", "client", "server", "cli", "sim", "spec", "testing"].map((name) =>
  `src/${name}/Target.ts`
)

const withPlants = async (): Promise<Cruise> => {
  const copy = mkdtempSync(join(tmpdir(), "holdfast-layers-"))
  try {
    cpSync(join(root, "src"), join(copy, "src"), { recursive: true })
    cpSync(join(root, "package.json"), join(copy, "package.json"))
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"))
    const write = (path: string, source: string) => {
      mkdirSync(dirname(join(copy, path)), { recursive: true })
      writeFileSync(join(copy, path), `${source}\n`)
    }
    for (const path of [...targets, "scripts/Target.ts"]) write(path, "export const target = 1")
    write("src/node/CircleBack.ts", `import { target } from "./Circle.ts"`)
    // A circle of types is innocent: two records may refer to each other.
    write("src/node/Lease.ts", `import type { Holder } from "./Holder.ts"`)
    write("src/node/Holder.ts", `import type { Lease } from "./Lease.ts"`)
    for (const { from, source } of plants) write(from, source)
    return await cruiseSources(copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

describe("the layer check", () => {
  let planted: Cruise
  beforeAll(async () => {
    planted = await withPlants()
  })

  it.each(plants)("finds $rule in $from", ({ from, rule }) => {
    const found = planted.violations.filter((violation) => violation.from === from).map((violation) => violation.rule)
    assert.include(found, rule)
  })

  it("has a plant for every rule", () => {
    assert.sameMembers([...new Set(plants.map((plant) => plant.rule))], rules.map((rule) => rule.name ?? ""))
  })

  it("accuses nothing but the plants", () => {
    const guilty = new Set(plants.map((plant) => plant.from))
    assert.deepStrictEqual(planted.violations.filter((violation) => !guilty.has(violation.from)), [])
  })
})

describe("our sources", () => {
  it("import one way only, and were all read", async () => {
    const { modules, violations } = await cruiseSources(root)
    assert.deepStrictEqual(violations, [])
    for (const layer of ["raft", "lock", "spec", "node", "server", "cli"]) {
      assert.isTrue(modules.some((module) => module.startsWith(`src/${layer}/`)), `no module of ${layer} was read`)
    }
  })
})
