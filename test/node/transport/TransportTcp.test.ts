/**
 * The transport over TCP keeps the contract, on real sockets and a real clock.
 */
import { it } from "@effect/vitest"
import { transportContract } from "../../contract/Transport.ts"
import { tcpGroundOf } from "./TcpGround.ts"

// Most of the time these tests wait, so they wait together.
transportContract("TransportTcp", it.live, tcpGroundOf, {
  concurrent: true,
  speaking: "version 1 with versions 1 and 2"
})
transportContract("TransportTcp", it.live, tcpGroundOf, { concurrent: true, speaking: "versions 1 and 2" })
