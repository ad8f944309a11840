// Spanning trees as the database wants them (bridge_configure_stp, bridge_configure_rstp of ovs-vswitchd), and what the
// columns say of them. Bonds, internal ports and mirrors' outputs take no part.

import { formatMac, parseMac } from "../../wire/mac.ts";
import type { BridgeId } from "../../wire/stp.ts";
import type { OfPort } from "../ofproto/port.ts";
import { BridgeRstp } from "../ofproto/spanning-tree/bridge-rstp.ts";
import type { RstpPortSettings } from "../ofproto/spanning-tree/bridge-rstp.ts";
import { BridgeStp } from "../ofproto/spanning-tree/bridge-stp.ts";
import type { StpClock } from "../ofproto/spanning-tree/bridge-stp.ts";
import { DEFAULT_HOLD_COUNT, DEFAULT_TIMES as RAPID_TIMES } from "../ofproto/spanning-tree/rstp.ts";
import { DEFAULT_TIMES, MAX_PORTS } from "../ofproto/spanning-tree/stp.ts";
import type { RowValues } from "../ovsdb/local-client.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import { bridgeAddress } from "./bridge-address.ts";
import type { SwitchDaemon } from "./switchd.ts";

const DEFAULT_PRIORITY = 0x8000;
const DEFAULT_PORT_PRIORITY = 128;
/** Mb/s; what is not known counts as this (NETDEV_DEFAULT_BPS). */
const DEFAULT_SPEED = 10_000;

type Which = "stp" | "rstp";

export function configureSpanningTree(daemon: SwitchDaemon, record: BridgeRecord, row: RowView): void {
  const wanted: Which | undefined =
    row.boolean("rstp_enable") === true ? "rstp" : row.boolean("stp_enable") === true ? "stp" : undefined;
  if (wanted !== "stp") closeTree(record, "stp");
  if (wanted !== "rstp") closeTree(record, "rstp");
  if (!wanted) return;
  const { vlog } = daemon.host;
  if (wanted === "rstp" && row.boolean("stp_enable") === true) {
    const both = "RSTP and STP are mutually exclusive but both are configured; enabling RSTP";
    daemon.complain("warn", `${record.name}: ${both}`);
  }
  const clock: StpClock = {
    after: (delay, fire) => daemon.host.after(delay, fire),
    log: (text) => vlog.log(wanted, "info", text),
    told: ({ name }, from, to) => {
      const what = `${wanted.toUpperCase()} state changed from ${from} to ${to}`;
      vlog.log("ofproto_dpif", "dbg", `port ${name}: ${what}`);
    },
    changed: () => daemon.schedule(),
  };
  const number = (key: string, otherwise: number) =>
    decimal(row.entry("other_config", `${wanted}-${key}`)) ?? otherwise;
  const id: BridgeId = {
    priority: number("priority", DEFAULT_PRIORITY) & 0xffff,
    mac: treeAddress(daemon, record, row, wanted === "stp" ? "stp-system-id" : "rstp-address"),
  };
  const { bridge } = record;
  if (wanted === "stp") {
    const tree = bridge.stp instanceof BridgeStp ? bridge.stp : new BridgeStp(bridge, id, clock);
    if (bridge.stp !== tree) tree.serial = ++daemon.treesMade;
    bridge.stp = tree;
    tree.configure(id, {
      // milliseconds in the original, whatever its manual says
      helloTime: number("hello-time", DEFAULT_TIMES.helloTime),
      maxAge: number("max-age", DEFAULT_TIMES.maxAge / 1000) * 1000,
      forwardDelay: number("forward-delay", DEFAULT_TIMES.forwardDelay / 1000) * 1000,
    });
  } else {
    const tree = bridge.rstp instanceof BridgeRstp ? bridge.rstp : new BridgeRstp(bridge, id, clock);
    if (bridge.rstp !== tree) tree.serial = ++daemon.treesMade;
    bridge.rstp = tree;
    const times = {
      messageAge: 0,
      helloTime: RAPID_TIMES.helloTime,
      maxAge: between(number("max-age", RAPID_TIMES.maxAge), 6, 40),
      forwardDelay: between(number("forward-delay", RAPID_TIMES.forwardDelay), 4, 30),
    };
    const holdCount = between(number("transmit-hold-count", DEFAULT_HOLD_COUNT), 1, 10);
    tree.configure(id, times, holdCount, number("force-protocol-version", 2) < 2 ? 0 : 2);
  }
  configurePorts(daemon, record, wanted);
}

