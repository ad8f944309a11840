// The link modes of a device as the plain command prints them: ports, speeds, pause and FEC, from one set of named bits.

import type { Bitset } from "../../netlink/generic/ethtool-bitset.ts";
import type { EthtoolSession } from "./session.ts";

const PORTS = new Set(["TP", "AUI", "MII", "FIBRE", "BNC", "Backplane"]);
const FEC = new Set(["None", "RS", "BASER", "LLRS"]);
const OTHER = new Set(["Autoneg", "Pause", "Asym_Pause"]);

/** Names of the bits that are set: all listed ones, or those whose value is 1. */
function named(set: Bitset, onlyValues: boolean): string[] {
  return (set.bits?.bit ?? [])
    .filter((bit) => !onlyValues || set.nomask === true || bit.value === true)
    .map((bit) => bit.name ?? "");
}

function isMode(name: string): boolean {
  return !PORTS.has(name) && !FEC.has(name) && !OTHER.has(name);
}

/** Half and full duplex of one mode share a line; other modes are below each other. */
function modeLines(modes: readonly string[], indent: string): string {
  let text = "";
  modes.forEach((mode, index) => {
    const before = modes[index - 1];
    const pair = before !== undefined && mode.endsWith("/Full") && before === mode.replace(/Full$/, "Half");
    text += index === 0 ? mode : pair ? ` ${mode}` : `\n\t${indent}${mode}`;
  });
  return text === "" ? "Not reported" : text;
}

function pause(names: readonly string[]): string {
  const symmetric = names.includes("Pause");
  const asymmetric = names.includes("Asym_Pause");
  if (symmetric) return asymmetric ? "Symmetric Receive-only" : "Symmetric";
  return asymmetric ? "Transmit-only" : "No";
}

interface Labels {
  readonly modes: string;
  readonly pause: string;
  readonly autonegotiation: string;
  readonly fec: string;
}

const SUPPORTED: Labels = {
  modes: "Supported link modes:   ",
  pause: "Supported pause frame use: ",
  autonegotiation: "Supports auto-negotiation: ",
  fec: "Supported FEC modes: ",
};
const ADVERTISED: Labels = {
  modes: "Advertised link modes:  ",
  pause: "Advertised pause frame use: ",
  autonegotiation: "Advertised auto-negotiation: ",
  fec: "Advertised FEC modes: ",
};
const PARTNER: Labels = {
  modes: "Link partner advertised link modes:  ",
  pause: "Link partner advertised pause frame use: ",
  autonegotiation: "Link partner advertised auto-negotiation: ",
  fec: "Link partner advertised FEC modes: ",
};

function block(session: EthtoolSession, names: readonly string[], labels: Labels): void {
  const modes = names.filter(isMode);
  const fec = names.filter((name) => FEC.has(name));
  session.print(`\t${labels.modes}${modeLines(modes, " ".repeat(labels.modes.length))}\n`);
  session.print(`\t${labels.pause}${pause(names)}\n`);
  session.print(`\t${labels.autonegotiation}${names.includes("Autoneg") ? "Yes" : "No"}\n`);
  session.print(
    `\t${labels.fec}${fec.length > 0 ? fec.map((name) => ` ${name}`).join("") : "Not reported"}\n`,
  );
}

/** What the device supports (the mask) and advertises (the values). */
export function showOwnModes(session: EthtoolSession, ours: Bitset): void {
  const supported = named(ours, false);
  const ports = supported.filter((name) => PORTS.has(name));
  session.print(`\tSupported ports: [ ${ports.join(" ")} ]\n`);
  block(session, supported, SUPPORTED);
  block(session, named(ours, true), ADVERTISED);
}

/** What the link partner advertises. */
export function showPartnerModes(session: EthtoolSession, peer: Bitset): void {
  block(session, named(peer, true), PARTNER);
}
