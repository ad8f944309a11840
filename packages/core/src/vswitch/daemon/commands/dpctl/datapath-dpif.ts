// The datapaths that the switch daemon sees, for the commands of dpctl/: those of bridges, and those that were made by hand.

import type {
  Dpif,
  DpifCache,
  DpifCounters,
  DpifFlow,
  DpifPort,
  DpifPortCounters,
  DpifTracker,
  Dpifs,
  FlowGroup,
  FlowName,
  FlowPut,
  LimitTable,
  PortFailure,
  PortRequest,
  ZoneLimit,
} from "../../../../dpctl/dpif.ts";
import { ERRNO } from "../../../../netlink/errno.ts";
import { Refusal } from "../../../../netlink/refusal.ts";
import type { FlowStatistics } from "../../../../ovsproto/datapath/format-flow.ts";
import { keyFits, maskOf } from "../../../../ovsproto/datapath/parse-flow.ts";
import { ETHERTYPE_MIN } from "../../../../wire/ethernet.ts";
import { tunnelConfigText } from "../../../../ovsproto/datapath/tunnel-vports.ts";
import { ufidOf } from "../../../../ovsproto/datapath/ufid.ts";
import { flowsEqual, newFlow, W, word } from "../../../../ovsproto/flow/flow.ts";
import { hashString } from "../../../../ovsproto/murmur-hash.ts";
import type { Datapath, DpPort } from "../../../datapath/datapath.ts";
import type { DpFlow } from "../../../datapath/flow-table.ts";
import { isCacheSize } from "../../../datapath/flow-table.ts";
import { portStatistics } from "../../../datapath/port-statistics.ts";
import { deleteInKernel, putInKernel } from "./kernel-requests.ts";
import { DatapathTracker } from "./datapath-tracker.ts";
import { configureDummy } from "../../../dummy/dummy-options.ts";
import type { Backer } from "../../../ofproto/backer.ts";
import { HmapOrder } from "../../../../ovsproto/hmap-order.ts";
import { coreOf, pollThreads } from "../../poll-threads.ts";
import type { SwitchDaemon } from "../../switchd.ts";
import { INTERNAL_TYPES } from "../datapath-types.ts";

export class DatapathDpif implements Dpif {
  readonly type: string;
  readonly datapath: Datapath;
  readonly #daemon: SwitchDaemon;
  /** Of the bridges above it; undefined for one that was made by hand. */
  readonly #backer: Backer | undefined;

  constructor(daemon: SwitchDaemon, type: string, datapath: Datapath, backer: Backer | undefined) {
    this.#daemon = daemon;
    this.type = type;
    this.datapath = datapath;
    this.#backer = backer;
  }

  get name(): string {
    return this.datapath.name;
  }

  get tagLimit(): number {
    return this.datapath.tagLimit;
  }

  get kernel(): boolean {
    return this.datapath.kind === "kernel";
  }

  get now(): number {
    return this.datapath.now;
  }

  counters(): DpifCounters {
    const { hits, misses, lost, table } = this.datapath;
    const { maskHits, maskCount, cacheHits } = table;
    return {
      hits,
      misses,
      lost,
      flows: table.flows.size,
      masks: this.kernel ? { hits: maskHits, count: maskCount, cacheHits } : undefined,
    };
  }

