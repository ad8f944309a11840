// The datapaths of a kernel as a program sees them by netlink (Open vSwitch's lib/dpif-netlink.c).

import type {
  Dpif,
  DpifCache,
  DpifCounters,
  DpifFlow,
  DpifPort,
  DpifPortCounters,
  DpifTracker,
  FlowGroup,
  FlowName,
  FlowPut,
  LimitTable,
  PortFailure,
  PortRequest,
  SettingsRefusal,
  ZoneLimit,
} from "../../dpctl/dpif.ts";
import { AttributeWriter } from "../../netlink/attributes.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import {
  OVS_CMD,
  OVS_CT_LIMIT_CMD,
  OVS_DEFAULT_ZONE,
  OVS_FAMILY,
  OVS_VPORT_TYPE,
  ovsCtLimit,
  ovsDatapath,
  ovsFlow,
  ovsVport,
} from "../../netlink/generic/openvswitch.ts";
import type {
  OvsCtLimitMessage,
  OvsDatapathMessage,
  OvsFlowMessage,
  OvsVportMessage,
} from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { NLM_F } from "../../netlink/message.ts";
import { readActionBytes, writeActions } from "../../ovsproto/datapath/action-attributes.ts";
import type { FlowStatistics } from "../../ovsproto/datapath/format-flow.ts";
import { UPCALL_PID } from "../../ovsproto/datapath/format-actions.ts";
import { MAX_TAGS } from "../../ovsproto/flow/extract.ts";
import {
  exactRow,
  keyBytes,
  kernelRequest,
  readKeyAttributes,
} from "../../ovsproto/datapath/key-attributes.ts";
import { patchOptionsError } from "../../ovsproto/datapath/patch-options.ts";
import type { TunnelConfig } from "../../ovsproto/datapath/tunnel-config.ts";
import { parseTunnelOptions } from "../../ovsproto/datapath/tunnel-options.ts";
import { tunnelPortName } from "../../ovsproto/datapath/tunnel-vports.ts";
import { ufidBytes, ufidText } from "../../ovsproto/datapath/ufid.ts";
import type { TunFile } from "../../system/tun.ts";
import type { DatapathNetlink, Log } from "./datapath-netlink.ts";
import { NetlinkTracker } from "./netlink-tracker.ts";
import { bringUp, deviceCounters, deviceNamed } from "./port-device.ts";
import {
  describeTunnel,
  isTunnelType,
  TUNNEL_VPORT_TYPES,
  tunnelSettings,
  tunnelTypeOf,
} from "./port-type.ts";
import { createTunnelDevice, destroyTunnelDevice } from "./tunnel-device.ts";

const MILLISECOND = 1e6;

export class NetlinkDpif implements Dpif {
  readonly type = "system";
  readonly kernel = true;
  readonly tagLimit = MAX_TAGS;
  readonly name: string;
  readonly #netlink: DatapathNetlink;
  readonly #clock: () => number;
  readonly #log: Log;
  #state: OvsDatapathMessage;

  /** `clock`: nanoseconds since boot. */
  constructor(netlink: DatapathNetlink, state: OvsDatapathMessage, clock: () => number, log: Log) {
    this.#netlink = netlink;
    this.#state = state;
    this.#clock = clock;
    this.#log = log;
    this.name = state.name ?? "";
  }

  get now(): number {
    return this.#clock();
  }

