/**
 * The package as Effect programs import it: the HTTP API as one value. `HttpApiClient.make(Api, { baseUrl })` derives
 * from it a client whose requests, answers and errors are typed. It carries no server.
 */
export { Api } from "./api/Api.ts"
