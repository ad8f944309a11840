// sFlow of one bridge (Open vSwitch's ofproto-dpif-sflow.c): frames that the datapath samples, and counters of its ports.

import { vlanTci, isTunnelled } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import type { DpAction } from "../../../ovsproto/datapath/actions.ts";
import type { Timer } from "../../../system/system.ts";
import { Collectors, sameTargets } from "../collectors.ts";
import type { ExportHost } from "../collectors.ts";
import { SflowAgent } from "./agent.ts";
import { daemonSample, flowSample, portSample } from "./samples.ts";
import type { DatapathTotals, PortCounterSample, SampledTunnel } from "./samples.ts";
import { wayOut } from "./tunnels-and-labels.ts";

export const SFLOW_DEFAULTS = { sampling: 400, polling: 30, header: 128 } as const;
const DEFAULT_PORT = 6343;
/** entPhysicalEntry; interfaces have class 0. */
const PHYSICAL_ENTITY = 2;
const FIRST_SAMPLER = 1000;
const TICK = 1e9;
const TOLD_FORMAT = 0xc000_0000;
const MULTIPLE_OUTPUTS = 0x8000_0000;

export interface SflowOptions {
  readonly targets: readonly string[];
  /** One of so many packets. */
  readonly sampling: number;
  /** Seconds. */
  readonly polling: number;
  /** Bytes of a frame. */
  readonly header: number;
  readonly subId: number;
  readonly agent: string | undefined;
  readonly controlIp: string | undefined;
}

/** What is to be told of a bridge. */
export interface SflowSource {
  /** Address of the agent, by the options' `agent`, the way to a target, or the controller's; 4 or 16 bytes. */
  agentAddress(options: SflowOptions): Uint8Array | undefined;
  /** Of ports of the datapath that have one. */
  ifindexOf(port: number): number | undefined;
  /** IP protocol of the tunnel that a port is, 0 if it is none. */
  tunnelProtocol(port: number): number;
  /** Ports with an ifindex, by their number in the datapath. */
  readonly polled: ReadonlyMap<number, number>;
  counters(port: number): PortCounterSample | undefined;
  /** Undefined if another bridge tells of the daemon as a whole. */
  totals(): DatapathTotals | undefined;
}

export class SFlow {
  readonly #host: ExportHost;
  readonly #source: SflowSource;
  #options: SflowOptions | undefined;
  #collectors: Collectors | undefined;
  #agent: SflowAgent | undefined;
  #sequence = 0;
  #pool = 0;
  #timer: Timer | undefined;
  /** Seconds of the clock. */
  #nextTick: number;
  #polled = new Map<number, number>();

  constructor(host: ExportHost, source: SflowSource) {
    this.#host = host;
    this.#source = source;
    this.#nextTick = this.#now + 1;
  }

  get #now(): number {
    return Math.floor(this.#host.monotonic() / 1e9);
  }

