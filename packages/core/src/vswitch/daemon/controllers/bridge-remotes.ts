// Who speaks OpenFlow with a bridge (Open vSwitch's connmgr.c): its controllers of the database, which it connects to or
// waits for, the management socket BRIDGE.mgmt for tools, and BRIDGE.snoop, which shows what goes over the connection to
// the controller.

import { ERRNO, strerror } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import type { StreamSocket } from "../../../system/stream-sockets.ts";
import type { Timer } from "../../../system/system.ts";
import type { RowValues } from "../../ovsdb/local-client.ts";
import type { RowView } from "../../ovsdb/value.ts";
import { OfConnection } from "../../ofproto/openflow/connection.ts";
import { ControllerLink } from "../../ofproto/openflow/controller-link.ts";
import type { Election, LinkKind } from "../../ofproto/openflow/controller-link.ts";
import { formatInetTarget } from "../../inet-target.ts";
import type { BridgeRecord } from "../bridge-record.ts";
import type { SwitchHost } from "../host.ts";
import { FailOpen } from "./fail-open.ts";
import { FlowModReport } from "./flow-mod-report.ts";
import { InBand, inBandRemote } from "./in-band.ts";
import { PacketInQueue } from "./packet-in-queue.ts";
import { RemoteConnection } from "./remote-connection.ts";
import { SOCKET_MODE } from "../../stream-host.ts";
import { OVSDB_PORT } from "../../ovsdb/remotes.ts";
import { parseTarget } from "../../ovsdb/stream-target.ts";
import type { StreamTarget } from "../../ovsdb/stream-target.ts";

/** Versions 1.0 to 1.5. */
const ALL_VERSIONS = 0x7e;
const VERSION_BITS: Readonly<Record<string, number>> = {
  OpenFlow10: 1 << 1,
  OpenFlow11: 1 << 2,
  OpenFlow12: 1 << 3,
  OpenFlow13: 1 << 4,
  OpenFlow14: 1 << 5,
  OpenFlow15: 1 << 6,
};
const DEFAULT_PROBE = 5;
const DEFAULT_BACKOFF = 8;
const SECOND = 1e9;

const PORT_HAS_CHANGED = "The default OpenFlow port number has changed from 6633 to 6653";

/** Column `protocols`; empty means all. */
function allowedVersions(row: RowView | undefined): number {
  const bits = (row?.strings("protocols") ?? []).reduce((sum, name) => sum | (VERSION_BITS[name] ?? 0), 0);
  return bits === 0 ? ALL_VERSIONS : bits;
}

/** A row of table Controller as far as it can be followed. */
interface Remote {
  readonly target: string;
  readonly kind: LinkKind;
  readonly connection: RemoteConnection | undefined;
  readonly endListening: () => void;
}

export class BridgeRemotes {
  readonly #host: SwitchHost;
  readonly #record: BridgeRecord;
  readonly #row: () => RowView | undefined;
  readonly #ends: (() => void)[];
  readonly #remotes = new Map<string, Remote>();
  readonly #links = new Set<ControllerLink>();
  readonly #snoopers = new Set<OfConnection>();
  readonly #election: Election = { generation: undefined };
  readonly #failOpen: FailOpen;
  readonly #inBand: InBand;
  #standalone: boolean | undefined;
  #hadControllers = false;
  #tick: Timer | undefined;

