// Commands about bonds.

import { formatMac, parseMac } from "../../../wire/mac.ts";
import { hashMac } from "../../../ovsproto/flow/hash.ts";
import { hashString } from "../../../ovsproto/murmur-hash.ts";
import type { Bond, BondMember } from "../../ofproto/bond.ts";
import { HmapOrder } from "../../../ovsproto/hmap-order.ts";
import type { OfPort } from "../../ofproto/port.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function registerBondCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const bonds = (): Bond[] => {
    const order = new HmapOrder<Bond>();
    for (const { ports } of daemon.bridges.values()) {
      for (const { bundle } of ports.values()) {
        if (bundle.bond) order.insert(bundle.bond, hashString(bundle.name, 0));
      }
    }
    return [...order.values()];
  };
  const poke = () => {
    for (const { bridge } of daemon.bridges.values()) bridge.monitor?.poke();
  };
  const named = (name: string): Bond => {
    const bond = bonds().find((each) => each.name === name);
    if (!bond) throw new CommandError("no such bond");
    return bond;
  };
  const member = (bond: Bond, name: string): BondMember => {
    const found = bond.members.find(({ port }) => port.name === name);
    if (!found) throw new CommandError("no such member");
    return found;
  };
  server.register("bond/list", "", 0, 0, () => {
    const rows = bonds().map(
      (bond) =>
        `${bond.name}\t${bond.settings.mode}\t${bond.recirculationId ?? 0}\t${bond.members
          .map(({ port }) => port.name)
          .sort()
          .join(", ")}\n`,
    );
    return `bond\ttype\trecircID\tmembers\n${rows.join("")}`;
  });
  server.register("bond/show", "[port]", 0, 1, ([name]) =>
    (name === undefined ? bonds() : [named(name)])
      .map((bond) => show(bond, Math.floor(daemon.host.monotonic() / 1e6)))
      .join(""),
  );
  /** The words of earlier releases are still understood, and listed no more. */
  const register = (
    command: "set-active" | "enable" | "disable",
    run: (args: readonly string[]) => string,
  ) => {
    server.register(`bond/${command}-member`, "port member", 2, 2, run);
    server.register(`bond/${command}-slave`, undefined, 2, 2, run);
  };
  register("set-active", ([name = "", which = ""]) => {
    const bond = named(name);
    const wanted = member(bond, which);
    if (!wanted.enabled) throw new CommandError("cannot make disabled member active");
    if (bond.active === wanted) return "no change";
    bond.setActive(wanted);
    poke();
    return "done";
  });
  register("enable", ([name = "", which = ""]) => {
    const bond = named(name);
    bond.setEnabled(member(bond, which), true);
    poke();
    return "enabled";
  });
  register("disable", ([name = "", which = ""]) => {
    const bond = named(name);
    bond.setEnabled(member(bond, which), false);
    poke();
    return "disabled";
  });
  server.register("bond/migrate", "port hash member", 3, 3, ([name = "", hash = "", which = ""]) => {
    const bond = named(name);
    if (bond.settings.mode !== "balance-slb") throw new CommandError("not an SLB bond");
    const bucket = /^\d+$/.test(hash) ? Number(hash) & 255 : undefined;
    if (bucket === undefined) throw new CommandError("bad hash");
    const to = member(bond, which);
    if (!to.enabled) throw new CommandError("cannot migrate to disabled member");
    bond.assign(bucket, to);
    poke();
    return "migrated";
  });
  server.register("bond/hash", "mac [vlan] [basis]", 1, 3, ([mac = "", vlan = "0", basis = "0"]) => {
    if (!/^\s*[-+]?\d/.test(vlan)) throw new CommandError("invalid vlan");
    if (!/^\s*[-+]?\d/.test(basis)) throw new CommandError("invalid basis");
    const address = parseMac(mac);
    if (address === undefined) throw new CommandError("invalid mac");
    return String(hashMac(address, Number.parseInt(vlan, 10), Number.parseInt(basis, 10)) & 255);
  });
}

/** bond_print_details() */
function show(bond: Bond, now: number): string {
  const { settings, active, recirculates, recirculationId, balanced, usesLbOutput } = bond;
  let text =
    `---- ${bond.name} ----\n` +
    `bond_mode: ${settings.mode}\n` +
    `bond may use recirculation: ${recirculates ? "yes" : "no"}, Recirc-ID : ${recirculates ? recirculationId : -1}\n` +
    `bond-hash-basis: ${settings.basis}\n` +
    `lb_output action: ${usesLbOutput ? "enabled" : "disabled"}, bond-id: ${usesLbOutput ? recirculationId : -1}\n`;
  if (settings.mode === "balance-slb") text += `all members active: ${settings.allMembersActive}\n`;
  text += `updelay: ${settings.upDelay} ms\ndowndelay: ${settings.downDelay} ms\n`;
  if (balanced) text += `next rebalance: ${bond.nextRebalance - now} ms\n`;
  text += `lacp_status: ${bond.lacp}\n`;
  text += `lacp_fallback_ab: ${settings.fallbackActiveBackup}\n`;
  const { primary } = settings;
  const absent = primary !== undefined && !bond.members.some(({ port }) => port.name === primary);
  text += `active-backup primary: ${primary ?? "<none>"}${absent ? " (no such member)" : ""}\n`;
  text += active
    ? `active member mac: ${formatMac(addressOf(active.port))}(${active.port.name})\n`
    : "active member mac: 00:00:00:00:00:00(none)\n";
  for (const each of bond.members.toSorted((a, b) => (a.port.name < b.port.name ? -1 : 1))) {
    text += `\nmember ${each.port.name}: ${each.enabled ? "enabled" : "disabled"}\n`;
    if (each === active) text += "  active member\n";
    if (each.delayExpires !== Infinity) {
      text += `  ${each.enabled ? "downdelay" : "updelay"} expires in ${each.delayExpires - now} ms\n`;
    }
    text += `  may_enable: ${each.mayEnable}\n`;
    if (!balanced) continue;
    for (const [hash, { member, bytes }] of bond.entries.entries()) {
      const load = Math.floor(bytes / 1024);
      if (member === each && load > 0) text += `  hash ${hash}: ${load} kB load\n`;
    }
  }
  return `${text}\n`;
}

function addressOf({ device, address }: OfPort): number {
  return device?.address ?? address;
}
