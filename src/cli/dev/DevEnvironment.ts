/**
 * How `holdfast dev` tells a node that it runs it: in one variable of its environment, which no user sets.
 */
import type { DevControl } from "../../server/DevNode.ts"

const variable = "HOLDFAST_DEV_CONTROL"

export const environmentOf = ({ address, token }: DevControl): Readonly<Record<string, string>> => ({
  [variable]: `${address} ${token}`
})

/** Null in a node that runs in any other way. */
export const controlIn = (environment: Readonly<Record<string, string | undefined>>): DevControl | null => {
  const [address, token] = environment[variable]?.split(" ") ?? []
  return address === undefined || token === undefined ? null : { address, token }
}
