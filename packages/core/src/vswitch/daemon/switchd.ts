// The switch daemon (ovs-vswitchd): follows the database. Every commit and every change of a device leads to one
// reconfiguration, which makes the datapaths and bridges what the database says and writes back what came of it.

import type { NetDevice } from "../../kernel/device.ts";
import type { VportEvent } from "../../kernel/device-vport.ts";
import type { Timer } from "../../system/system.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { UserspaceTracker } from "../conntrack/userspace/userspace-tracker.ts";
import { Datapath } from "../datapath/datapath.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { DummyVports } from "../dummy/dummy-netdevs.ts";
import { NativeTunnels } from "../native-tunnels/native-tunnels.ts";
import { Backer } from "../ofproto/backer.ts";
import type { Bridge } from "../ofproto/bridge.ts";
import { DatapathLog } from "../ofproto/datapath-log.ts";
import { traceFlow } from "./commands/trace.ts";
import { OPENED_DATAPATH } from "./commands/datapath-features.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { hashString } from "../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import type { DatabaseClient, Writer } from "../ovsdb/local-client.ts";
import { AutoAttach } from "./auto-attach.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchHost } from "./host.ts";
import { concernsDaemon } from "./own-columns.ts";
import { PollThreadLog } from "./poll-thread-log.ts";
import { reconfigure } from "./reconfigure.ts";
import { Touched } from "./touched.ts";
import { ThreadSettingsLog } from "./thread-settings.ts";
import { VERSION } from "./version.ts";
import { writeStatus } from "./status.ts";

/** Between writes of counters, nanoseconds (other_config:stats-update-interval). */
const STATISTICS_INTERVAL = 5e9;

export class SwitchDaemon {
  readonly host: SwitchHost;
  /** In the order of their names. */
  readonly datapathTypes: readonly string[];
  readonly database: DatabaseClient;
  readonly nativeTunnels: NativeTunnels;
  /** Flows are being put back after a restart. */
  awaitsFlows = true;
  readonly backers = new Map<string, Backer>();
  /** Datapaths of the daemon's own that no bridge has made (dpctl/add-dp), by type@name. */
  readonly handmade = new Map<string, Datapath>();
  readonly bridges = new Map<string, BridgeRecord>();
  /** As the original walks its table of bridges. */
  readonly bridgeOrder = new HmapOrder<BridgeRecord>();
  /** Spanning trees so far. */
  treesMade = 0;
  readonly #unsubscribe: () => void;
  #pending: Timer | undefined;
  #statistics: Timer | undefined;
  #running = true;
  readonly #touched = new Touched();
  #tells = false;
  /** The database has changed since the last reconfiguration. */
  #asked = true;
  #complains = true;
  #announced = false;
  readonly pollThreadLog: PollThreadLog;
  readonly threadSettingsLog: ThreadSettingsLog;
  readonly autoAttach: AutoAttach;
  /** BFD sessions so far. */
  bfdSessions = 0;
  /** IPFIX exporters so far. */
  exporters = 0;
  /** Told when a bridge comes and goes, for its sockets. */
  onBridge: (record: BridgeRecord, there: boolean) => void = () => {};

  /** Those of the kernel outlive a daemon that exits without cleaning up. */
  readonly datapaths: KernelDatapaths;

  constructor(host: SwitchHost, database: DatabaseClient, datapaths: KernelDatapaths) {
    this.datapaths = datapaths;
    this.host = host;
    this.datapathTypes = [...host.datapathTypes.keys()].sort();
    this.autoAttach = new AutoAttach((module, level, text) => host.vlog.log(module, level, text));
    this.pollThreadLog = new PollThreadLog(this);
    this.threadSettingsLog = new ThreadSettingsLog(host.vlog, this.pollThreadLog);
    this.nativeTunnels = new NativeTunnels(host.clock, (name) => {
      const netdev = host.dummies?.named(name);
      return netdev && { address: netdev.device.address, addresses: netdev.addresses };
    });
    this.database = database;
    this.#unsubscribe = database.subscribe((commit) => {
      if (this.#tells) return;
      this.#touched.commit(commit);
      if (!concernsDaemon(commit)) return;
      this.#asked = true;
      this.#scheduleRun();
    });
    host.vports.onEvent((device, event) => this.#deviceChanged(device, event));
    host.dummies?.onEvent((device, event) => this.#deviceChanged(device, event));
  }

  /** Writes how things are into the database, which is no news to the daemon. */
  tell(write: (writer: Writer) => void): void {
    this.#tells = true;
    try {
      this.database.transact(write);
    } finally {
      this.#tells = false;
    }
  }

  /** Tells what is wrong in the configuration, once for each time that it has changed. */
  complain(level: "warn" | "err", text: string, module = "bridge"): void {
    if (this.#complains) this.host.vlog.log(module, level, text);
  }

  get running(): boolean {
    return this.#running;
  }

  /** Reconfigures everything soon: at this instant, when whoever is at it now is done. */
  schedule(): void {
    this.#touched.everything();
    this.#scheduleRun();
  }

  #scheduleRun(): void {
    if (!this.#running) return;
    this.#pending ??= this.host.after(0, () => {
      this.run();
    });
  }

