/**
 * What goes through a node's ports, counted where it happens. It knows routes by their template alone: what a client
 * puts into a path may be a session.
 */
import { Context } from "effect"
import { Histogram } from "../../node/metrics/Histogram.ts"

export interface RouteTraffic {
  readonly method: string
  readonly route: string
  readonly seconds: Histogram
  /** How many answers there were of each status. */
  readonly statuses: Map<number, number>
}

export interface Traffic {
  rpcConnections: number
  rpcRequests: number
  httpRequestsOpen: number
  /** By method and route. There are as many as there are routes. */
  readonly http: Map<string, RouteTraffic>
}

export const makeTraffic = (): Traffic => ({ rpcConnections: 0, rpcRequests: 0, httpRequestsOpen: 0, http: new Map() })

/** Of the node that this is provided to; whoever is provided nothing counts for nobody. */
export const Traffic = Context.Reference<Traffic>("server/metrics/Traffic", { defaultValue: makeTraffic })

/** An acquire is answered when it is granted, so its wait is in here. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600, 3600]

export const answered = (traffic: Traffic, method: string, route: string, status: number, seconds: number): void => {
  const key = `${method} ${route}`
  const here = traffic.http.get(key) ?? { method, route, seconds: new Histogram(bounds), statuses: new Map() }
  traffic.http.set(key, here)
  here.seconds.observe(seconds)
  here.statuses.set(status, (here.statuses.get(status) ?? 0) + 1)
}
