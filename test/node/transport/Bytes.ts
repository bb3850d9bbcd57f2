/**
 * Frames as bytes, in the newest version of the protocol, for tests that write them to a wire by hand.
 */
import { encodeFrame, type Frame } from "../../../src/node/transport/Frame.ts"
import { ourVersions, versionOf } from "../../../src/node/transport/Protocol.ts"

export const newest = versionOf(ourVersions.newest)

export const bytesOf = (frame: Frame): Uint8Array => encodeFrame(frame, newest)
