/**
 * The tokens of all locks together come from one counter: none is given twice, and a grant that was asked for after
 * another had been answered has the greater one.
 */
import type { Fault } from "./Check.ts"
import type { Operation } from "./Operation.ts"

type Grant = Operation & { readonly token: number }

export const tokenFaults = (operations: ReadonlyArray<Operation>): ReadonlyArray<Fault> => {
  const grants = operations.filter((one): one is Grant => one.op === "acquire" && one.result === "ok")
  return [...repeated(grants), ...falling(grants)]
}

const repeated = (grants: ReadonlyArray<Grant>): ReadonlyArray<Fault> =>
  [...Map.groupBy(grants, ({ token }) => token).values()]
    .filter((same) => same.length > 1)
    .map((same) => faultOf("repeated token", same))

/** Each grant against the greatest token among those that were answered before it was asked for. */
const falling = (grants: ReadonlyArray<Grant>): ReadonlyArray<Fault> => {
  const answered = grants.toSorted((a, b) => a.end - b.end)
  const faults: Array<Fault> = []
  let position = 0
  let highest: Grant | undefined
  for (const grant of grants.toSorted((a, b) => a.start - b.start)) {
    for (let next = answered[position]; next !== undefined && next.end < grant.start; next = answered[++position]) {
      if (highest === undefined || next.token > highest.token) highest = next
    }
    if (highest !== undefined && grant.token < highest.token) faults.push(faultOf("falling token", [highest, grant]))
  }
  return faults
}

const faultOf = (rule: Fault["rule"], grants: ReadonlyArray<Grant>): Fault => {
  const names = new Set(grants.map(({ name }) => name))
  const [name] = names
  return { lock: names.size === 1 && name !== undefined ? name : null, rule, operations: grants }
}
