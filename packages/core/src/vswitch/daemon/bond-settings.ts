// Bonding and LACP as the database wants them (port_configure_bond, port_configure_lacp and iface_configure_lacp of ovs-vswitchd;
// tables Port and Interface of ovs-vswitchd.conf.db(5)).

import { parseMac } from "../../wire/mac.ts";
import { Bond } from "../ofproto/bond.ts";
import type { BondMode, BondSettings } from "../ofproto/bond.ts";
import { Lacp } from "../ofproto/lacp/lacp.ts";
import type { LacpSettings } from "../ofproto/lacp/lacp.ts";
import type { OfPort } from "../ofproto/port.ts";
import type { RowView } from "../ovsdb/value.ts";
import { bridgeAddress } from "./bridge-address.ts";
import type { BridgeRecord, PortRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";

const MODES: readonly BondMode[] = ["active-backup", "balance-slb", "balance-tcp"];
const DEFAULT_REBALANCE_INTERVAL = 10_000;
const LEAST_REBALANCE_INTERVAL = 1000;
const PRIORITY_MAX = 0xffff;

/** smap_get_int() */
function integer(row: RowView, key: string, otherwise: number): number {
  const given = row.entry("other_config", key);
  return given !== undefined && /^-?\d+$/.test(given) ? Number(given) : otherwise;
}

export function configureBond(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  { name, bundle }: PortRecord,
  row: RowView,
): void {
  const { vlog } = daemon.host;
  if (bundle.ports.length < 2) {
    bundle.bond = undefined;
    return;
  }
  const given = row.string("bond_mode");
  const mode = MODES.find((each) => each === given);
  if (given === undefined) {
    const before = "Note that in previous versions, the default bond_mode was balance-slb";
    daemon.complain("warn", `port ${name}: Using the default bond_mode active-backup. ${before}`);
  }
  const warn = (text: string) => daemon.complain("warn", `port ${name}: ${text}`);
  const bridgeRow = mode === "balance-slb" ? daemon.database.row("Bridge", record.uuid) : undefined;
  if (bridgeRow && bridgeRow.numbers("flood_vlans").length > 0) {
    const other = "please use another bond type or disable flood_vlans";
    warn(`SLB bonds are incompatible with flood_vlans, ${other}`);
  }
  const detects = row.entry("other_config", "bond-detect-mode") ?? "carrier";
  if (detects !== "carrier" && detects !== "miimon")
    warn(`unsupported bond-detect-mode ${detects}, defaulting to carrier`);
  const interval = integer(row, "bond-rebalance-interval", DEFAULT_REBALANCE_INTERVAL);
  const fallbackActiveBackup = row.entry("other_config", "lacp-fallback-ab") === "true";
  const backsUp = (mode ?? "active-backup") === "active-backup" || fallbackActiveBackup;
  const settings: BondSettings = {
    mode: mode ?? "active-backup",
    upDelay: Math.max(0, row.number("bond_updelay") ?? 0),
    downDelay: Math.max(0, row.number("bond_downdelay") ?? 0),
    basis: integer(row, "bond-hash-basis", 0),
    rebalanceInterval: interval === 0 ? 0 : Math.max(LEAST_REBALANCE_INTERVAL, interval),
    fallbackActiveBackup,
    allMembersActive: row.entry("other_config", "all-members-active") === "true",
    datapathChooses:
      record.bridge.backer.datapath.kind !== "kernel" &&
      row.entry("other_config", "lb-output-action") === "true",
    primary: backsUp ? row.entry("other_config", "bond-primary") : undefined,
  };
  if (bundle.bond) bundle.bond.configure(settings);
  else {
    bundle.bond = new Bond(bundle.name, settings, {
      now: () => Math.floor(daemon.host.monotonic() / 1e6),
      log: (text) => vlog.log("bond", "info", text),
    });
    record.bridge.backer.revalidate();
  }
  bundle.bond.setMembers(bundle.ports);
}

export function configureLacp(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  { bundle }: PortRecord,
  row: RowView,
): void {
  const { bridge } = record;
  const settings = lacpSettings(daemon, record, bundle.ports.length, row);
  if (!settings) {
    if (bundle.lacp) bridge.backer.revalidate();
    bundle.lacp = undefined;
    return;
  }
  const now = Math.floor(daemon.host.monotonic() / 1e6);
  const { vlog } = daemon.host;
  if (bundle.lacp) bundle.lacp.configure(settings);
  else {
    bundle.lacp = new Lacp<OfPort>(settings, {
      send: (port, message) => bridge.monitor?.sendLacp(port, message),
      log: (level, text) => vlog.limited(`lacp ${text}`, "lacp", level, text),
    });
    bridge.backer.revalidate();
  }
  for (const port of bundle.lacp.members.keys()) {
    if (!bundle.ports.includes(port)) bundle.lacp.removeMember(port);
  }
  for (const port of bundle.ports) {
    const iface = daemon.database.row("Interface", record.interfaces.get(port.name)?.uuid ?? "");
    if (!iface) continue;
    const within = (key: string, least: number, otherwise: number) => {
      const value = integer(iface, key, 0);
      return value >= least && value <= PRIORITY_MAX ? value : otherwise;
    };
    bundle.lacp.setMember(
      port,
      {
        name: port.name,
        portId: within("lacp-port-id", 1, port.number),
        portPriority: within("lacp-port-priority", 1, PRIORITY_MAX),
        key: within("lacp-aggregation-key", 0, 0),
      },
      now,
    );
  }
}

/** Undefined if it is off, or not right. */
function lacpSettings(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  ports: number,
  row: RowView,
): LacpSettings | undefined {
  const name = row.string("name") ?? "";
  const mode = row.string("lacp") ?? "off";
  if (mode !== "active" && mode !== "passive") return undefined;
  const warn = (text: string) => daemon.complain("warn", text);
  const given = row.entry("other_config", "lacp-system-id");
  const id = given === undefined ? bridgeAddress(daemon, record) : parseMac(given);
  if (id === undefined) {
    warn(`port ${name}: LACP system ID (${given}) must be an Ethernet address.`);
    return undefined;
  }
  if (id === 0) {
    warn(`port ${name}: Invalid zero LACP system ID.`);
    return undefined;
  }
  const priority = integer(row, "lacp-system-priority", 0);
  return {
    name,
    systemId: id,
    // Links that can be bonded are preferred.
    systemPriority:
      priority > 0 && priority <= PRIORITY_MAX ? priority : ports > 1 ? PRIORITY_MAX - 1 : PRIORITY_MAX,
    active: mode === "active",
    fast: row.entry("other_config", "lacp-time")?.toLowerCase() === "fast",
    fallbackActiveBackup: row.entry("other_config", "lacp-fallback-ab") === "true",
  };
}