  ports(): readonly DpifPort[] {
    return this.datapath.ports.flatMap((port) => (port ? [this.#shown(port)] : []));
  }

  portNamed(name: string): DpifPort | undefined {
    const port = this.datapath.portNamed(name);
    return port && this.#shown(port);
  }

  #shown(port: DpPort): DpifPort {
    const { number, name, type, dummyType } = port;
    const shown = type === "internal" ? INTERNAL_TYPES[this.datapath.kind] : type;
    return { number, name, type: dummyType ?? shown };
  }

  #port({ number }: DpifPort): DpPort | undefined {
    return this.datapath.ports[number];
  }

  description(shown: DpifPort): string {
    const port = this.#port(shown);
    if (!port) return "";
    switch (port.type) {
      case "system":
      case "internal":
        return "";
      case "dummy":
        return this.#daemon.host.dummies?.of(port.device)?.description ?? "";
      default: {
        const { udpPort = 0, type } = port;
        return tunnelConfigText(type, udpPort);
      }
    }
  }

  portCounters(shown: DpifPort): DpifPortCounters | undefined {
    const port = this.#port(shown);
    if (!port) return undefined;
    const dummy = this.#daemon.host.dummies?.of(port.device);
    if (dummy) return dummy.counters;
    const s = portStatistics(this.datapath.kind, port.type, port.device);
    const { rxPackets, rxBytes, rxErrors, rxDropped, txPackets, txBytes, txErrors, txDropped } = s;
    const { rxOverErrors: rxOverruns, rxFrameErrors: rxFrame, collisions } = s;
    const { txAbortedErrors: txAborted, txCarrierErrors: txCarrier } = s;
    const received = { rxPackets, rxBytes, rxErrors, rxDropped, rxOverruns, rxFrame };
    return { ...received, txPackets, txBytes, txErrors, txDropped, txAborted, txCarrier, collisions };
  }

  addPort({ name, type, options, number }: PortRequest): PortFailure | undefined {
    const { datapath } = this;
    const { dummies, dummyTypes, vports } = this.#daemon.host;
    const isDummy = dummies !== undefined && dummyTypes.has(type);
    const device = isDummy || type !== "system" ? undefined : vports.deviceNamed(name);
    if (!isDummy && type !== "internal" && !device) {
      return { step: "open", errno: type === "system" ? ERRNO.ENODEV : ERRNO.EAFNOSUPPORT };
    }
    if (number !== undefined && datapath.ports[number]) return { step: "add", errno: ERRNO.EBUSY };
    if (datapath.portNamed(name)) return { step: "add", errno: ERRNO.EEXIST };
    // The daemon's own datapath takes devices, of which this is none.
    if (type === "internal" && !this.kernel) return { step: "add", errno: ERRNO.EINVAL };
    try {
      let made: DpPort;
      if (isDummy) {
        const netdev = dummies.open(name, type);
        configureDummy(this.#daemon.host, netdev, options);
        made = datapath.addDevice(netdev.device, type, number);
      } else {
        made = device ? datapath.addDevice(device, undefined, number) : datapath.addInternal(name, number);
      }
      datapath.host.setUp(made.device, true);
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return { step: "add", errno: refusal.errno };
    }
  }

  removePort(number: number): number {
    if (number === 0) return ERRNO.EINVAL;
    if (!this.datapath.ports[number]) return ERRNO.ENODEV;
    this.datapath.removePort(number);
    return 0;
  }

  settings(shown: DpifPort): ReadonlyMap<string, string> {
    const port = this.#port(shown);
    return (port && this.#daemon.host.dummies?.of(port.device)?.settings) ?? new Map<string, string>();
  }

  configure(shown: DpifPort, options: ReadonlyMap<string, string>): undefined {
    const { host } = this.#daemon;
    const port = this.#port(shown);
    const netdev = port && host.dummies?.of(port.device);
    if (netdev) configureDummy(host, netdev, options);
  }

  flows(): readonly FlowGroup[] {
    const { table } = this.datapath;
    const threads = pollThreads(this.#daemon, this.datapath);
    const flows = [...table.flows].map((flow) => this.#shownFlow(flow));
    return [...threads.map(({ core }) => core), undefined].map((core) => ({
      core,
      flows: flows.filter(({ key }) => coreOf(threads, word(key, W.IN_PORT)) === core),
    }));
  }

  #shownFlow(flow: DpFlow): DpifFlow {
    const { key, mask, seen, unmasked, actions, packets, bytes, used, tcpFlags } = flow;
    const ufid = unmasked ? undefined : flow.ufid;
    const shown = { key: unmasked ?? key, mask, seen, ufid, actions };
    return { ...shown, packets, bytes, used, tcpFlags, extensionHeaders: this.kernel };
  }

  flowNamed(ufid: string): DpifFlow | number {
    const flow = this.datapath.table.byUfid.get(ufid);
    return flow ? this.#shownFlow(flow) : ERRNO.ENOENT;
  }

  putFlow(put: FlowPut): FlowStatistics | number {
    if (this.kernel) return refused(() => putInKernel(this.datapath, put));
    const { parsed, ufid, actions, create, modify, zeroStatistics } = put;
    if (keyFits(parsed) !== "perfect") return ERRNO.EINVAL;
    const { datapath } = this;
    const { key } = parsed;
    // parse_ethertype(): of frames of 802.2 the text has no mask
    if (word(key, W.ETH_TYPE) < ETHERTYPE_MIN) return ERRNO.EINVAL;
    const mask = maskOf(parsed);
    const masked = newFlow();
    for (let at = 0; at < masked.length; at++) masked[at] = word(key, at) & word(mask, at);
    const known = ufid === undefined ? datapath.table.lookup(masked) : datapath.table.byUfid.get(ufid);
    if (!known) {
      if (!create) return ERRNO.ENOENT;
      const flow = datapath.addFlow(key, mask, ufid ?? ufidOf(key, mask), actions);
      datapath.handler?.flowAdded();
      return flow;
    }
    if (!modify) return create ? ERRNO.EEXIST : ERRNO.EINVAL;
    known.actions = actions;
    const { packets, bytes, used, tcpFlags } = known;
    if (zeroStatistics) known.resetCounters();
    return { packets, bytes, used, tcpFlags };
  }

  deleteFlow({ parsed, ufid }: FlowName): FlowStatistics | number {
    const { table } = this.datapath;
    if (this.kernel) return refused(() => deleteInKernel(this.datapath, { parsed, ufid }));
    const found =
      ufid === undefined
        ? [...table.flows].find(({ seen, key }) => flowsEqual(seen ?? key, parsed.key))
        : table.byUfid.get(ufid);
    if (!found) return ERRNO.ENOENT;
    this.datapath.removeFlow(found);
    return found;
  }

  flush(): number {
    this.datapath.removeFlows();
    return 0;
  }

  caches(): readonly DpifCache[] {
    return this.kernel ? [{ name: "masks-cache", size: this.datapath.table.cacheSize }] : [];
  }

  setCache(_name: string, size: number): number {
    if (!this.kernel) return ERRNO.EOPNOTSUPP;
    if (!isCacheSize(size)) return ERRNO.EINVAL;
    this.datapath.table.resizeCache(size);
    return 0;
  }

  limits(wanted: readonly number[] | undefined): LimitTable {
    const { limits } = this.datapath.conntrack;
    const zones = (wanted ?? limits.limited()).map((zone) => ({ zone, ...limits.of(zone) }));
    return { standard: limits.defaultLimit, zones };
  }

  setLimits(standard: number | undefined, zones: readonly ZoneLimit[]): number {
    const { limits } = this.datapath.conntrack;
    if (standard !== undefined) limits.setDefault(standard);
    for (const { zone, limit } of zones) limits.set(zone, limit);
    return 0;
  }

  deleteLimits(zones: readonly number[]): number {
    for (const zone of zones) this.datapath.conntrack.limits.delete(zone);
    return 0;
  }

  get tracker(): DpifTracker {
    const { vlog } = this.#daemon.host;
    return new DatapathTracker(this.datapath, (text) => vlog.log("conntrack", "warn", text));
  }

  destroy(): number {
    const { datapath } = this;
    // a datapath of the daemon's own stays while bridges have it open
    if (this.#backer && !this.kernel) return 0;
    if (this.#backer) {
      // its bridges go on without ports
      this.#backer.purge();
      datapath.removePorts();
    } else if (this.kernel) this.#daemon.datapaths.remove(datapath);
    else {
      datapath.close();
      this.#daemon.handmade.delete(`${this.type}@${datapath.name}`);
    }
    return 0;
  }
}

function refused<T>(action: () => T): T | number {
  try {
    return action();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return refusal.errno;
  }
}

export class DaemonDpifs implements Dpifs<DatapathDpif> {
  readonly walkError = 0;
  readonly tellsTypes = true;
  readonly #daemon: SwitchDaemon;

  constructor(daemon: SwitchDaemon) {
    this.#daemon = daemon;
  }

  all(): readonly DatapathDpif[] {
    const daemon = this.#daemon;
    const { datapathTypes, vports } = daemon.host;
    const order = new HmapOrder<DatapathDpif>();
    const known = new Set<Datapath>();
    const insert = (type: string, datapath: Datapath, backer?: Backer) => {
      known.add(datapath);
      order.insert(new DatapathDpif(daemon, type, datapath, backer), hashString(datapath.name, 0));
    };
    for (const backer of daemon.backers.values()) insert(backer.type, backer.datapath, backer);
    for (const [name, datapath] of daemon.handmade) insert(name.slice(0, name.indexOf("@")), datapath);
    for (const [type, kind] of datapathTypes) {
      if (kind !== "kernel") continue;
      for (const datapath of daemon.datapaths.in(vports.netns)) {
        if (!known.has(datapath)) insert(type, datapath);
      }
    }
    // types by name; the names of a type as the original walks its set of them
    return [...order.values()].sort((a, b) => (a.type === b.type ? 0 : a.type < b.type ? -1 : 1));
  }

  open(type: string, name: string): DatapathDpif | number {
    const found = this.all().find((dpif) => dpif.type === type && dpif.name === name);
    if (found) return found;
    const { datapathTypes, vlog } = this.#daemon.host;
    if (datapathTypes.has(type)) return ERRNO.ENODEV;
    vlog.log("dpif", "warn", `could not create datapath ${name} of unknown type ${type}`);
    return ERRNO.EAFNOSUPPORT;
  }

  create(type: string, name: string): DatapathDpif | number {
    if (typeof this.open(type, name) !== "number") return ERRNO.EEXIST;
    try {
      return new DatapathDpif(this.#daemon, type, this.#daemon.addDatapath(type, name), undefined);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return refusal.errno;
    }
  }

  readFile(name: string): Uint8Array | undefined {
    const { directory } = this.#daemon.host;
    const path = name.startsWith("/") ? name : `${directory === "/" ? "" : directory}/${name}`;
    try {
      return this.#daemon.host.readFile(path);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      // a folder can be opened, and has no lines
      return refusal.errno === ERRNO.EISDIR ? new Uint8Array() : undefined;
    }
  }
}
