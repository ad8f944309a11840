// Management frames of IEEE 802.11 (section 9.3.3): beacons, probes, associations, authentications and actions.

import type { Dissector } from "../dissector.ts";
import { hex, safeCharacter } from "../numbers.ts";
import { REASONS, STATUSES } from "./names.ts";

const SUBTYPES: Readonly<Record<number, string>> = {
  0: "Assoc Request",
  1: "Assoc Response",
  2: "ReAssoc Request",
  3: "ReAssoc Response",
  4: "Probe Request",
  5: "Probe Response",
  8: "Beacon",
  9: "ATIM",
  10: "Disassociation",
  11: "Authentication",
  12: "DeAuthentication",
  13: "Action",
};
const [SSID, RATES, CHANNEL, TRAFFIC, CHALLENGE] = [0, 1, 3, 5, 16] as const;
/** Longest contents; longer elements end the frame. */
const MAXIMA: Readonly<Record<number, number>> = {
  [SSID]: 32,
  [RATES]: 16,
  [CHALLENGE]: 253,
  [TRAFFIC]: 254,
};
const [EXTENDED_SERVICE_SET, PRIVACY] = [0x0001, 0x0010] as const;
const TIMESTAMP_LENGTH = 8;
const ALGORITHMS = ["Open System", "Shared Key", "EAP"] as const;
const SHARED_KEY = 1;

/** Elements that are printed: the first of each. */
interface Elements {
  /** Offsets of the bodies. */
  readonly ssid: number | undefined;
  readonly rates: number | undefined;
  readonly channel: number | undefined;
  /** False if an element is cut off or too long. */
  readonly whole: boolean;
}

function elements(d: Dissector, start: number, total: number): Elements {
  let [ssid, rates, channel]: (number | undefined)[] = [];
  let at = start;
  let left = total;
  let whole = true;
  while (left !== 0) {
    if (!d.has(at, 2) || left < 2) {
      whole = false;
      break;
    }
    const [type, length] = [d.u8(at), d.u8(at + 1)];
    const maximum = MAXIMA[type] ?? Infinity;
    if (!d.has(at + 2, length) || left < length + 2 || length > maximum) {
      whole = false;
      break;
    }
    if (type === SSID) ssid ??= at + 2;
    else if (type === RATES && length !== 0) rates ??= at + 2;
    else if (type === CHANNEL && length === 1) channel ??= at + 2;
    at += 2 + length;
    left -= 2 + length;
  }
  return { ssid, rates, channel, whole };
}

/** The name ends at its first zero. */
function name(d: Dissector, { ssid }: Elements): void {
  if (ssid === undefined) return;
  d.text += " (";
  for (let index = 0; index < d.u8(ssid - 1); index++) {
    const byte = d.u8(ssid + index);
    if (byte === 0) break;
    d.text += safeCharacter(byte);
  }
  d.text += ")";
}

function rateList(d: Dissector, { rates }: Elements): void {
  if (rates === undefined) return;
  for (let index = 0; index < d.u8(rates - 1); index++) {
    const rate = d.u8(rates + index);
    d.text += `${index === 0 ? " [" : " "}${((rate & 0x7f) / 2).toFixed(1)}${(rate & 0x80) === 0 ? "" : "*"}`;
  }
  d.text += " Mbit]";
}

function channelAndPrivacy(d: Dissector, { channel }: Elements, capabilities: number): void {
  if (channel !== undefined) d.text += ` CH: ${d.u8(channel)}`;
  if ((capabilities & PRIVACY) !== 0) d.text += ", PRIVACY";
}

function status(code: number): string {
  return STATUSES[code] ?? "n/a";
}

/** Prints fields of `fixed` bytes and elements; false if they are cut off. */
function body(
  d: Dissector,
  at: number,
  length: number,
  fixed: number,
  print: (found: Elements) => void,
): boolean {
  if (!d.has(at, fixed) || length < fixed) return false;
  const found = elements(d, at + fixed, length - fixed);
  print(found);
  return found.whole;
}

function beacon(d: Dissector, at: number, length: number, isBeacon: boolean): boolean {
  return body(d, at, length, TIMESTAMP_LENGTH + 4, (found) => {
    const capabilities = d.u16le(at + TIMESTAMP_LENGTH + 2);
    name(d, found);
    rateList(d, found);
    if (isBeacon) d.text += (capabilities & EXTENDED_SERVICE_SET) === 0 ? " IBSS" : " ESS";
    channelAndPrivacy(d, found, capabilities);
  });
}

