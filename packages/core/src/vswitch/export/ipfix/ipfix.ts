// IPFIX of one bridge (Open vSwitch's ofproto-dpif-ipfix.c): an exporter that sees a part of all packets, and one for each set of
// collectors that flows sample to.

import { hashInt } from "../../../ovsproto/murmur-hash.ts";
import { hasPorts, nwProto, tpDst } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { HmapOrder } from "../../../ovsproto/hmap-order.ts";
import type { DpAction, FlowSampleCookie } from "../../../ovsproto/datapath/actions.ts";
import type { IpfixStats } from "../../../ovsproto/openflow/ipfix.ts";
import type { ExportHost } from "../collectors.ts";
import { IpfixExporter } from "./exporter.ts";
import type { ExporterOptions } from "./exporter.ts";
import { cameThroughTunnel } from "./record.ts";
import type { SampledInterface, SampledPacket, TunnelType } from "./record.ts";

/** ODPP_NONE */
export const NO_PORT = 0xffff_ffff;
const ALL = 0xffff_ffff;
const ALL_16 = 0xffff;
const UDP = 17;
/** RFC 5881, section 8: what BFD sends is not sampled. */
const BFD_PORTS: ReadonlySet<number> = new Set([3784, 3785]);

export interface BridgeExporterOptions extends ExporterOptions {
  /** One of so many packets. */
  readonly sampling: number;
  readonly domain: number;
  readonly point: number;
  readonly inputSampling: boolean;
  readonly outputSampling: boolean;
}

export interface FlowExporterOptions extends ExporterOptions {
  readonly collectorSet: number;
}

/** What is to be known of ports of the datapath. */
export interface IpfixSource {
  interfaceOf(port: number): SampledInterface | undefined;
  tunnelOf(port: number): TunnelType | undefined;
  /** Numbers of exporters, from 1. */
  nextExporter(): number;
}

/** A packet that the datapath has handed up. */
export interface Sampled {
  readonly key: Flow;
  readonly length: number;
  readonly inPort: number;
  /** Tunnel words of the way out. */
  readonly outTunnel: Flow | undefined;
  /** Of the flow that has sampled it, if they are known. */
  readonly actions: readonly DpAction[] | undefined;
}

export class Ipfix {
  readonly #host: ExportHost;
  readonly #source: IpfixSource;
  readonly #bridge: IpfixExporter;
  #bridgeOptions: BridgeExporterOptions | undefined;
  readonly #sets = new Map<number, IpfixExporter>();
  readonly #order = new HmapOrder<number>();

  constructor(host: ExportHost, source: IpfixSource) {
    this.#host = host;
    this.#source = source;
    this.#bridge = new IpfixExporter(host, source.nextExporter());
  }