  get #ifindex(): number {
    return this.#state.dpIfindex;
  }

  counters(): DpifCounters {
    const asked = { cmd: OVS_CMD.GET, dpIfindex: this.#ifindex };
    const answer = this.#netlink.request(OVS_FAMILY.DATAPATH, ovsDatapath, asked);
    if (typeof answer === "object") this.#state = answer;
    const { stats, megaflowStats } = this.#state;
    const { hits = 0, misses = 0, lost = 0, flows = 0 } = stats ?? {};
    const masks = megaflowStats && {
      hits: megaflowStats.maskHits,
      count: megaflowStats.masks,
      cacheHits: megaflowStats.cacheHits,
    };
    return { hits, misses, lost, flows, masks };
  }

  #vports(): readonly OvsVportMessage[] {
    const asked = { cmd: OVS_CMD.GET, dpIfindex: this.#ifindex };
    const ports = this.#netlink.dump(OVS_FAMILY.VPORT, ovsVport, asked);
    return typeof ports === "number" ? [] : ports.toSorted((a, b) => (a.portNo ?? 0) - (b.portNo ?? 0));
  }

  ports(): readonly DpifPort[] {
    return this.#vports().map((port) => shownPort(port));
  }

  portNamed(name: string): DpifPort | undefined {
    return this.ports().find((port) => port.name === name);
  }

  description(port: DpifPort): string {
    return describeTunnel(port);
  }

  portCounters({ number, name, type }: DpifPort): DpifPortCounters | undefined {
    // a tunnel counts what the program itself has sent and received
    if (isTunnelType(type)) return { rxPackets: 0, txPackets: 0, rxBytes: 0, txBytes: 0 };
    const stats = this.#vports().find(({ portNo }) => portNo === number)?.stats;
    if (!stats) return undefined;
    const none = { rxOverruns: 0, rxFrame: 0, txAborted: 0, txCarrier: 0, collisions: 0 };
    // the datapath counts what it has seen, the device what was on the wire
    return type === "internal" ? { ...stats, ...none } : deviceCounters(this.#netlink.route, name);
  }

  addPort({ name, type, options, number }: PortRequest): PortFailure | undefined {
    const internal = type === "internal";
    // The library has the devices of all ports open, each as what it is.
    const known = this.portNamed(name);
    if (known && known.type !== type) return { step: "open", errno: ERRNO.EEXIST };
    if (type === "tap") return this.#addTap({ name, type, options, number });
    if (type === "patch") return this.#addPatch(name, options);
    if (isTunnelType(type)) return this.#addTunnel({ name, type, options, number });
    if (!internal && type !== "system") return { step: "open", errno: ERRNO.EAFNOSUPPORT };
    if (!internal && deviceNamed(this.#netlink.route, name) === undefined) {
      return { step: "open", errno: ERRNO.ENODEV };
    }
    if (options.size > 0) this.#notConfigurable(name);
    const added = this.#addVport(name, internal ? OVS_VPORT_TYPE.INTERNAL : OVS_VPORT_TYPE.NETDEV, number);
    if (added !== 0) return this.#notAdded(name, added);
    const errno = bringUp(this.#netlink.route, name);
    return errno === 0 ? undefined : { step: "up", errno };
  }

  /** dpif_netlink_port_add__(): an error number. */
  #addVport(name: string, type: number, number: number | undefined, tunnel?: TunnelConfig): number {
    const { destinationPort: dstPort = 0 } = tunnel ?? {};
    const added = this.#netlink.request(OVS_FAMILY.VPORT, ovsVport, {
      cmd: OVS_CMD.NEW,
      dpIfindex: this.#ifindex,
      ...(number === undefined ? {} : { portNo: number }),
      type,
      name,
      ...(dstPort === 0 ? {} : { options: { dstPort } }),
      upcallPid: [0],
    });
    if (added === ERRNO.EBUSY && number !== undefined) {
      this.#log("dpif_netlink", "info", `${this.type}@${this.name}: requested port ${number} is in use`);
    }
    return errnoOf(added);
  }

  #notAdded(name: string, errno: number): PortFailure {
    this.#warn(`failed to add ${name} as port: ${strerror(errno)}`);
    return { step: "add", errno };
  }

  /** The program makes the device and takes it along when it ends, which is at once. */
  #addTap({ name, options, number }: PortRequest): PortFailure | undefined {
    let tap: TunFile;
    try {
      tap = this.#netlink.openTap(name);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const { errno } = refusal;
      this.#log("netdev_linux", "warn", `${name}: creating tap device failed: ${strerror(errno)}`);
      return { step: "open", errno };
    }
    if (options.size > 0) this.#notConfigurable(name);
    const errno = this.#addVport(name, OVS_VPORT_TYPE.NETDEV, number);
    if (errno === 0) bringUp(this.#netlink.route, name);
    tap.setPersistent(false);
    tap.close();
    return errno === 0 ? undefined : this.#notAdded(name, errno);
  }

  /** Of bridges only. */
  #addPatch(name: string, options: ReadonlyMap<string, string>): PortFailure {
    const wrong = patchOptionsError(name, options);
    if (wrong !== undefined) {
      this.#notConfigured(name, "err", wrong);
      return { step: "configure", errno: ERRNO.EINVAL };
    }
    const text = `cannot create port \`${name}' because it has unsupported type \`patch'`;
    this.#log("dpif_netlink", "warn", `${this.type}@${this.name}: ${text}`);
    return this.#notAdded(name, ERRNO.EINVAL);
  }

  /**
   * A device that all tunnels of a type and UDP port share, and a port for it; the tunnel itself is always up. A device that the
   * kernel has as a port already goes when it is added again.
   */
  #addTunnel({ name, type, options, number }: PortRequest): PortFailure | undefined {
    const config = this.#tunnelConfig(name, type, options);
    if (typeof config === "string") return { step: "configure", errno: ERRNO.EINVAL };
    const { route } = this.#netlink;
    const device = tunnelPortName(type, config.destinationPort);
    const settings = { ...config, port: config.destinationPort };
    let errno = createTunnelDevice(route, device, settings, (problem) => {
      const text = `tunnel device ${device} cannot be deleted or reused: ${strerror(problem)}`;
      this.#log("dpif_netlink_rtnl", "warn", text);
    });
    if (errno === 0) {
      errno = this.#addVport(device, OVS_VPORT_TYPE.NETDEV, number);
      if (errno !== 0) destroyTunnelDevice(route, device);
    } else if (errno !== ERRNO.EOPNOTSUPP) {
      const text = `Failed to create ${name} with rtnetlink: ${strerror(errno)}`;
      this.#log("dpif_netlink", "warn", text);
    }
    // what old kernels have: devices that the datapath itself makes
    if (errno !== 0) errno = this.#addVport(device, TUNNEL_VPORT_TYPES[type] ?? 0, number, config);
    return errno === 0 ? undefined : this.#notAdded(name, errno);
  }

  #notConfigurable(name: string): string {
    const text = `${name}: arguments provided to device that is not configurable`;
    this.#log("netdev", "warn", text);
    return text;
  }

  #warn(text: string): void {
    this.#log("dpif", "warn", `${this.type}@${this.name}: ${text}`);
  }

  removePort(number: number): number {
    const asked = { cmd: OVS_CMD.DEL, dpIfindex: this.#ifindex, portNo: number };
    const name = this.ports().find((port) => port.number === number && isTunnelType(port.type))?.name;
    let errno = errnoOf(this.#netlink.request(OVS_FAMILY.VPORT, ovsVport, asked));
    if (errno === 0 && name !== undefined) errno = destroyTunnelDevice(this.#netlink.route, name);
    if (errno !== 0) this.#warn(`port_del failed (${strerror(errno)})`);
    return errno;
  }

  settings(port: DpifPort): ReadonlyMap<string, string> {
    return tunnelSettings(port);
  }

  /** Those of a tunnel are looked at, and forgotten with the program. */
  configure({ name, type }: DpifPort, options: ReadonlyMap<string, string>): SettingsRefusal | undefined {
    if (isTunnelType(type)) {
      const config = this.#tunnelConfig(name, type, options);
      return typeof config === "string" ? { text: config, errno: ERRNO.EINVAL } : undefined;
    }
    return options.size > 0 ? { text: this.#notConfigurable(name), errno: 0 } : undefined;
  }

  #tunnelConfig(name: string, type: string, options: ReadonlyMap<string, string>): TunnelConfig | string {
    const config = parseTunnelOptions(name, type, options, (module, level, text) =>
      this.#log(module, level, text),
    );
    if (typeof config === "string") this.#notConfigured(name, "warn", config);
    return config;
  }

  #notConfigured(name: string, level: "warn" | "err", text: string): void {
    this.#log("netdev_vport", level, text);
    this.#log("netdev", "warn", `${name}: could not set configuration (${strerror(ERRNO.EINVAL)})`);
  }

  flows(): readonly FlowGroup[] {
    const asked = { cmd: OVS_CMD.GET, dpIfindex: this.#ifindex };
    const flows = this.#netlink.dump(OVS_FAMILY.FLOW, ovsFlow, asked);
    return [
      { core: undefined, flows: typeof flows === "number" ? [] : flows.map((flow) => shownFlow(flow)) },
    ];
  }

  flowNamed(ufid: string): DpifFlow | number {
    const asked = { cmd: OVS_CMD.GET, dpIfindex: this.#ifindex, ufid: ufidBytes(ufid), ufidFlags: 0 };
    const flow = this.#netlink.request(OVS_FAMILY.FLOW, ovsFlow, asked);
    return typeof flow === "object" ? shownFlow(flow) : (flow ?? ERRNO.ENOENT);
  }

  putFlow({ parsed, ufid, actions, create, modify, zeroStatistics }: FlowPut): FlowStatistics | number {
    const asked = kernelRequest(parsed);
    if (!asked) return ERRNO.EINVAL;
    const flow = this.#netlink.request(
      OVS_FAMILY.FLOW,
      ovsFlow,
      {
        cmd: create ? OVS_CMD.NEW : OVS_CMD.SET,
        dpIfindex: this.#ifindex,
        ...(ufid === undefined ? {} : { ufid: ufidBytes(ufid) }),
        ...asked,
        actions: written((writer) => writeActions(writer, actions, UPCALL_PID)),
        ...(zeroStatistics ? { clear: true as const } : {}),
      },
      modify ? 0 : NLM_F.CREATE,
    );
    return typeof flow === "number" ? flow : statisticsOf(flow);
  }

  deleteFlow({ parsed, ufid }: FlowName): FlowStatistics | number {
    const flow = this.#netlink.request(OVS_FAMILY.FLOW, ovsFlow, {
      cmd: OVS_CMD.DEL,
      dpIfindex: this.#ifindex,
      ...(ufid === undefined ? {} : { ufid: ufidBytes(ufid) }),
      ...(parsed.present.size === 0 ? {} : { key: keyBytes(parsed, parsed.key) }),
    });
    return typeof flow === "number" ? flow : statisticsOf(flow);
  }

  flush(): number {
    const asked = { cmd: OVS_CMD.DEL, dpIfindex: this.#ifindex };
    return errnoOf(this.#netlink.request(OVS_FAMILY.FLOW, ovsFlow, asked));
  }

  caches(): readonly DpifCache[] {
    const { masksCacheSize } = this.#state;
    return masksCacheSize === undefined ? [] : [{ name: "masks-cache", size: masksCacheSize }];
  }

  setCache(_name: string, size: number): number {
    const { userFeatures = 0 } = this.#state;
    return errnoOf(
      this.#netlink.request(OVS_FAMILY.DATAPATH, ovsDatapath, {
        cmd: OVS_CMD.SET,
        dpIfindex: this.#ifindex,
        userFeatures,
        masksCacheSize: size,
      }),
    );
  }

  #limits(cmd: number, zoneLimit: OvsCtLimitMessage["zoneLimit"]): OvsCtLimitMessage | number | undefined {
    const asked = { cmd, dpIfindex: this.#ifindex, ...(zoneLimit ? { zoneLimit } : {}) };
    return this.#netlink.request(OVS_FAMILY.CT_LIMIT, ovsCtLimit, asked);
  }

  limits(zones: readonly number[] | undefined): LimitTable | number {
    const all = zones && [OVS_DEFAULT_ZONE, ...zones].map((zone) => ({ zone, limit: 0, count: 0 }));
    const answer = this.#limits(OVS_CT_LIMIT_CMD.GET, all);
    if (typeof answer === "number") return answer;
    const told = answer?.zoneLimit ?? [];
    return {
      standard: told.find(({ zone }) => zone === OVS_DEFAULT_ZONE)?.limit ?? 0,
      zones: told.filter(({ zone }) => zone !== OVS_DEFAULT_ZONE),
    };
  }

  setLimits(standard: number | undefined, zones: readonly ZoneLimit[]): number {
    const all = [...(standard === undefined ? [] : [{ zone: OVS_DEFAULT_ZONE, limit: standard }]), ...zones];
    const counted = all.map(({ zone, limit }) => ({ zone, limit, count: 0 }));
    return errnoOf(this.#limits(OVS_CT_LIMIT_CMD.SET, counted));
  }

  deleteLimits(zones: readonly number[]): number {
    const all = zones.map((zone) => ({ zone, limit: 0, count: 0 }));
    return errnoOf(this.#limits(OVS_CT_LIMIT_CMD.DEL, all));
  }

  get tracker(): DpifTracker {
    return new NetlinkTracker(this.#netlink);
  }

  destroy(): number {
    const asked = { cmd: OVS_CMD.DEL, dpIfindex: this.#ifindex };
    return errnoOf(this.#netlink.request(OVS_FAMILY.DATAPATH, ovsDatapath, asked));
  }
}

function errnoOf(answer: object | number | undefined): number {
  return typeof answer === "number" ? answer : 0;
}

function shownPort({ portNo = 0, name = "", type }: OvsVportMessage): DpifPort {
  switch (type) {
    case OVS_VPORT_TYPE.INTERNAL:
      return { number: portNo, name, type: "internal" };
    case OVS_VPORT_TYPE.GRE:
      return { number: portNo, name, type: "gre" };
    case OVS_VPORT_TYPE.VXLAN:
      return { number: portNo, name, type: "vxlan" };
    case OVS_VPORT_TYPE.GENEVE:
      return { number: portNo, name, type: "geneve" };
    default:
      return { number: portNo, name, type: tunnelTypeOf(name) ?? "system" };
  }
}

function written(fill: (writer: AttributeWriter) => void): Uint8Array {
  const writer = new AttributeWriter();
  fill(writer);
  return writer.finish();
}

function statisticsOf(flow: OvsFlowMessage | undefined): FlowStatistics {
  const { packets = 0, bytes = 0 } = flow?.stats ?? {};
  const used = flow?.used === undefined ? undefined : flow.used * MILLISECOND;
  return { packets, bytes, used, tcpFlags: flow?.tcpFlags ?? 0 };
}

/** dpif_netlink_flow_to_dpif_flow() */
function shownFlow(flow: OvsFlowMessage): DpifFlow {
  const key = readKeyAttributes(flow.key ?? new Uint8Array(0));
  return {
    key: key.row,
    mask: flow.mask ? readKeyAttributes(flow.mask, true).row : exactRow(key),
    seen: undefined,
    ufid: flow.ufid && ufidText(flow.ufid),
    actions: readActionBytes(flow.actions ?? new Uint8Array(0)) ?? [],
    ...statisticsOf(flow),
    extensionHeaders: key.present.has("ipv6_exthdrs"),
  };
}