function treeAddress(daemon: SwitchDaemon, record: BridgeRecord, row: RowView, key: string): number {
  const text = row.entry("other_config", key);
  const asked = parseMac(text ?? "");
  if (asked !== undefined) return asked;
  const address = bridgeAddress(daemon, record);
  if (text !== undefined) {
    const what = `invalid ${key}, defaulting to ${formatMac(address)}`;
    daemon.complain("err", `bridge ${record.name}: ${what}`);
  }
  return address;
}

function closeTree(record: BridgeRecord, which: Which): void {
  const { bridge } = record;
  const tree = bridge[which];
  if (!(tree instanceof BridgeStp) && !(tree instanceof BridgeRstp)) return;
  tree.close();
  bridge[which] = undefined;
}

function configurePorts(daemon: SwitchDaemon, record: BridgeRecord, which: Which): void {
  const { bridge, ports, portOrder } = record;
  const { stp, rstp } = bridge;
  if (rstp instanceof BridgeRstp) {
    for (const port of [...rstp.ports.keys()]) {
      if (bridge.port(port.number) !== port) rstp.setPort(port, undefined);
    }
  }
  const numbers = rstp instanceof BridgeRstp ? new RapidNumbers(rstp) : new PlainNumbers();
  const wanted = new Map<OfPort, RstpPortSettings>();
  for (const name of portOrder.values()) {
    const known = ports.get(name);
    const row = known && daemon.database.row("Port", known.uuid);
    if (!known || !row) continue;
    const { bundle } = known;
    const config = (key: string) => row.entry("other_config", `${which}-${key}`);
    const [port] = bundle.ports;
    const out =
      bundle.ports.length !== 1 ||
      !port ||
      port.type === "internal" ||
      port.type === "tap" ||
      bridge.mirrors.isOutput(bundle) ||
      config("enable") === "false";
    const asked = config("port-num");
    const number = port && !out ? numbers.choose(port, asked === undefined ? undefined : Number(asked)) : "";
    if (typeof number === "string") {
      if (number !== "") daemon.complain("err", `port ${name}: ${number}`);
      for (const each of bundle.ports) setPort(each, undefined);
      continue;
    }
    if (!port) continue;
    wanted.set(port, {
      number,
      priority: decimal(config("port-priority")) ?? DEFAULT_PORT_PRIORITY,
      pathCost: decimal(config("path-cost")) ?? costOf(port, which),
      adminEdge: config("port-admin-edge") === "true",
      autoEdge: config("port-auto-edge") !== "false",
      mcheck: config("port-mcheck") === "true",
    });
  }
  if (numbers instanceof PlainNumbers && numbers.mixed) {
    const text = `bridge ${bridge.name}: must manually configure all STP port IDs or none, disabling`;
    daemon.complain("err", text);
    closeTree(record, which);
    return;
  }
  // A number may have passed from one port to another: whoever had it gives it back first.
  if (stp instanceof BridgeStp) {
    for (const [port, { number }] of [...stp.ports]) {
      const other = wanted.get(port)?.number;
      if (other === undefined) stp.setPort(port, undefined);
      else if (other !== number) stp.release(port);
    }
  } else if (rstp instanceof BridgeRstp) {
    for (const port of [...rstp.ports.keys()]) if (!wanted.has(port)) rstp.setPort(port, undefined);
    rstp.renumber(wanted);
  }
  for (const [port, settings] of wanted) setPort(port, settings);

  function setPort(port: OfPort, settings: RstpPortSettings | undefined): void {
    if (stp instanceof BridgeStp) stp.setPort(port, settings);
    else if (rstp instanceof BridgeRstp) rstp.setPort(port, settings);
  }
}

/** RSTP_MAX_PORTS */
const MAX_RAPID_PORTS = 4095;

/** A number, or why there is none. */
type Choice = number | string;

/** port_configure_stp(): counted each time, but for those that ask for one. */
class PlainNumbers {
  readonly #used = new Set<number>();
  #count = 0;

