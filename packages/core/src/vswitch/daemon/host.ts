// What the switch daemon needs of the system around it.

import type { StreamHost } from "../stream-host.ts";
import type { VportHost } from "../../kernel/device-vport.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { InetAddress } from "../../system/sockets.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import type { DatapathClock } from "../datapath/datapath.ts";
import type { Providers } from "../dummy/providers.ts";
import type { DatagramSocket } from "../export/collectors.ts";
import type { Coverage } from "./log/coverage.ts";
import type { Vlog } from "./log/vlog.ts";

/** Time and the log, which is what most parts need. */
export interface DaemonHost {
  monotonic(): Nanoseconds;
  after(delay: Nanoseconds, fire: () => void): Timer;
  readonly vlog: Vlog;
  readonly coverage: Coverage;
}

export interface SwitchHost extends DaemonHost, Providers, StreamHost {
  /** A UDP socket of the host, connected. Errors: Refusal. */
  connectDatagram(to: InetAddress): DatagramSocket;
  /** The first address of a device of the host, IPv4 before IPv6; 4 or 16 bytes. */
  addressOf(device: string): Uint8Array | undefined;
  /** The time that `monotonic` and `after` are about. */
  readonly clock: DatapathClock;
  /** Where sockets of bridges lie, as users name it. */
  readonly runDirectory: string;
  readonly vports: VportHost;
  /** The same for datapaths of the type netdev. */
  readonly userspaceVports: VportHost;
  /** uname -r */
  readonly release: string;
  random32(): number;
  /** The daemon's working directory. */
  readonly directory: string;
  /** Since the epoch, microseconds. */
  realtime(): number;
  /** Undefined if there is no such file. */
  readFile(path: string): Uint8Array | undefined;
  /** Makes the file if need be. */
  openAppending(path: string): { append(bytes: Uint8Array): void };
  /** Numbers of accepted connections, for their names. */
  nextConnection(): number;
  /** Listens on a path; the returned function ends that and removes the file. */
  serve(path: string, mode: number, connected: (socket: StreamSocket) => void): () => void;
}
