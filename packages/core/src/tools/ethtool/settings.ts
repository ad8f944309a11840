// The plain command, `ethtool DEVICE`: link modes, port, wake-on-LAN, message level and link, each asked by itself; what a
// driver does not answer is left out.

import * as codec from "../../netlink/generic/ethtool.ts";
import { bitsetMeaning } from "../../netlink/generic/ethtool-bitset.ts";
import type { Bitset } from "../../netlink/generic/ethtool-bitset.ts";
import { ETHTOOL_MSG, ETHTOOL_REPLY } from "../../netlink/generic/ethtool-constants.ts";
import { showOwnModes, showPartnerModes } from "./link-modes.ts";
import type { EthtoolSession } from "./session.ts";

const NO_DATA = 75; // exit status

const DUPLEX = ["Half", "Full"];
const PORTS: Readonly<Record<number, string>> = {
  0: "Twisted Pair",
  1: "AUI",
  2: "MII",
  3: "FIBRE",
  4: "BNC",
  5: "Direct Attach Copper",
  0xef: "None",
  0xff: "Other",
};
const TWISTED_PAIR = 0;
const TRANSCEIVERS = ["internal", "external"];
const MASTER_SLAVE_CONFIG = [
  "unsupported",
  "unknown",
  "preferred master",
  "preferred slave",
  "forced master",
  "forced slave",
];
const MASTER_SLAVE_STATE = ["unsupported", "unknown", "master", "slave", "resolution error"];
const EXTENDED_STATES = [
  "Autoneg",
  "Link training failure",
  "Logical mismatch",
  "Bad signal integrity",
  "No cable",
  "Cable issue",
  "EEPROM issue",
  "Calibration failure",
  "Power budget exceeded",
  "Overheat",
  "Module",
];
const WAKE_LETTERS: Readonly<Record<string, string>> = {
  phy: "p",
  ucast: "u",
  mcast: "m",
  bcast: "b",
  arp: "a",
  magic: "g",
  magicsecure: "s",
  filter: "f",
};
const SPEED_UNKNOWN: ReadonlySet<number> = new Set([0, 0xffff, 0xffff_ffff]);
/** ETH_TP_MDI_*: 1 and 2 as a setting force the crossing, 3 leaves it to the device. */
const MDI = 1;
const MDI_X = 2;
const MDI_AUTO = 3;

class Settings {
  readonly session: EthtoolSession;
  #banner = "";

  constructor(session: EthtoolSession) {
    this.session = session;
  }

  get shown(): boolean {
    return this.#banner !== "";
  }