  run(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
    if (!this.#running) return;
    if (!this.#announced) this.host.vlog.log("bridge", "info", `ovs-vswitchd (Open vSwitch) ${VERSION}`);
    this.#announced = true;
    this.#complains = this.#asked;
    this.#asked = false;
    reconfigure(this, this.#touched.take(), this.#touched.takeCommitted());
    if (this.bridges.size > 0) this.#scheduleStatistics();
  }

  #scheduleStatistics(): void {
    this.#statistics ??= this.host.after(STATISTICS_INTERVAL, () => {
      this.#statistics = undefined;
      if (!this.#running || this.bridges.size === 0) return;
      writeStatus(this);
      this.#scheduleStatistics();
    });
  }

  #deviceChanged(device: NetDevice, event: VportEvent): void {
    if (event === "gone") {
      // A dummy is let go of at once; KernelDatapaths does so in the kernel; the userspace datapath keeps what it has open, which is
      // silent from now on. Internal ports may live in other namespaces.
      for (const { datapath } of this.backers.values()) {
        if (datapath.kind !== "dummy") continue;
        const port = datapath.portOf(device);
        if (port && (port.type !== "internal" || device.unregistering)) datapath.removePort(port.number);
      }
    }
    if (!this.#running || this.bridges.size === 0) return;
    for (const record of this.bridges.values()) record.deviceChanged(device);
    if (event === "changed") this.#touched.device(device);
    else this.#touched.everything();
    this.#scheduleRun();
  }

  /** The bridges of one datapath type; made with the first. Errors: Refusal of the kernel. */
  backer(type: string): Backer {
    let backer = this.backers.get(type);
    if (!backer) {
      const datapath = this.#left(type) ?? this.#createDatapath(type);
      // What an earlier daemon has left there it does not know.
      datapath.table.clear();
      backer = new Backer(type, datapath);
      const made = backer;
      made.vlog = this.host.vlog;
      datapath.onDrop = (counter) => this.host.coverage.count(counter);
      datapath.onPort = ({ name, number }, there) => {
        if (there) made.datapathLog?.portAdded(name, number);
        else made.datapathLog?.portDeleted(number);
        if (!there) this.#touched.everything();
        this.pollThreadLog.reconfigured(datapath);
      };
      if (datapath.conntrack instanceof UserspaceTracker) {
        const text =
          "Unable to NAT due to tuple space exhaustion - if DoS attack, use firewalling and/or zone partitioning.";
        datapath.conntrack.onExhaustion = () => this.host.vlog.limited(text, "conntrack", "warn", text);
        if (type === "dummy") {
          datapath.conntrack.onCrowded = (size, version) => {
            const text = `Unsupported effective MTU ${size} used with FTP V${version}`;
            this.host.vlog.limited(`FTP V${version}`, "conntrack", "warn", text, 5, 5);
          };
        }
      }
      made.datapathLog = new DatapathLog(this.host.vlog, datapath);
      if (datapath.kind !== "kernel") this.#logOpened(datapath);
      made.onEndless = (bridge, flow) => this.#logEndless(bridge, flow);
      if (datapath.kind === "dummy") {
        made.nativeTunnels = this.nativeTunnels;
        datapath.sourcePorts = this.nativeTunnels.sourcePorts;
      }
      backer.onTick = () => this.#tick(made);
      this.backers.set(type, backer);
    }
    return backer;
  }

  /** How the pipeline goes round in circles, which is long: once a minute. */
  #logEndless(bridge: Bridge, flow: Flow): void {
    const text = traceFlow(bridge, flow, { packet: undefined, nextStates: [], names: undefined });
    this.host.vlog.limited("endless", "ofproto_dpif_upcall", "warn", text.trimEnd(), 1, 1);
  }

