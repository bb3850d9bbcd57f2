/**
 * The limits of requests that are in force, as the API's schemas, its description and the words of every
 * refusal are made from them.
 */
import { Context } from "effect"
import * as Data from "../lock/Limits.ts"

export type Limits = Data.Limits

export const defaults = Data.defaultLimits

/** The limits in force: `defaults` unless the node is configured otherwise. */
export const Limits = Context.Reference<Limits>("api/Limits", { defaultValue: () => defaults })
