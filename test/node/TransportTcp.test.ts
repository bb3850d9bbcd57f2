/**
 * The transport over TCP keeps the contract, on real sockets and a real clock.
 */
import { it } from "@effect/vitest"
import { transportContract } from "../contract/Transport.ts"
import { tcpGround } from "./transport/TcpGround.ts"

transportContract("TransportTcp", it.live, tcpGround)