  #logOpened({ kind, name }: Datapath): void {
    const whole = `${kind === "dummy" ? "dummy" : "netdev"}@${name}`;
    for (const [module, text] of OPENED_DATAPATH) this.host.vlog.log(module, "info", text(whole));
  }

  /** What an earlier daemon has left in the kernel. */
  #left(type: string): Datapath | undefined {
    const kernel = this.host.datapathTypes.get(type) === "kernel";
    return kernel ? this.datapaths.named(this.host.vports.netns, `ovs-${type}`) : undefined;
  }

  /** dpctl/add-dp. Errors: Refusal. */
  addDatapath(type: string, name: string): Datapath {
    const datapath = this.#createDatapath(type, name);
    if (datapath.kind !== "kernel") this.handmade.set(`${type}@${name}`, datapath);
    return datapath;
  }

  #closeDatapath(datapath: Datapath): void {
    if (datapath.kind === "kernel") this.datapaths.remove(datapath);
    else datapath.close();
  }

  #createDatapath(type: string, name = `ovs-${type}`): Datapath {
    const { clock, datapathTypes, dummies, userspaceVports } = this.host;
    const kind = datapathTypes.get(type);
    if (kind === undefined) throw new Refusal(ERRNO.EAFNOSUPPORT);
    const vports = kind === "userspace" ? userspaceVports : this.host.vports;
    const host = dummies ? new DummyVports(vports, dummies, kind === "dummy") : vports;
    return kind === "kernel" ? this.datapaths.create(name, host) : new Datapath(name, host, kind, clock);
  }

  #tick(backer: Backer): boolean {
    let more = false;
    for (const { macTable, snooping } of backer.bridges.values()) {
      if (macTable.age() !== undefined) more = true;
      if (snooping?.age() === true) more = true;
    }
    return more;
  }

  addBridge(record: BridgeRecord): void {
    this.bridges.set(record.name, record);
    this.bridgeOrder.insert(record, hashString(record.name, 0));
    record.onRemoved = ({ name, port }) => {
      if (port.lldp) this.autoAttach.remove(port.lldp);
      this.host.coverage.count("ofproto_update_port");
      if (port.datapathPort !== undefined) this.host.coverage.count("dpif_port_del");
      this.host.vlog.log(
        "bridge",
        "info",
        `bridge ${record.name}: deleted interface ${name} on port ${port.number}`,
      );
    };
    this.onBridge(record, true);
  }

  removeBridge(record: BridgeRecord): void {
    this.onBridge(record, false);
    record.close();
    this.autoAttach.configure(record.name, undefined);
    this.bridges.delete(record.name);
    this.bridgeOrder.remove(record);
    this.#closeUnused();
  }

  /** A datapath goes with its last bridge. */
  #closeUnused(): void {
    for (const [type, backer] of this.backers) {
      if (backer.bridges.size > 0) continue;
      backer.close();
      this.#closeDatapath(backer.datapath);
      this.backers.delete(type);
    }
  }

  /** A signal has ended the daemon: nobody tidies up. */
  abandon(): void {
    this.onBridge = () => {};
    for (const record of this.bridges.values()) {
      record.onRemoved = () => {};
      record.remotes?.close();
    }
    this.stop(false);
  }

  /** `exit`: the datapaths stay as they are, unless they are to be cleaned up. */
  stop(cleanUp: boolean): void {
    if (!this.#running) return;
    this.#running = false;
    this.#unsubscribe();
    this.#pending?.cancel();
    this.#statistics?.cancel();
    for (const record of this.bridges.values()) {
      for (const name of record.portOrder.values()) {
        for (const iface of record.interfaces.values()) if (iface.portName === name) record.onRemoved(iface);
      }
      this.onBridge(record, false);
    }
    for (const backer of this.backers.values()) {
      backer.sweep();
      backer.close();
      if (!cleanUp && backer.datapath.kind === "kernel") continue;
      this.#closeDatapath(backer.datapath);
    }
  }
}
