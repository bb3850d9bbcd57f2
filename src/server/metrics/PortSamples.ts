/**
 * What goes through the node's ports, and what is measured of its process, as samples.
 */
import type { Exposition } from "./Exposition.ts"
import type { RuntimeReading } from "./RuntimeProbe.ts"
import type { Traffic } from "./Traffic.ts"

export const showTraffic = (to: Exposition, traffic: Traffic): void => {
  to.gauge("http_requests_open", "HTTP requests that are not answered yet.", traffic.httpRequestsOpen)
  for (const { method, route, seconds, statuses } of traffic.http.values()) {
    for (const [status, count] of statuses) {
      const labels = { method, route, status: String(status) }
      to.counter("http_requests_total", "HTTP requests, by route; 499 is one whose client hung up.", count, labels)
    }
    const what = "How long an HTTP request took, its wait for a lock included."
    to.histogram("http_request_duration_seconds", what, seconds, { method, route })
  }
  to.gauge("rpc_connections", "Connections of clients over RPC.", traffic.rpcConnections)
  to.counter("rpc_requests_total", "Requests over RPC; one may carry many operations.", traffic.rpcRequests)
}

export const showRuntime = (to: Exposition, reading: RuntimeReading): void => {
  const { cpuSeconds, externalBytes, heapTotalBytes, heapUsedBytes, lagSeconds, residentBytes } = reading
  to.gauge("process_start_time_seconds", "When the process began, in Unix time.", reading.startedAtSeconds)
  to.counter("process_cpu_seconds_total", "Time of the CPU that the process has used.", cpuSeconds)
  to.gauge("process_resident_memory_bytes", "Memory that the process has of the machine.", residentBytes)
  to.gauge("process_heap_used_bytes", "The heap of JavaScript, in use.", heapUsedBytes)
  to.gauge("process_heap_size_bytes", "The heap of JavaScript.", heapTotalBytes)
  to.gauge("process_external_memory_bytes", "Memory outside of the heap that JavaScript refers to.", externalBytes)
  const late = "How late the event loop was since the last scrape"
  to.gauge("process_event_loop_lag_p50_seconds", `${late}: the median.`, lagSeconds.p50)
  to.gauge("process_event_loop_lag_p99_seconds", `${late}: 99 % were below.`, lagSeconds.p99)
  to.gauge("process_event_loop_lag_max_seconds", `${late}: the most.`, lagSeconds.max)
}
