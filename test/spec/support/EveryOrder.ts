/**
 * Whether a short history of one lock has an order, found by trying every order and every thing that may have happened
 * besides: leases that end, requests of unknown outcome that are done. The other opinion for the checker's search.
 */
import type { Operation } from "../../../src/spec/history/Operation.ts"

interface State {
  readonly time: number
  /** By whom it is held, with which token; null while nobody knows that. */
  readonly holder: { readonly owner: string; readonly token: number | null } | undefined
  readonly until: number
  readonly lastToken: number
  readonly released: ReadonlyArray<number>
  readonly left: ReadonlyArray<Operation>
}

export const hasOrder = (operations: ReadonlyArray<Operation>): boolean => {
  const left = operations.filter(({ result }) => result !== "fail")
  const seen = new Set<string>()
  const explore = (state: State): boolean => {
    const key = JSON.stringify({ ...state, left: state.left.map((one) => operations.indexOf(one)) })
    if (seen.has(key)) return false
    seen.add(key)
    return state.left.every(({ result }) => result === "unknown") || nextOf(state, operations).some(explore)
  }
  return explore({ time: 0, holder: undefined, until: 0, lastToken: 0, released: [], left })
}

const nextOf = (state: State, operations: ReadonlyArray<Operation>): ReadonlyArray<State> => {
  const next = state.left.flatMap((operation) => {
    const time = Math.max(state.time, operation.start)
    if (operation.result !== "unknown" && time > operation.end) return []
    const rest = { ...state, time, left: state.left.filter((one) => one !== operation) }
    return operation.result === "unknown" ? perhaps(rest, operation, operations) : surely(rest, operation)
  })
  return state.holder === undefined ? next : [...next, over({ ...state, time: Math.max(state.time, state.until) })]
}

const over = (state: State): State => ({ ...state, holder: undefined })

const lease = ({ leaseMs = Infinity }: Operation): number => leaseMs * 1e6

const surely = (state: State, operation: Operation): ReadonlyArray<State> => {
  const { op, owner, result, token } = operation
  const isHolder = state.holder?.owner === owner && state.holder.token === token
  if (result === "not_holder") return isHolder ? [] : [state]
  if (result === "held") return state.holder === undefined ? [] : [state]
  switch (op) {
    case "acquire":
      return grant(state, owner, token, lease(operation))
    case "release":
      if (isHolder) return [{ ...over(state), released: [...state.released, token!] }]
      return state.released.includes(token!) ? [state] : []
    case "renew":
      return isHolder ? [{ ...state, until: Math.max(state.until, state.time + lease(operation)) }] : []
    case "get":
      return token === null ? (state.holder === undefined ? [state] : []) : isHolder ? [state] : []
  }
}

const perhaps = (
  state: State,
  { op, owner, token }: Operation,
  all: ReadonlyArray<Operation>
): ReadonlyArray<State> => {
  if (op === "acquire") {
    if (token !== null) return grant(state, owner, token, 0)
    const tokens = new Set([null, ...all.filter((one) => one.owner === owner).map((one) => one.token)])
    return [...tokens].flatMap((one) => grant(state, owner, one, 0))
  }
  const isReleased = op === "release" && state.holder?.owner === owner && state.holder.token === token
  return isReleased ? [{ ...over(state), released: [...state.released, token!] }] : []
}

const grant = (state: State, owner: string, token: number | null, lease: number): ReadonlyArray<State> => {
  if (state.holder !== undefined || (token !== null && token <= state.lastToken)) return []
  const lastToken = token ?? state.lastToken
  return [{ ...state, holder: { owner, token }, lastToken, until: state.time + lease }]
}
