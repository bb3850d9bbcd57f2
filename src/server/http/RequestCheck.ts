/**
 * Stands around every endpoint: checks the query, reads the body within its limit, and turns what is wrong with the
 * request, or with this node, into a problem.
 *
 * A defect is logged with the route's template. Nothing here logs a URL or a body: session ids are in both.
 */
import { ByteSize, Cause, Effect, Layer, type Types } from "effect"
import {
  HttpIncomingMessage,
  type HttpServerError,
  HttpServerRequest,
  HttpServerRespondable,
  type HttpServerResponse
} from "effect/http"
import { type HttpApiEndpoint, HttpApiError } from "effect/http-api"
import { isUtf8 } from "node:buffer"
import * as Api from "../../api/Api.ts"
import { makeSentences } from "../../api/Fields.ts"
import { Limits } from "../../api/Limits.ts"
import { InternalError, InvalidRequest, TooLarge, UnsupportedMediaType } from "../../api/Problems.ts"
import { type Sentences, toInvalidRequest } from "./InvalidRequests.ts"
import { checkQuery } from "./QueryCheck.ts"

export const layer = Layer.effect(
  Api.RequestCheck,
  Effect.gen(function*() {
    const limits = yield* Limits
    const sentences = makeSentences(limits)
    const readBody = makeReadBody(limits, sentences)
    return (handle, route) => {
      const { endpoint } = route
      const query = checkQuery(route)
      const check = endpoint.payload.size === 0 ? query : Effect.andThen(query, readBody)
      const handleOrRefuse = Effect.matchEffect(check, {
        onFailure: HttpServerRespondable.toResponse,
        onSuccess: () => handle
      })
      return handleOrRefuse.pipe(
        Effect.catch((error): Answer =>
          HttpApiError.HttpApiSchemaError.is(error) ? refuse(error, endpoint, sentences) : Effect.fail(error)
        ),
        Effect.catchDefect((defect) => failInternally(defect, endpoint))
      )
    }
  })
)

type Answer = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  InternalError | Types.unhandled,
  HttpServerRequest.HttpServerRequest
>

type ReadBody = Effect.Effect<
  void,
  InvalidRequest | TooLarge | UnsupportedMediaType,
  HttpServerRequest.HttpServerRequest
>

// The request keeps the bytes, and the decoder finds them there.
const makeReadBody = ({ bodyBytesMax }: Limits, sentences: Sentences): ReadBody => {
  const maxBytes = ByteSize.bytes(bodyBytesMax)
  const tooLarge = new TooLarge({ detail: `A body has at most ${bodyBytesMax.toLocaleString("en-US")} bytes.` })
  const notJson = new InvalidRequest({ field: "body", detail: `\`body\` must be ${sentences.body}, in UTF-8.` })
  const toProblem = ({ reason }: HttpServerError.HttpServerError) =>
    reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge" ? tooLarge : notJson
  return Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (!isJson(request.headers["content-type"])) return yield* new UnsupportedMediaType()
    const bytes = yield* request.arrayBuffer.pipe(
      Effect.provideService(HttpIncomingMessage.MaxBodySize, maxBytes),
      Effect.mapError(toProblem)
    )
    // JSON is UTF-8 (RFC 8259 §8.1); a decoder that mends it would make one owner of two.
    if (!isUtf8(bytes)) return yield* notJson
  })
}

const isJson = (contentType: string | undefined): boolean =>
  contentType === undefined || /^\s*application\/json\s*(;|$)/i.test(contentType)

const refuse = (error: HttpApiError.HttpApiSchemaError, endpoint: HttpApiEndpoint.Top, sentences: Sentences) =>
  error.kind === "Body" || error.kind === "ResponseHeaders"
    ? failInternally(error.cause, endpoint)
    : Effect.flatMap(
      error.kind === "Payload" ? hasNoBody : Effect.succeed(false),
      (missing) => HttpServerRespondable.toResponse(toInvalidRequest(error.cause.issue, sentences, missing))
    )

// The body has been read; it is not read again.
const hasNoBody = Effect.flatMap(
  HttpServerRequest.HttpServerRequest,
  ({ text }) => Effect.orDie(Effect.map(text, (body) => body === ""))
)

const failInternally = (defect: unknown, { method, path }: HttpApiEndpoint.Top) =>
  Effect.andThen(
    Effect.logError(`A defect in ${method} ${path}`, Cause.die(defect)),
    Effect.fail(new InternalError())
  )
