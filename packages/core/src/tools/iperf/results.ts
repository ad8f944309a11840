// What the sides tell each other at the end (send_results, get_results).

import type { Side } from "./report.ts";
import type { TestStream } from "./stream.ts";

export interface Results {
  readonly cpu_util_total: number;
  readonly cpu_util_user: number;
  readonly cpu_util_system: number;
  readonly sender_has_retransmits: number;
  readonly congestion_used: string;
  readonly streams: readonly Record<string, number>[];
}

/** Programs take no time here, so they use no processor. */
export function resultsOf(streams: readonly TestStream[], congestion: string): Results {
  const [first] = streams;
  return {
    cpu_util_total: 0,
    cpu_util_user: 0,
    cpu_util_system: 0,
    sender_has_retransmits: first?.sender === true ? (first.tcp === undefined ? 0 : 1) : -1,
    congestion_used: congestion,
    streams: streams.map((stream) => ({
      id: stream.id,
      bytes: stream.bytes,
      retransmits: stream.sender && stream.tcp !== undefined ? stream.retransmits : -1,
      jitter: stream.jitter,
      errors: stream.lost,
      packets: stream.packets,
      start_time: 0,
      end_time: stream.endTime,
    })),
  };
}

function numberOf(record: Record<string, unknown>, name: string): number {
  const value = record[name];
  return typeof value === "number" ? value : 0;
}

/** By the numbers of the streams. */
export function sidesOf(results: Results | Record<string, unknown>): ReadonlyMap<number, Side> {
  const { streams } = results;
  const sides = new Map<number, Side>();
  if (!Array.isArray(streams)) return sides;
  for (const stream of streams as Record<string, unknown>[]) {
    const retransmits = numberOf(stream, "retransmits");
    sides.set(numberOf(stream, "id"), {
      bytes: numberOf(stream, "bytes"),
      end: numberOf(stream, "end_time"),
      retransmits: retransmits < 0 ? undefined : retransmits,
      packets: numberOf(stream, "packets"),
      lost: numberOf(stream, "errors"),
      jitter: numberOf(stream, "jitter"),
    });
  }
  return sides;
}
