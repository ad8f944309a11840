// What a method of traceroute is: how its probes are sent, and which of them an answer is for.

import type { InetSocket } from "../../system/sockets.ts";
import type { Probe } from "./probe.ts";

/** An answer or an error, as a method sees it. */
export interface Answer {
  readonly socket: InetSocket;
  /** From the error queue. */
  readonly isError: boolean;
  /** Port that it came from, or that the quoted probe went to. */
  readonly port: number;
  /** Of an error, the quoted payload. */
  readonly bytes: Uint8Array;
}

export interface Method {
  /** Bytes of its header that do not count as data. */
  readonly headerLength: number;
  /** Called once, before anything is sent. */
  prepare(): void;
  /** Leaves `probe.sentAt` at 0 if the probe could not be sent now. */
  send(probe: Probe, ttl: number, dataLength: number): void;
  /** The probe that an answer is for. */
  probeFor(answer: Answer, probes: readonly Probe[]): Probe | undefined;
  /** Sockets to wait for. */
  sockets(probes: readonly Probe[]): InetSocket[];
  /** Closes what a finished probe had for itself. */
  release(probe: Probe): void;
}