  /** dpif_ipfix_set_options() */
  configure(bridge: BridgeExporterOptions | undefined, sets: readonly FlowExporterOptions[]): void {
    if (!bridge) {
      this.#bridge.clear();
      this.#bridgeOptions = undefined;
    } else if (this.#bridge.configure(bridge)) this.#bridgeOptions = bridge;
    else this.#bridgeOptions = undefined;
    for (const options of sets) {
      let exporter = this.#sets.get(options.collectorSet);
      if (!exporter) {
        exporter = new IpfixExporter(this.#host, this.#source.nextExporter());
        this.#sets.set(options.collectorSet, exporter);
        this.#order.insert(options.collectorSet, hashInt(options.collectorSet, 0));
      }
      if (!exporter.configure(options)) this.#remove(options.collectorSet);
    }
    const wanted = new Set(sets.map(({ collectorSet }) => collectorSet));
    for (const id of [...this.#sets.keys()]) if (!wanted.has(id)) this.#remove(id);
  }

  #remove(id: number): void {
    this.#sets.get(id)?.clear();
    this.#sets.delete(id);
    this.#order.remove(id);
  }

  // ---- what the pipeline asks

  /** In 1/2^32 of all packets; 0: the bridge as a whole is not sampled. */
  get probability(): number {
    return this.#bridgeOptions ? Math.max(1, Math.floor(ALL / this.#bridgeOptions.sampling)) : 0;
  }

  get inputSampling(): boolean {
    return this.#bridgeOptions?.inputSampling ?? false;
  }

  get outputSampling(): boolean {
    return this.#bridgeOptions?.outputSampling ?? false;
  }

  get tunnelSampling(): boolean {
    return this.#bridgeOptions?.tunnelSampling ?? false;
  }

  setSamplesTunnels(collectorSet: number): boolean {
    return this.#sets.get(collectorSet)?.options?.tunnelSampling ?? false;
  }

  isTunnel(port: number): boolean {
    return this.#source.tunnelOf(port) !== undefined;
  }

  // ---- packets

  /** dpif_ipfix_bridge_sample() */
  sampleBridge(sampled: Sampled, outPort: number): void {
    const options = this.#bridgeOptions;
    if (!options || isBfd(sampled.key)) return;
    this.#bridge.sample(
      this.#packet(sampled, {
        packets: Math.floor(ALL / this.probability),
        domain: options.domain,
        point: options.point,
        outPort,
        direction: undefined,
        tunnels: options.tunnelSampling,
      }),
    );
  }

  /** dpif_ipfix_flow_sample() */
  sampleFlow(sampled: Sampled, cookie: FlowSampleCookie): void {
    const exporter = this.#sets.get(cookie.collectorSet);
    if (!exporter?.options) return;
    exporter.sample(
      this.#packet(sampled, {
        packets: Math.floor(ALL_16 / cookie.probability),
        domain: cookie.domain,
        point: cookie.point,
        outPort: cookie.outputPort,
        direction: cookie.direction,
        tunnels: exporter.options.tunnelSampling,
      }),
    );
  }

  #packet(
    { key, length, inPort, outTunnel, actions }: Sampled,
    sample: {
      readonly packets: number;
      readonly domain: number;
      readonly point: number;
      readonly outPort: number;
      readonly direction: "ingress" | "egress" | undefined;
      readonly tunnels: boolean;
    },
  ): SampledPacket {
    const source = this.#source;
    const { packets, domain, point, outPort } = sample;
    const leaves = outPort !== NO_PORT;
    const tunnelFlow = leaves ? outTunnel : cameThroughTunnel(key) ? key : undefined;
    const type = sample.tunnels && tunnelFlow ? source.tunnelOf(leaves ? outPort : inPort) : undefined;
    return {
      flow: key,
      length,
      packets,
      domain,
      point,
      direction: sample.direction ?? (leaves ? "egress" : "ingress"),
      input: source.interfaceOf(inPort),
      output: source.interfaceOf(outPort),
      tunnel: type && tunnelFlow && { type, flow: tunnelFlow },
      dropped: !(actions && outputs(actions)),
    };
  }

  // ---- OpenFlow

  /** Undefined if it is not configured. */
  get bridgeStatistics(): IpfixStats | undefined {
    return this.#bridgeOptions && { counters: this.#bridge.counters, collectorSet: 0 };
  }

  get setStatistics(): IpfixStats[] {
    return [...this.#order.values()].flatMap((collectorSet) => {
      const exporter = this.#sets.get(collectorSet);
      return exporter ? [{ counters: exporter.counters, collectorSet }] : [];
    });
  }

  close(): void {
    this.configure(undefined, []);
  }
}

function isBfd(flow: Flow): boolean {
  return hasPorts(flow) && nwProto(flow) === UDP && BFD_PORTS.has(tpDst(flow));
}

/** dpif_ipfix_read_actions(): there is an output, also inside of a clone, or of a sample that takes all packets. */
function outputs(actions: readonly DpAction[]): boolean {
  return actions.some(
    (action) =>
      action.type === "output" ||
      (action.type === "clone" && outputs(action.actions)) ||
      (action.type === "sample" && action.probability === ALL && outputs(action.actions)),
  );
}