  choose(_: OfPort, asked: number | undefined): Choice {
    if (asked !== undefined && !(asked >= 1 && asked <= MAX_PORTS)) return "invalid stp-port-num";
    if (asked === undefined && this.#count >= MAX_PORTS) return "too many STP ports, disabling";
    if (asked === undefined) return ++this.#count;
    if (this.#used.has(asked)) return `duplicate stp-port-num ${asked}, disabling`;
    this.#used.add(asked);
    return asked;
  }

  /** Some ports have asked for a number, and others have not. */
  get mixed(): boolean {
    return this.#used.size > 0 && this.#count > 0;
  }
}

/**
 * rstp_port_set_port_number__(): what is asked for if no other port has it at that moment, else the first that none has. What a port
 * gives up is free for others the next time only: until then the pipeline holds it.
 */
class RapidNumbers {
  readonly #numbers: Map<OfPort, number>;
  #count = 0;

  constructor({ ports }: BridgeRstp) {
    this.#numbers = new Map([...ports].map(([port, { number }]) => [port, number]));
  }

  choose(port: OfPort, asked: number | undefined): Choice {
    if (asked !== undefined && !(asked >= 1 && asked <= MAX_RAPID_PORTS)) return "invalid rstp-port-num";
    if (asked === undefined && this.#count >= MAX_RAPID_PORTS) return "too many RSTP ports, disabling";
    this.#count++;
    const taken = new Set([...this.#numbers].flatMap(([each, number]) => (each === port ? [] : [number])));
    let number = asked ?? 0;
    if (number === 0 || taken.has(number)) {
      number = 1;
      while (taken.has(number)) number++;
    }
    this.#numbers.set(port, number);
    return number;
  }
}

/** stp_convert_speed_to_cost() after IEEE 802.1D-1998 table 8-5, rstp_convert_speed_to_cost() after 802.1D-2004 table 17-3. */
function costOf({ device }: OfPort, which: Which): number {
  const speed = device?.ethtool?.linkSettings?.(device)?.speed;
  const known = speed !== undefined && speed > 0 ? speed : DEFAULT_SPEED;
  const table: readonly (readonly [number, number, number])[] = [
    [10_000, 2, 2000],
    [1000, 4, 20_000],
    [100, 19, 200_000],
    [10, 100, 2_000_000],
  ];
  const row = table.find(([least]) => known >= least);
  return row ? row[which === "stp" ? 1 : 2] : which === "stp" ? 19 : 200_000;
}

/** br_refresh_stp_status(), br_refresh_rstp_status() */
export function bridgeTreeColumns({ bridge }: BridgeRecord): RowValues {
  const { stp, rstp } = bridge;
  const status =
    stp instanceof BridgeStp
      ? {
          stp_bridge_id: idText(stp.machine.id),
          stp_designated_root: idText(stp.machine.designatedRoot),
          stp_root_path_cost: String(stp.machine.rootPathCost),
        }
      : {};
  if (!(rstp instanceof BridgeRstp)) return { status, rstp_status: {} };
  const { id, rootPriority, rootPort } = rstp.machine;
  return {
    status,
    rstp_status: {
      rstp_bridge_id: rapidIdText(id),
      rstp_root_path_cost: String(rootPriority.cost),
      rstp_root_id: rapidIdText(rootPriority.root),
      rstp_designated_id: rapidIdText(rootPriority.bridge),
      rstp_designated_port_id: hex4(rootPriority.portId),
      rstp_bridge_port_id: hex4(rootPort?.id ?? 0),
    },
  };
}

/** port_refresh_stp_status(), port_refresh_stp_stats(), and those of the rapid one. */
export function portTreeColumns({ bridge }: BridgeRecord, port: OfPort | undefined): RowValues {
  const { stp, rstp } = bridge;
  const state = port && stp instanceof BridgeStp ? stp.stateOf(port) : undefined;
  const none = { status: {}, statistics: {}, rstp_status: {}, rstp_statistics: {} };
  if (state && stp instanceof BridgeStp) {
    return {
      ...none,
      status: {
        stp_port_id: String(state.id),
        stp_state: state.state,
        stp_sec_in_state: String(Math.floor(state.inState / 1000)),
        stp_role: stp.machine.roleOf(state),
      },
      statistics: { stp_tx_count: state.tx, stp_rx_count: state.rx, stp_error_count: state.errors },
    };
  }
  const rapid = port && rstp instanceof BridgeRstp ? rstp.ports.get(port) : undefined;
  if (!rapid) return none;
  return {
    ...none,
    rstp_status: {
      rstp_port_id: hex4(rapid.id),
      rstp_port_role: rapid.role,
      rstp_port_state: rapid.state,
      rstp_designated_bridge_id: rapidIdText(rapid.portPriority.bridge),
      rstp_designated_port_id: hex4(rapid.portPriority.portId),
      rstp_designated_path_cost: String(rapid.portPriority.cost),
    },
    rstp_statistics: {
      rstp_tx_count: rapid.txCount,
      rstp_rx_count: rapid.rx,
      rstp_error_count: rapid.errors,
      rstp_uptime: rapid.uptime,
    },
  };
}

function idText({ priority, mac }: BridgeId): string {
  return `${hex4(priority)}.${mac.toString(16).padStart(12, "0")}`;
}

/** The priority's four bits, and the rest of its two bytes. */
function rapidIdText({ priority, mac }: BridgeId): string {
  const rest = (priority & 0xfff).toString(16).padStart(3, "0");
  return `${(priority >>> 12).toString(16)}.${rest}.${mac.toString(16).padStart(12, "0")}`;
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, "0");
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
