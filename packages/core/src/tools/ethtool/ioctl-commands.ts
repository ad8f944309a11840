// The commands that still go through the ioctl SIOCETHTOOL in ethtool 6.1: driver, counters, flow rules, hash tables,
// register and EEPROM dumps, tests. Dumps of what hardware answers are not implemented; that it does not answer is told.

import {
  decodeDriverInformation,
  encodeStats,
  encodeStrings,
  encodeStringSetCounts,
  ETHTOOL,
  readStats,
  readStrings,
  readStringSetCounts,
  SIOCETHTOOL,
} from "../../netlink/ethtool-ioctl.ts";
import { stats } from "../../netlink/generic/ethtool.ts";
import { ETH_SS, ETHTOOL_MSG, ETHTOOL_REPLY } from "../../netlink/generic/ethtool-constants.ts";
import { readU32Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { JsonWriter } from "../ip/json-writer.ts";
import { wrongParameter } from "./parameters.ts";
import type { EthtoolSession } from "./session.ts";

const DRIVER_INFORMATION = 196; // struct ethtool_drvinfo, bytes
const ENOUGH = 256; // longer than any structure that is sent only to be refused

/** Exit statuses. */
const FAILED = {
  driver: 71,
  registers: 72,
  dump: 74,
  strings: 96,
  noStatistics: 94,
  statistics: 97,
  /** -1 as a status. */
  minusOne: 255,
} as const;

/** A command of which only the number is sent. Returns the errno. */
function plain(session: EthtoolSession, command: number): number {
  const data = new Uint8Array(ENOUGH);
  writeU32Host(data, 0, command);
  return session.ioctl(SIOCETHTOOL, data);
}

function noArguments(session: EthtoolSession): void {
  if (session.args.length > 0) session.badArguments();
}

const yesNo = (value: boolean): string => (value ? "yes" : "no");

/** ethtool -i */
export function showDriver(session: EthtoolSession): number {
  noArguments(session);
  const data = new Uint8Array(DRIVER_INFORMATION);
  writeU32Host(data, 0, ETHTOOL.GDRVINFO);
  const errno = session.ioctl(SIOCETHTOOL, data);
  const driver = decodeDriverInformation(data);
  if (errno !== 0 || isMalformed(driver)) {
    session.perror("Cannot get driver information", errno);
    return FAILED.driver;
  }
  session.print(
    `driver: ${driver.driver}\n` +
      `version: ${driver.version}\n` +
      `firmware-version: ${driver.fwVersion}\n` +
      `expansion-rom-version: ${driver.eromVersion}\n` +
      `bus-info: ${driver.busInfo}\n` +
      `supports-statistics: ${yesNo(driver.nStats > 0)}\n` +
      `supports-test: ${yesNo(driver.testinfoLen > 0)}\n` +
      `supports-eeprom-access: ${yesNo(driver.eedumpLen > 0)}\n` +
      `supports-register-dump: ${yesNo(driver.regdumpLen > 0)}\n` +
      `supports-priv-flags: ${yesNo(driver.nPrivFlags > 0)}\n`,
  );
  return 0;
}

/** Names of a set; a number is the errno of asking. */
function strings(session: EthtoolSession, set: number): readonly string[] | number {
  const sizes = encodeStringSetCounts([set]);
  const errno = session.ioctl(SIOCETHTOOL, sizes);
  if (errno !== 0) return errno;
  const count = readStringSetCounts(sizes).get(set) ?? 0;
  if (count === 0) return [];
  const names = encodeStrings(set, count);
  const refused = session.ioctl(SIOCETHTOOL, names);
  return refused === 0 ? readStrings(names) : refused;
}

/** Counters with the names of `set`: of the driver or of the PHY. */
function counters(session: EthtoolSession, set: number, title: string): number {
  const names = strings(session, set);
  if (typeof names === "number") {
    session.perror("Cannot get stats strings information", names);
    return FAILED.strings;
  }
  if (names.length === 0) {
    session.warn("no stats available\n");
    return FAILED.noStatistics;
  }
  const values = encodeStats(names.length);
  const errno = session.ioctl(SIOCETHTOOL, values);
  if (errno !== 0) {
    session.perror("Cannot get stats information", errno);
    return FAILED.statistics;
  }
  const lines = readStats(values).map((value, index) => `     ${names[index] ?? ""}: ${value}\n`);
  session.print(`${title}:\n${lines.join("")}`);
  return 0;
}

/** ethtool -S; with --groups or --all-groups the standard statistics, over netlink. */
export function showStatistics(session: EthtoolSession): number {
  const { args } = session;
  if (args.length === 0) {
    if (session.json) session.badArguments();
    return counters(session, ETH_SS.STATS, "NIC statistics");
  }
  const [first = "", ...rest] = args;
  if (first === "--all-groups") {
    const [extra] = rest;
    if (extra !== undefined) wrongParameter(session, `unknown parameter '${extra}'`);
    return showGroups(session, ["eth-phy", "eth-mac", "eth-ctrl", "rmon"]);
  }
  if (first !== "--groups") wrongParameter(session, `unknown parameter '${first}'`);
  if (rest.length === 0) wrongParameter(session, `no value for parameter '${first}'`);
  return showGroups(session, rest);
}

const GROUP_NAMES = ["eth-phy", "eth-mac", "eth-ctrl", "rmon", "phydev"];

function showGroups(session: EthtoolSession, names: readonly string[]): number {
  const bits = { bit: names.map((name) => ({ name })) };
  const answers = session.ask(ETHTOOL_MSG.STATS_GET, stats, { groups: { nomask: true, bits } });
  const json = session.json ? new JsonWriter((text) => session.print(text), true) : undefined;
  json?.beginArray();
  let counted = false;
  for (const { header, group } of session.decode(answers, ETHTOOL_REPLY.STATS_GET, stats)) {
    const device = header?.devName ?? session.device;
    counted ||= (group ?? []).some((one) => (one.stat ?? []).length > 0);
    if (!json) {
      session.print(`Standard stats for ${device}:\n`);
      continue;
    }
    json.beginObject();
    json.name("ifname");
    json.value(device);
    for (const { id } of group ?? []) {
      json.name(GROUP_NAMES[id ?? 0] ?? String(id));
      json.beginObject();
      json.endObject();
    }
    json.endObject();
  }
  if (json) {
    json.endArray();
    session.print("\n");
  }
  if (answers.errno !== 0) return 1;
  return counted ? session.notImplemented("showing the counters of a group") : 0;
}

/** ethtool --phy-statistics */
export function showPhyStatistics(session: EthtoolSession): number {
  noArguments(session);
  return counters(session, ETH_SS.PHY_STATS, "PHY statistics");
}

/** Accepts pairs of the named words and values; ends the program over anything else. */
function pairs(session: EthtoolSession, names: readonly string[]): void {
  for (let at = 0; at < session.args.length; at += 2) {
    if (!names.includes(session.args[at] ?? "") || session.args[at + 1] === undefined) session.badArguments();
  }
}

const GET_RX_RINGS = 0x2d;
const GET_RX_FLOW_HASH = 0x29;
const GET_RULE = 0x2f;
const GET_RULE_COUNT = 0x2e;

/** ethtool -n */
export function showRules(session: EthtoolSession): number {
  const { args } = session;
  const [what, value] = args;
  if (what !== undefined && ((what !== "rx-flow-hash" && what !== "rule") || value === undefined))
    session.badArguments();
  if (what === "rx-flow-hash") {
    const errno = plain(session, GET_RX_FLOW_HASH);
    if (errno === 0) return session.notImplemented("showing the hash of flows");
    session.perror("Cannot get RX network flow hashing options", errno);
    return 1;
  }
  if (what === "rule") {
    const errno = plain(session, GET_RULE);
    if (errno === 0) return session.notImplemented("showing a rule");
    session.perror("rxclass: Cannot get RX class rule", errno);
    session.warn("Cannot get RX classification rule\n");
    return 1;
  }
  const rings = new Uint8Array(ENOUGH);
  writeU32Host(rings, 0, GET_RX_RINGS);
  const ringsErrno = session.ioctl(SIOCETHTOOL, rings);
  if (ringsErrno !== 0) session.perror("Cannot get RX rings", ringsErrno);
  else session.print(`${readU32Host(rings, 8)} RX rings available\n`);
  const errno = plain(session, GET_RULE_COUNT);
  if (errno === 0) return session.notImplemented("listing rules");
  session.perror("rxclass: Cannot get RX class rule count", errno);
  session.warn("RX classification rule retrieval failed\n");
  return 1;
}

/** ethtool -x */
export function showHashTable(session: EthtoolSession): number {
  pairs(session, ["context"]);
  const errno = plain(session, GET_RX_RINGS);
  if (errno === 0) return session.notImplemented("showing the receive hash");
  session.perror("Cannot get RX ring count", errno);
  return 1;
}

/** A dump that starts with asking for the driver's name. */
function dump(command: number, what: string, names: readonly string[], noDriver: number) {
  return (session: EthtoolSession): number => {
    pairs(session, names);
    const unknown = plain(session, ETHTOOL.GDRVINFO);
    if (unknown !== 0) {
      session.perror("Cannot get driver information", unknown);
      return noDriver;
    }
    const errno = plain(session, command);
    if (errno === 0) return session.notImplemented(`showing the ${what}`);
    session.perror(`Cannot get ${what}`, errno);
    return FAILED.dump;
  };
}

/** ethtool -d */
export const dumpRegisters = dump(ETHTOOL.GREGS, "register dump", ["raw", "hex", "file"], FAILED.registers);
/** ethtool -e */
export const dumpEeprom = dump(ETHTOOL.GEEPROM, "EEPROM data", ["raw", "offset", "length"], FAILED.dump);

/** ethtool -t */
export function test(session: EthtoolSession): number {
  const [mode, extra] = session.args;
  if (extra !== undefined || (mode !== undefined && !["online", "offline", "external_lb"].includes(mode))) {
    session.badArguments();
  }
  const names = strings(session, ETH_SS.TEST);
  if (typeof names === "number") {
    session.perror("Cannot get strings", names);
    return FAILED.dump;
  }
  const errno = plain(session, ETHTOOL.TEST);
  if (errno === 0) return session.notImplemented("showing the result of a test");
  session.perror("Cannot test", errno);
  return FAILED.dump;
}

/** ethtool -r */
export function restartNegotiation(session: EthtoolSession): number {
  noArguments(session);
  const errno = plain(session, ETHTOOL.NWAY_RST);
  if (errno === 0) return 0;
  session.perror("Cannot restart autonegotiation", errno);
  return FAILED.minusOne;
}

/** ethtool -p */
export function identify(session: EthtoolSession): number {
  const [seconds, extra] = session.args;
  if (extra !== undefined || (seconds !== undefined && !/^\d+$/.test(seconds))) session.badArguments();
  const errno = plain(session, ETHTOOL.PHYS_ID);
  if (errno === 0) return 0;
  session.perror("Cannot identify NIC", errno);
  return FAILED.minusOne;
}

const GET_DUMP_FLAG = 0x3f;

/** ethtool -w */
export function showDump(session: EthtoolSession): number {
  pairs(session, ["data"]);
  const errno = plain(session, GET_DUMP_FLAG);
  if (errno === 0) return session.notImplemented("showing a firmware dump");
  session.perror("Can not get dump level", errno);
  return 1;
}

const GET_MODULE_INFORMATION = 0x42;

/** ethtool -m over the ioctl: whole dumps in hexadecimal or raw. */
export function dumpModule(session: EthtoolSession): number {
  const errno = plain(session, GET_MODULE_INFORMATION);
  if (errno === 0) return session.notImplemented("dumping a plug-in module");
  session.perror("Cannot get module EEPROM information", errno);
  return 1;
}