  constructor(host: SwitchHost, record: BridgeRecord, row: () => RowView | undefined) {
    this.#host = host;
    this.#record = record;
    this.#row = row;
    this.#failOpen = new FailOpen(record.bridge, host, () => this.#primaries());
    this.#inBand = new InBand(record.bridge, host);
    record.bridge.wantsPacketInOnMiss = () => [...this.#links].some((link) => link.wantsMisses);
    const directory = host.runDirectory;
    this.#ends = [
      host.serve(`${directory}/${record.name}.mgmt`, SOCKET_MODE, (socket) =>
        this.#accept(socket, "service"),
      ),
      host.serve(`${directory}/${record.name}.snoop`, SOCKET_MODE, (socket) => this.#snoop(socket)),
    ];
    host.vlog.log(
      "connmgr",
      "info",
      `${record.name}: added service controller "punix:${host.runDirectory}/${record.name}.mgmt"`,
    );
  }

  #primaries(): RemoteConnection[] {
    return [...this.#remotes.values()].flatMap(({ connection }) => connection ?? []);
  }

  // ---- connections

  #attach(socket: StreamSocket, name: string, kind: LinkKind): ControllerLink {
    const { vlog } = this.#host;
    const made = new ControllerLink(
      this.#record.bridge,
      (owner) =>
        new OfConnection(
          socket,
          (delay, fire) => this.#host.after(delay, fire),
          owner,
          name,
          ({ place, module, level, text, rate, burst }) =>
            vlog.limited(place, module, level, text, rate, burst),
          () => vlog.writes("vconn", "dbg"),
        ),
      allowedVersions(this.#row()),
      kind,
      this.#election,
    );
    const report = new FlowModReport(this.#host, name);
    made.onMessage = () => this.#host.coverage.count("ofproto_recv_openflow");
    made.onFlowMod = (command) => report.count(command);
    made.onMaster = () => {
      for (const other of this.#links) if (other !== made) other.demote();
    };
    made.onEnd = () => {
      report.write();
      this.#links.delete(made);
      for (const snooper of made.snoopers) snooper.close();
    };
    this.#links.add(made);
    return made;
  }

  #accept(socket: StreamSocket, kind: LinkKind): ControllerLink {
    const { remote, peerName } = socket;
    const peer =
      remote && remote.family !== "unix"
        ? `${peerName ? "ssl" : "tcp"}:${formatInetTarget(remote)}`
        : `unix#${this.#host.nextConnection()}`;
    const name = `${this.#record.name}<->${peer}`;
    const link = this.#attach(socket, name, kind);
    link.onClosed = () => {
      const { failure } = link.connection;
      if (failure === "End of file") return;
      this.#host.vlog.log("rconn", "warn", `${name}: connection dropped (${failure})`);
    };
    return link;
  }

  /** add_snooper(): of several controllers, the master is the one to look at. */
  #snoop(socket: StreamSocket): void {
    const order = ["slave", "nochange", "other", "master"];
    const [best] = this.#primaries()
      .flatMap(({ link }) => link ?? [])
      .toSorted((a, b) => order.indexOf(b.role) - order.indexOf(a.role));
    if (!best) {
      socket.close();
      return;
    }
    const snooper = new OfConnection(socket, (delay, fire) => this.#host.after(delay, fire), {
      versions: ALL_VERSIONS,
      handle: () => {},
      closed: () => {
        best.snoopers.delete(snooper);
        this.#snoopers.delete(snooper);
      },
    });
    best.snoopers.add(snooper);
    this.#snoopers.add(snooper);
  }

  // ---- configuration