  /** In 1/2^32 of all packets; 0 if it cannot work. */
  get probability(): number {
    if (!this.#agent || !this.#options) return 0;
    return Math.max(1, Math.floor(0xffff_ffff / this.#options.sampling));
  }

  /** dpif_sflow_set_options() */
  configure(options: SflowOptions): void {
    if (options.targets.length === 0 || options.sampling === 0) {
      this.#clear();
      return;
    }
    const changed = this.#options === undefined || !sameOptions(this.#options, options);
    if (changed || (this.#collectors?.count ?? 0) < options.targets.length) {
      this.#collectors?.close();
      this.#collectors = new Collectors(this.#host, options.targets, DEFAULT_PORT);
      if (this.#collectors.count === 0) {
        this.#warn("no collectors could be initialized, sFlow disabled");
        this.#clear();
        return;
      }
    }
    const address = this.#source.agentAddress(options);
    if (!address) {
      this.#host.vlog.log("sflow", "err", "could not determine IP address for sFlow agent");
      this.#clear();
      return;
    }
    if (changed) this.#start(options, address);
  }

  #start(options: SflowOptions, address: Uint8Array): void {
    const { subId } = options;
    this.#options = options;
    this.#host.vlog.log("sflow", "info", `creating sFlow agent ${subId}`);
    this.#sequence = 0;
    this.#pool = 0;
    this.#agent = new SflowAgent({ address, subId, pollingInterval: options.polling }, this.#wall, {
      send: (datagram) => this.#collectors?.send(datagram),
      error: (text) => this.#host.vlog.log("sflow", "warn", `sFlow agent error: receiver: ${text}`),
      random32: () => this.#host.random32(),
    });
    const source = this.#samplerSource;
    this.#agent.addPoller({
      source,
      sample: (sequence) => {
        const totals = this.#source.totals();
        return totals && daemonSample(sequence, source, totals);
      },
    });
    this.#polled = new Map();
    this.portsChanged();
    this.#schedule();
  }

  get #wall(): number {
    return Math.floor(this.#host.realtime() / 1e6);
  }

  get #samplerSource(): number {
    return PHYSICAL_ENTITY * 2 ** 24 + FIRST_SAMPLER + (this.#options?.subId ?? 0);
  }

  /** Ports have come or gone. */
  portsChanged(): void {
    const agent = this.#agent;
    if (!agent) return;
    const { polled } = this.#source;
    for (const [port, ifindex] of this.#polled) {
      if (polled.get(port) === ifindex) continue;
      agent.removePoller(ifindex);
      this.#polled.delete(port);
    }
    for (const [port, ifindex] of polled) {
      if (this.#polled.has(port)) continue;
      this.#polled.set(port, ifindex);
      agent.addPoller({
        source: ifindex,
        sample: (sequence) => {
          const counters = this.#source.counters(port);
          return counters && portSample(sequence, ifindex, counters);
        },
      });
    }
  }

  /** dpif_sflow_received(): a frame that the datapath has sampled, with the flow's actions if they are known. */
  received(
    frame: Uint8Array,
    key: Flow,
    inPort: number,
    cookie: { readonly vlanTci: number; readonly output: number },
    actions: readonly DpAction[] | undefined,
  ): void {
    const agent = this.#agent;
    const options = this.#options;
    if (!agent || !options) return;
    this.#pool += options.sampling;
    const way = actions && outputsOf(cookie.output) === 1 ? wayOut(key, actions) : undefined;
    const protocolOf = (port: number | undefined) =>
      port === undefined ? 0 : this.#source.tunnelProtocol(port);
    const egress: SampledTunnel | undefined = way?.tunnel && {
      protocol: protocolOf(way.port),
      flow: way.tunnel,
    };
    const header = {
      sequence: ++this.#sequence,
      source: this.#samplerSource,
      rate: options.sampling,
      pool: this.#pool >>> 0,
      input: this.#source.ifindexOf(inPort) ?? 0,
      output: cookie.output,
    };
    agent.add(
      flowSample(header, {
        frame,
        headerLength: options.header,
        sourceTci: vlanTci(key),
        destinationTci: cookie.vlanTci,
        ingress: isTunnelled(key) ? { protocol: protocolOf(inPort), flow: key } : undefined,
        egress,
        labels: way?.labels ?? [],
      }),
    );
  }

  /** dpif_sflow_run() */
  #schedule(): void {
    this.#timer?.cancel();
    const delay = this.#nextTick * TICK - this.#host.monotonic();
    this.#timer = this.#host.after(Math.max(0, delay), () => {
      this.#agent?.tick(this.#wall);
      this.#nextTick = this.#now + 1;
      if (this.#agent) this.#schedule();
    });
  }

  #warn(text: string): void {
    this.#host.vlog.limited("sflow", "sflow", "warn", text);
  }

  #clear(): void {
    this.#timer?.cancel();
    this.#agent = undefined;
    this.#collectors?.close();
    this.#collectors = undefined;
    this.#options = undefined;
  }

  close(): void {
    this.#clear();
  }
}

/** dpif_sflow_cookie_num_outputs() */
function outputsOf(output: number): number {
  const format = (output & TOLD_FORMAT) >>> 0;
  const value = output & 0x3fff_ffff;
  if (format === 0) return value === 0 ? 0 : 1;
  return format === MULTIPLE_OUTPUTS ? value : 0;
}

function sameOptions(a: SflowOptions, b: SflowOptions): boolean {
  return (
    sameTargets(a.targets, b.targets) &&
    a.sampling === b.sampling &&
    a.polling === b.polling &&
    a.header === b.header &&
    a.subId === b.subId &&
    a.agent === b.agent &&
    a.controlIp === b.controlIp
  );
}