  /** Prints the head before the first line of a device; for all devices, before each part. */
  head(device: string): void {
    if (this.#banner === device && !this.session.wildcard) return;
    this.#banner = device;
    this.session.print(`Settings for ${device}:\n`);
  }

  line(label: string, value: string | number): void {
    this.session.print(`\t${label}: ${value}\n`);
  }

  /** A number that stands for a name. */
  named(label: string, names: Readonly<Record<number, string>>, value: number): void {
    this.line(label, names[value] ?? `Unknown! (${value})`);
  }
}

function linkModes(settings: Settings): void {
  const { session } = settings;
  const answers = session.ask(ETHTOOL_MSG.LINKMODES_GET, codec.linkmodes, {}, "unsupported");
  for (const record of session.decode(answers, ETHTOOL_REPLY.LINKMODES_GET, codec.linkmodes)) {
    const { speed, lanes, duplex, autoneg, masterSlaveCfg, masterSlaveState } = record;
    settings.head(record.header?.devName ?? session.device);
    if (record.ours) showOwnModes(session, record.ours);
    if (record.peer) showPartnerModes(session, record.peer);
    if (speed !== undefined) settings.line("Speed", SPEED_UNKNOWN.has(speed) ? "Unknown!" : `${speed}Mb/s`);
    if (lanes !== undefined) settings.line("Lanes", lanes);
    if (duplex !== undefined) settings.named("Duplex", DUPLEX, duplex);
    if (autoneg !== undefined) settings.line("Auto-negotiation", autoneg === 0 ? "off" : "on");
    if (masterSlaveCfg !== undefined) settings.named("master-slave cfg", MASTER_SLAVE_CONFIG, masterSlaveCfg);
    if (masterSlaveState !== undefined)
      settings.named("master-slave status", MASTER_SLAVE_STATE, masterSlaveState);
  }
}

function linkInformation(settings: Settings): void {
  const { session } = settings;
  const answers = session.ask(ETHTOOL_MSG.LINKINFO_GET, codec.linkinfo, {}, "unsupported");
  for (const record of session.decode(answers, ETHTOOL_REPLY.LINKINFO_GET, codec.linkinfo)) {
    const { port, phyaddr, transceiver, tpMdix, tpMdixCtrl } = record;
    settings.head(record.header?.devName ?? session.device);
    if (port !== undefined) settings.named("Port", PORTS, port);
    if (phyaddr !== undefined) settings.line("PHYAD", phyaddr);
    if (transceiver !== undefined) settings.named("Transceiver", TRANSCEIVERS, transceiver);
    if (port === TWISTED_PAIR && tpMdix !== undefined && tpMdixCtrl !== undefined) {
      settings.line("MDI-X", crossing(tpMdix, tpMdixCtrl));
    }
  }
}

function crossing(state: number, setting: number): string {
  if (setting === MDI) return "off (forced)";
  if (setting === MDI_X) return "on (forced)";
  const known = state === MDI ? "off" : state === MDI_X ? "on" : "Unknown";
  return setting === MDI_AUTO ? `${known} (auto)` : known;
}

function wakeLetters(set: Bitset, onlyValues: boolean): string {
  const letters = (set.bits?.bit ?? [])
    .filter((bit) => !onlyValues || bit.value === true)
    .map((bit) => WAKE_LETTERS[bit.name ?? ""] ?? "?");
  return letters.length > 0 ? letters.join("") : "d";
}

function wakeOnLan(settings: Settings): void {
  const { session } = settings;
  const answers = session.ask(ETHTOOL_MSG.WOL_GET, codec.wol, {}, "unsupported");
  for (const { header, modes, sopass } of session.decode(answers, ETHTOOL_REPLY.WOL_GET, codec.wol)) {
    settings.head(header?.devName ?? session.device);
    if (modes) {
      settings.line("Supports Wake-on", wakeLetters(modes, false));
      settings.line("Wake-on", wakeLetters(modes, true));
    }
    if (sopass) {
      const bytes = [...sopass].map((byte) => byte.toString(16).padStart(2, "0"));
      session.print(`        SecureOn password: ${bytes.join(":")}\n`);
    }
  }
}

function messageLevel(settings: Settings): void {
  const { session } = settings;
  const answers = session.ask(ETHTOOL_MSG.DEBUG_GET, codec.debug, {}, "unsupported");
  for (const { header, msgmask } of session.decode(answers, ETHTOOL_REPLY.DEBUG_GET, codec.debug)) {
    if (!msgmask) continue;
    settings.head(header?.devName ?? session.device);
    const { value } = bitsetMeaning(msgmask, () => undefined);
    const level = [...value].reduce((sum, bit) => sum + 2 ** bit, 0);
    const names = (msgmask.bits?.bit ?? []).filter((bit) => bit.value === true || msgmask.nomask === true);
    session.print(`        Current message level: 0x${level.toString(16).padStart(8, "0")} (${level})\n`);
    session.print(`                              ${names.map((bit) => ` ${bit.name ?? ""}`).join("")}\n`);
  }
}

function linkState(settings: Settings): void {
  const { session } = settings;
  const answers = session.ask(ETHTOOL_MSG.LINKSTATE_GET, codec.linkstate, {}, "unsupported");
  for (const record of session.decode(answers, ETHTOOL_REPLY.LINKSTATE_GET, codec.linkstate)) {
    const { link, extState, sqi, sqiMax } = record;
    // The kernel answers for a device without a link, too.
    if (link !== undefined || sqi !== undefined) settings.head(record.header?.devName ?? session.device);
    if (link !== undefined) {
      const state = extState === undefined ? undefined : EXTENDED_STATES[extState];
      settings.line(
        "Link detected",
        `${link === 0 ? "no" : "yes"}${state === undefined ? "" : ` (${state})`}`,
      );
    }
    if (sqi !== undefined) settings.line("SQI", sqiMax === undefined ? sqi : `${sqi}/${sqiMax}`);
  }
}

/** `ethtool DEVICE` */
export function showSettings(session: EthtoolSession): number {
  const settings = new Settings(session);
  linkModes(settings);
  linkInformation(settings);
  wakeOnLan(settings);
  messageLevel(settings);
  linkState(settings);
  if (settings.shown) return 0;
  session.print("No data available\n");
  return NO_DATA;
}