function authentication(d: Dissector, at: number, length: number): boolean {
  return body(d, at, length, 6, () => {
    const [algorithm, sequence] = [d.u16le(at), d.u16le(at + 2)];
    const outcome = sequence % 2 === 0 ? "" : status(d.u16le(at + 4));
    const challenge = algorithm === SHARED_KEY && (sequence === 2 || sequence === 3);
    d.text += ` (${ALGORITHMS[algorithm] ?? "Reserved"})-${hex(sequence)}${challenge ? " [Challenge Text]" : ":"} ${outcome}`;
  });
}

function reason(d: Dissector, at: number, length: number, source: number | undefined): boolean {
  if (!d.has(at, 2) || length < 2) return false;
  if (source !== undefined && !d.linkHeaders) d.text += ` (${d.mac(source)})`;
  d.text += `: ${REASONS[d.u16le(at)] ?? "Reserved"}`;
  return true;
}

interface Category {
  readonly title: string;
  readonly actions: Readonly<Record<number, string>>;
}
const CATEGORIES: Readonly<Record<number, Category>> = {
  0: { title: "Spectrum Management ", actions: {} },
  1: { title: "QoS ", actions: {} },
  2: { title: "DLS ", actions: {} },
  3: { title: "BA ", actions: { 0: "ADDBA Request", 1: "ADDBA Response", 2: "DELBA" } },
  7: { title: "HT ", actions: { 0: "TxChWidth", 1: "MIMOPwrSave" } },
  13: {
    title: "MeshAction ",
    actions: {
      0: "MeshLink",
      1: "HWMP",
      2: "Gate Announcement",
      3: "Congestion Control",
      4: "MCCA Setup Request",
      5: "MCCA Setup Reply",
      6: "MCCA Advertisement Request",
      7: "MCCA Advertisement",
      8: "MCCA Teardown",
      9: "TBTT Adjustment Request",
      10: "TBTT Adjustment Response",
    },
  },
  14: { title: "MultiohopAction ", actions: { 0: "Proxy Update", 1: "Proxy Update Confirmation" } },
  15: {
    title: "SelfprotectAction ",
    actions: {
      1: "Peering Open",
      2: "Peering Confirm",
      3: "Peering Close",
      4: "Group Key Inform",
      5: "Group Key Acknowledge",
    },
  },
  127: { title: "Vendor ", actions: {} },
};

function action(d: Dissector, at: number, length: number, source: number): boolean {
  if (!d.has(at, 2) || length < 2) return false;
  if (!d.linkHeaders) d.text += ` (${d.mac(source)})`;
  const [category, kind] = [d.u8(at), d.u8(at + 1)];
  const known = CATEGORIES[category];
  d.text += `: ${known?.title ?? `Reserved(${category}) `}${known?.actions[kind] ?? `Act#${kind}`}`;
  return true;
}

export function managementName(subtype: number): string {
  return SUBTYPES[subtype] ?? `Unhandled Management subtype(${hex(subtype)})`;
}

/** Prints the body of a management frame that is not encrypted. False if it is cut off. */
export function managementBody(
  d: Dissector,
  subtype: number,
  source: number,
  at: number,
  length: number,
): boolean {
  switch (subtype) {
    case 0:
      return body(d, at, length, 4, (found) => {
        name(d, found);
        rateList(d, found);
      });
    case 1:
    case 3:
      return body(d, at, length, 6, () => {
        const privacy = (d.u16le(at) & PRIVACY) === 0 ? "" : " PRIVACY ";
        d.text += ` AID(${hex(d.u16le(at + 4) & 0x3fff)}) :${privacy}: ${status(d.u16le(at + 2))}`;
      });
    case 2:
      return body(d, at, length, 10, (found) => {
        name(d, found);
        d.text += ` AP : ${d.mac(at + 4)}`;
      });
    case 4:
      return body(d, at, length, 0, (found) => {
        name(d, found);
        rateList(d, found);
      });
    case 5:
      return beacon(d, at, length, false);
    case 8:
      return beacon(d, at, length, true);
    case 10:
      return reason(d, at, length, undefined);
    case 11:
      return authentication(d, at, length);
    case 12:
      return reason(d, at, length, source);
    case 13:
      return action(d, at, length, source);
    default:
      return true;
  }
}