  /** bridge_configure_remotes() and connmgr_set_controllers(). */
  configure(row: RowView, controllers: readonly RowView[], managers: readonly string[]): void {
    const wanted = new Map<string, { readonly row: RowView; readonly target: StreamTarget }>();
    for (const controller of controllers) {
      const target = controller.string("target") ?? "";
      if (!this.#permitted(target)) continue;
      const [, port] = /^p(?:tcp|ssl):([^:]*)/.exec(target) ?? [];
      if (port !== undefined && !/^\d*$/.test(port)) {
        this.#host.vlog.log("socket_util", "err", `${target.slice(5)}: bad port number "${port}"`);
        continue;
      }
      const parsed = parseTarget(target);
      if (parsed.type === "unsupported") {
        this.#host.vlog.limited(
          "connmgr unsupported",
          "connmgr",
          "warn",
          `${this.#record.name}: unsupported controller "${target}"`,
          60,
          5,
        );
      } else wanted.set(target, { row: controller, target: parsed });
    }
    for (const [target, remote] of this.#remotes) if (!wanted.has(target)) this.#remove(remote);
    for (const [target, { row: controller, target: parsed }] of wanted) {
      if (/^(?:tcp|ssl):[^:]*$/.test(target)) this.#host.vlog.once("stream", "warn", PORT_HAS_CHANGED);
      const known = this.#remotes.get(target);
      if (known) {
        if (known.connection) Object.assign(known.connection.times, timesOf(controller));
      } else this.#add(target, controller, parsed);
    }
    this.#limitPacketIns(wanted);
    this.#setFailMode(row.string("fail_mode") !== "secure");
    this.#configureInBand(row, [...wanted.values()], managers);
    this.#watch();
  }

  /** update_in_band_remotes() */
  #configureInBand(
    row: RowView,
    controllers: readonly { readonly row: RowView; readonly target: StreamTarget }[],
    managers: readonly string[],
  ): void {
    const disabled = row.entry("other_config", "disable-in-band") === "true";
    const targets = [
      ...controllers
        .filter(({ row: each }) => !disabled && each.string("connection_mode") !== "out-of-band")
        .map(({ target }) => target),
      ...(disabled ? [] : managers.map((target) => parseTarget(target, OVSDB_PORT))),
    ];
    const queue = row.entry("other_config", "in-band-queue");
    this.#inBand.update(
      targets.flatMap((target) => inBandRemote(target) ?? []),
      queue !== undefined && /^\d+$/.test(queue) ? Number(queue) : undefined,
    );
  }

  /** Unix sockets lie in the run directory only: whoever may write the database shall not overwrite files by it. */
  #permitted(target: string): boolean {
    const { name } = this.#record;
    const [, method, path = ""] = /^(p?unix):(.*)$/s.exec(target) ?? [];
    const { runDirectory } = this.#host;
    const here = runDirectory.startsWith("/var/run/") ? path.replace(/^\/run\//, "/var/run/") : path;
    const ways = `or connect to "unix:${runDirectory}/${name}.mgmt" (which is always available without special configuration).`;
    const refuse = (text: string) => {
      this.#host.vlog.limited("bridge controller path", "bridge", "err", `bridge ${name}: ${text} ${ways}`);
      return false;
    };
    if (method === "unix" && path.includes("/") && !here.startsWith(`${runDirectory}/`)) {
      return refuse(
        `Not connecting to socket controller "${target}" due to possibility for remote exploit.  ` +
          `Instead, specify socket in permitted directory "unix:${runDirectory}/"`,
      );
    }
    const prefix = `${runDirectory}/${name}.`;
    if (method === "punix" && (!here.startsWith(prefix) || here.slice(prefix.length).includes("/"))) {
      return refuse(
        `Not adding Unix domain socket controller "${target}" due to possibility of overwriting local files. ` +
          `Instead, specify path in permitted format "punix:${prefix}*"`,
      );
    }
    return true;
  }

  #add(target: string, row: RowView, parsed: StreamTarget): void {
    if (parsed.type === "unsupported") return;
    const { vlog } = this.#host;
    const { name } = this.#record;
    const passive = parsed.type === "passive" || (parsed.type === "refused" && parsed.passive);
    const kind =
      (row.string("type") ?? (passive ? "service" : "primary")) === "service" ? "service" : "controller";
    const added = () =>
      vlog.log(
        "connmgr",
        "info",
        `${name}: added ${kind === "service" ? kind : "primary"} controller "${target}"`,
      );
    if (passive) {
      let endListening: () => void;
      try {
        if (parsed.type === "refused") throw new Refusal(parsed.errno);
        endListening = this.#host.listenStream(parsed.address, SOCKET_MODE, (socket) =>
          this.#accept(socket, kind),
        );
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        vlog.log("connmgr", "warn", `failed to listen on ${target}: ${strerror(error.errno)}`);
        return;
      }
      this.#remotes.set(target, { target, kind, connection: undefined, endListening });
      added();
      return;
    }
    const label = `${name}<->${target}`;
    const connection = new RemoteConnection(
      label,
      timesOf(row),
      this.#host,
      () => {
        if (parsed.type === "refused") throw new Refusal(parsed.errno);
        try {
          return this.#host.connectStream(parsed.address);
        } catch (error) {
          // tcp_open(): others refuse later only
          if (error instanceof Refusal && target.startsWith("tcp:") && error.errno !== ERRNO.ECONNREFUSED)
            vlog.log("stream_tcp", "err", `${target}: connect: ${strerror(error.errno)}`);
          throw error;
        }
      },
      (socket) => this.#attach(socket, label, kind),
    );
    connection.onAdmitted = () => this.#failOpen.recover();
    this.#remotes.set(target, { target, kind, connection, endListening: () => {} });
    added();
  }

  #remove(remote: Remote): void {
    remote.connection?.close();
    remote.endListening();
    this.#remotes.delete(remote.target);
    const kind = remote.kind === "service" ? remote.kind : "primary";
    this.#host.vlog.log(
      "connmgr",
      "info",
      `${this.#record.name}: removed ${kind} controller "${remote.target}"`,
    );
  }

  /** connmgr_set_fail_mode(), connmgr_flushed(): a bridge that nobody controls forwards as a learning switch, unless it is to be secure. */
  #setFailMode(standalone: boolean): void {
    const controlled = this.#primaries().length > 0;
    const changed =
      this.#standalone === undefined ||
      controlled !== this.#hadControllers ||
      (standalone !== this.#standalone && !controlled);
    this.#standalone = standalone;
    this.#hadControllers = controlled;
    if (!controlled || !standalone) this.#failOpen.close();
    if (changed) this.flush();
  }

  /** ofproto_flush_flows() */
  flush(): void {
    this.#host.coverage.count("ofproto_flush");
    const { bridge } = this.#record;
    bridge.flush();
    if (this.#standalone && !this.#hadControllers) bridge.addNormalFlow();
    this.#inBand.run();
    bridge.backer.revalidate();
  }

  /** What is looked at every second, as long as there is something. */
  #watch(): void {
    const mayFailOpen = this.#hadControllers && this.#standalone === true;
    if (!mayFailOpen && !this.#inBand.watches) {
      this.#tick?.cancel();
      this.#tick = undefined;
      return;
    }
    this.#tick ??= this.#host.after(SECOND, () => {
      this.#tick = undefined;
      if (this.#standalone === true) this.#failOpen.run();
      this.#inBand.run();
      this.#watch();
    });
  }

  #limitPacketIns(wanted: ReadonlyMap<string, { readonly row: RowView }>): void {
    for (const [target, { row }] of wanted) {
      const connection = this.#remotes.get(target)?.connection;
      if (!connection) continue;
      const rate = row.number("controller_rate_limit") ?? 0;
      const burst = row.number("controller_burst_limit") ?? 0;
      if (rate <= 0) {
        connection.packetIns?.close();
        connection.packetIns = undefined;
      } else if (connection.packetIns) connection.packetIns.setLimits(rate, burst);
      else connection.packetIns = new PacketInQueue(this.#host, rate, burst);
    }
  }

  /** bridge/reconnect */
  reconnect(): void {
    for (const connection of this.#primaries()) connection.reconnect();
    for (const link of [...this.#links]) if (link.kind === "service") link.connection.close();
  }

  /** refresh_controller_status() */
  columns(target: string): RowValues {
    const connection = this.#remotes.get(target)?.connection;
    if (!connection) return { is_connected: false, role: undefined, status: {} };
    return {
      is_connected: connection.connected,
      role: connection.link && connection.connected ? connection.link.role : undefined,
      status: { ...connection.status(), ...connection.packetIns?.status() },
    };
  }

  close(): void {
    this.#tick?.cancel();
    this.#failOpen.close();
    for (const end of this.#ends) end();
    for (const { connection, endListening } of this.#remotes.values()) {
      connection?.close();
      endListening();
    }
    for (const link of [...this.#links]) link.connection.close();
    for (const snooper of [...this.#snoopers]) snooper.close();
  }
}

function timesOf(row: RowView): { probeInterval: number; maxBackoff: number } {
  const probe = row.number("inactivity_probe");
  const backoff = row.number("max_backoff");
  return {
    // less than five seconds is not accepted, 0 means none (connmgr_set_controllers)
    probeInterval:
      probe === undefined ? DEFAULT_PROBE : probe < 1000 ? 0 : Math.max(5, Math.floor(probe / 1000)),
    maxBackoff: backoff === undefined ? DEFAULT_BACKOFF : Math.max(1, Math.floor(backoff / 1000)),
  };
}
