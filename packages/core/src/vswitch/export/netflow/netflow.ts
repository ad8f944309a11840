// NetFlow version 5 of one bridge (Open vSwitch's ofproto/netflow.c): counts what goes through it by addresses, ports, protocol
// and TOS, IPv4 only, and tells collectors when a flow leaves the datapath, leaves by another port, or has been active for so
// long.

import { hashAdd, hashFinish } from "../../../ovsproto/murmur-hash.ts";
import { dlType, nwProto, nwTos, tpDst, tpSrc, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { HmapOrder } from "../../../ovsproto/hmap-order.ts";
import type { PacketStatistics } from "../../ofproto/xlate/context.ts";
import type { Timer } from "../../../system/system.ts";
import { Collectors } from "../collectors.ts";
import type { ExportHost } from "../collectors.ts";
import { MAX_RECORDS, writeNetflow } from "./datagram.ts";
import type { NetflowHeader, NetflowRecord } from "./datagram.ts";

/** Where a flow leaves, if that is not by one port. */
export const NETFLOW_OUT = { FLOOD: 0xffff, MULTIPLE: 0xfffe, DROP: 0xfffd } as const;

/** Seconds. */
export const DEFAULT_ACTIVE_TIMEOUT = 600;
/** Between looks for flows that have been active too long, milliseconds. */
const ROUND = 1000;
const IPV4 = 0x0800;
const DSCP_MASK = 0xfc;
const U32 = 0xffff_ffff;
/** More bytes than any link sends in a timeout, in units of 2^32. */
const IMPOSSIBLE = 175;

export interface NetflowOptions {
  readonly targets: readonly string[];
  readonly engineType: number;
  readonly engineId: number;
  /** Seconds; 0: flows are not told of while they last. */
  readonly activeTimeout: number;
  /** Seven bits of the engine's id stand in front of interface numbers. */
  readonly addIdToInterface: boolean;
}

interface NetflowFlow {
  readonly hash: number;
  readonly key: readonly number[];
  outPort: number;
  tcpFlags: number;
  packets: number;
  bytes: number;
  /** Milliseconds of the clock; 0: never. */
  created: number;
  used: number;
  lastExpired: number;
}

export class NetFlow {
  readonly #host: ExportHost;
  #options: NetflowOptions;
  #collectors: Collectors;
  /** Clock when it was made, milliseconds. */
  readonly #bootTime: number;
  #sequence = 0;
  /** Milliseconds. */
  #activeTimeout = -1;
  #configuredAt = 0;
  #nextTimeout = 0;
  readonly #flows = new Map<string, NetflowFlow>();
  readonly #order = new HmapOrder<NetflowFlow>();
  #header: Omit<NetflowHeader, "sequence"> | undefined;
  #records: NetflowRecord[] = [];
  #timer: Timer | undefined;
  #soon: Timer | undefined;

  constructor(host: ExportHost, options: NetflowOptions) {
    this.#host = host;
    this.#bootTime = this.#now;
    this.#options = options;
    this.#collectors = new Collectors(host, [], 0);
    this.configure(options);
  }

  get #now(): number {
    return Math.floor(this.#host.monotonic() / 1e6);
  }

  configure(options: NetflowOptions): void {
    this.#collectors.close();
    this.#collectors = new Collectors(this.#host, options.targets, 0);
    this.#options = options;
    const timeout = options.activeTimeout * 1000;
    if (timeout === this.#activeTimeout) return;
    this.#activeTimeout = timeout;
    this.#configuredAt = this.#now;
    this.#nextTimeout = this.#now;
    this.#schedule();
  }

  /** netflow_flow_update(): packets of a flow, as it came in, that leave by `outPort`. */
  update(flow: Flow, outPort: number, statistics: PacketStatistics): void {
    if (dlType(flow) !== IPV4) return;
    const used = Math.floor(statistics.used / 1e6);
    const key = keyOf(flow);
    const name = key.join();
    let known = this.#flows.get(name);
    if (!known) {
      known = {
        hash: hashOf(key),
        key,
        outPort,
        tcpFlags: 0,
        packets: 0,
        bytes: 0,
        created: used,
        used: 0,
        lastExpired: 0,
      };
      this.#flows.set(name, known);
      this.#order.insert(known, known.hash);
    }
    if (known.outPort !== outPort) {
      this.#expire(known);
      known.created = used;
      known.outPort = outPort;
    }
    known.packets += statistics.packets;
    known.bytes += statistics.bytes;
    known.tcpFlags |= statistics.tcpFlags;
    if (used > known.used) {
      known.used = used;
      if (this.#activeTimeout === 0 || known.lastExpired === 0 || this.#configuredAt > known.lastExpired) {
        known.lastExpired = this.#now;
      }
    }
    this.#schedule();
  }

  /** netflow_flow_clear(): it has left the datapath. */
  forget(flow: Flow): void {
    if (dlType(flow) !== IPV4) return;
    const known = this.#flows.get(keyOf(flow).join());
    if (!known) return;
    this.#expire(known);
    this.#remove(known);
  }

  #remove(flow: NetflowFlow): void {
    this.#flows.delete(flow.key.join());
    this.#order.remove(flow);
  }

  #expire(flow: NetflowFlow): void {
    flow.lastExpired += this.#activeTimeout;
    if (flow.packets === 0) return;
    let { packets, bytes } = flow;
    if (bytes / 2 ** 32 <= IMPOSSIBLE) {
      // counters have 32 bits: what is more goes into several records
      while (bytes > 0) {
        const count = Math.ceil(bytes / U32);
        const some = { packets: Math.floor(packets / count), bytes: Math.floor(bytes / count) };
        this.#record(flow, some.packets, some.bytes);
        packets -= some.packets;
        bytes -= some.bytes;
      }
    } else {
      const text = `impossible byte counter ${bytes}`;
      this.#host.vlog.limited("netflow bytes", "netflow", "warn", text, 1, 1);
    }
    flow.packets = 0;
    flow.bytes = 0;
    flow.tcpFlags = 0;
  }

  #record(flow: NetflowFlow, packets: number, bytes: number): void {
    const { engineType, engineId, addIdToInterface } = this.#options;
    const [
      inPort = 0,
      source = 0,
      destination = 0,
      tos = 0,
      protocol = 0,
      sourcePort = 0,
      destinationPort = 0,
    ] = flow.key;
    this.#header ??= {
      uptime: this.#now - this.#bootTime,
      wallTime: this.#host.realtime(),
      engineType,
      engineId,
    };
    this.#sequence++;
    const number = (port: number) => (addIdToInterface ? ((engineId & 0x7f) << 9) | (port & 0x1ff) : port);
    this.#records.push({
      source,
      destination,
      input: number(inPort),
      output: number(flow.outPort),
      packets,
      bytes,
      first: (flow.created - this.#bootTime) >>> 0,
      last: (Math.max(flow.created, flow.used) - this.#bootTime) >>> 0,
      sourcePort,
      destinationPort,
      tcpFlags: flow.tcpFlags & 0xff,
      protocol,
      tos: tos & DSCP_MASK,
    });
    if (this.#records.length >= MAX_RECORDS) this.#send();
    else this.#soon ??= this.#host.after(0, () => this.#run());
  }

  #send(): void {
    if (!this.#header || this.#records.length === 0) return;
    this.#collectors.send(writeNetflow({ ...this.#header, sequence: this.#sequence - 1 }, this.#records));
    this.#header = undefined;
    this.#records = [];
  }

  /** netflow_run() */
  #run(): void {
    this.#soon?.cancel();
    this.#soon = undefined;
    this.#send();
    const now = this.#now;
    if (this.#activeTimeout === 0 || now < this.#nextTimeout) {
      this.#schedule();
      return;
    }
    this.#nextTimeout = now + ROUND;
    for (const flow of [...this.#order.values()]) {
      if (now <= flow.lastExpired + this.#activeTimeout) continue;
      const idle = flow.used < flow.lastExpired;
      this.#expire(flow);
      if (idle) this.#remove(flow);
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#activeTimeout === 0 || this.#flows.size === 0) return;
    this.#timer ??= this.#host.after(Math.max(0, this.#nextTimeout - this.#now) * 1e6, () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  close(): void {
    this.#timer?.cancel();
    this.#soon?.cancel();
    this.#collectors.close();
  }
}

/** Port, addresses, TOS, protocol, ports. */
function keyOf(flow: Flow): readonly number[] {
  return [
    word(flow, W.IN_PORT),
    word(flow, W.NW_SRC),
    word(flow, W.NW_DST),
    nwTos(flow),
    nwProto(flow),
    tpSrc(flow),
    tpDst(flow),
  ];
}

/** netflow_flow_hash() */
function hashOf(key: readonly number[]): number {
  return hashFinish(key.reduce(hashAdd, 0), key.length * 4);
}
