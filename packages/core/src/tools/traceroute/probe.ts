// One probe of traceroute, and what is known of it. Times are microseconds since the epoch; 0: not yet.

import type { InetSocket } from "../../system/sockets.ts";
import type { Microseconds } from "../../system/system.ts";
import { bytesEqual } from "../../wire/bytes.ts";

export class Probe {
  /** Answered, or given up. */
  done = false;
  /** The answer came from where the path ends. */
  final = false;
  /** Who answered. */
  from: Uint8Array | undefined = undefined;
  scope = 0;
  sentAt: Microseconds = 0;
  receivedAt: Microseconds = 0;
  /** TTL of the answer; 0: not told. */
  receivedTtl = 0;
  socket: InetSocket | undefined = undefined;
  /** Port or sequence number that an answer must have; 0: none is awaited. */
  sequence = 0;
  /** "!H" and the like. */
  mark = "";

  /** As good as new. */
  clear(): void {
    Object.assign(this, new Probe());
  }

  /** Takes over all that `other` knows. */
  become(other: Probe): void {
    Object.assign(this, other);
  }

  /** No more answers are awaited. */
  finish(): void {
    this.socket = undefined;
    this.sequence = 0;
    this.done = true;
  }

  /** Round-trip time; 0 if there was no answer. */
  get time(): Microseconds {
    return this.receivedAt === 0 ? 0 : this.receivedAt - this.sentAt;
  }

  answeredAs(other: Probe): boolean {
    return this.from !== undefined && other.from !== undefined && bytesEqual(this.from, other.from);
  }
}

/** Hops to a sender whose packets start with a TTL of 64, 128 or 255. */
export function hopsOfTtl(ttl: number): number {
  if (ttl <= 64) return 65 - ttl;
  return ttl <= 128 ? 129 - ttl : 256 - ttl;
}
