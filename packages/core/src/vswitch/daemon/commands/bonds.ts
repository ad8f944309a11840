// Commands about bonds.

import { formatMac, parseMac } from "../../../wire/mac.ts";
import { hashMac } from "../../flow/hash.ts";
import type { Bond, BondMember } from "../../ofproto/bond.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function registerBondCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const bonds = (): Bond[] =>
    [...daemon.bridges.values()].flatMap(({ ports }) =>
      [...ports.values()].flatMap(({ bundle }) => bundle.bond ?? []),
    );
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
        `${bond.name}\t${bond.settings.mode}\t0\t${bond.members.map(({ port }) => port.name).join(", ")}\n`,
    );
    return `bond\ttype\trecircID\tmembers\n${rows.join("")}`;
  });
  server.register("bond/show", "[port]", 0, 1, ([name]) =>
    (name === undefined ? bonds() : [named(name)])
      .map((bond) => show(bond, daemon.host.monotonic()))
      .join(""),
  );
  server.register("bond/set-active-member", "port member", 2, 2, ([name = "", which = ""]) => {
    const bond = named(name);
    const wanted = member(bond, which);
    if (!wanted.enabled) throw new CommandError("cannot make disabled member active");
    if (bond.active === wanted) return "no change";
    bond.setActive(wanted);
    return "done";
  });
  server.register("bond/enable-member", "port member", 2, 2, ([name = "", which = ""]) => {
    const bond = named(name);
    bond.enable(member(bond, which), true);
    return "enabled";
  });
  server.register("bond/disable-member", "port member", 2, 2, ([name = "", which = ""]) => {
    const bond = named(name);
    bond.enable(member(bond, which), false);
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
    return "migrated";
  });
  server.register("bond/hash", "mac [vlan] [basis]", 1, 3, ([mac = "", vlan = "0", basis = "0"]) => {
    const address = parseMac(mac);
    if (address === undefined) throw new CommandError("invalid mac");
    return String(hashMac(address, Number(vlan), Number(basis)) & 255);
  });
}

/** bond_print_details() */
function show(bond: Bond, now: number): string {
  const { settings, active } = bond;
  const hashed = settings.mode !== "active-backup";
  let text =
    `---- ${bond.name} ----\n` +
    `bond_mode: ${settings.mode}\n` +
    `bond may use recirculation: no, Recirc-ID : -1\n` +
    `bond-hash-basis: ${settings.basis}\n` +
    "lb_output action: disabled, bond-id: -1\n" +
    `updelay: ${settings.upDelay} ms\n` +
    `downdelay: ${settings.downDelay} ms\n`;
  if (hashed) text += `next rebalance: ${settings.rebalanceInterval} ms\n`;
  text += "lacp_status: off\n";
  text += `lacp_fallback_ab: ${settings.fallbackActiveBackup}\n`;
  text += `active-backup primary: ${settings.primary ?? "<none>"}\n`;
  const address = active?.port.device?.address;
  text += active
    ? `active member mac: ${formatMac(address ?? 0)}(${active.port.name})\n`
    : "active member mac: 00:00:00:00:00:00(none)\n";
  for (const each of bond.members.toSorted((a, b) => (a.port.name < b.port.name ? -1 : 1))) {
    text += `\nmember ${each.port.name}: ${each.enabled ? "enabled" : "disabled"}\n`;
    if (each === active) text += "  active member\n";
    if (each.pending) {
      const left = Math.max(0, Math.round((each.pendingUntil - now) / 1e6));
      text += `  ${each.enabled ? "downdelay" : "updelay"} expires in ${left} ms\n`;
    }
    text += `  may_enable: ${each.mayEnable}\n`;
    if (hashed) for (const bucket of bond.bucketsOf(each)) text += `  hash ${bucket}: 0 kB load\n`;
  }
  return text;
}
