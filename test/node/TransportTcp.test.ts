/**
 * The transport over TCP keeps the contract, on real sockets and a real clock.
 */
import { it } from "@effect/vitest"
import { transportContract } from "../contract/Transport.ts"
import { tcpGround } from "./transport/TcpGround.ts"

// Most of the time these tests wait, so they wait together.
transportContract("TransportTcp", it.live, tcpGround, { concurrent: true })
