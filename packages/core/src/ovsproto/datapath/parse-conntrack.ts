// Reads the action ct(...) of a datapath from text (parse_conntrack_action of Open vSwitch's lib/odp-util.c).

import type { Nat } from "../openflow/actions.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { parseIpv6 } from "../../wire/ipv6-address.ts";
import type { DpAction } from "./actions.ts";
import { scanMasked } from "./scanner.ts";
import type { Scanner } from "./scanner.ts";

const ONES128 = (1n << 128n) - 1n;
const MAX_HELPER = 15;
const MAX_TIMEOUT = 31;

/** What follows the word `ct`; undefined if it is wrong. */
export function scanConntrack(scanner: Scanner): DpAction | undefined {
  let commit = false;
  let force = false;
  let zone = 0;
  let mark: { value: number; mask: number } | undefined;
  let label: { value: number[]; mask: number[] } | undefined;
  let nat: Nat | undefined;
  let helper: string | undefined;
  let timeout: string | undefined;
  if (scanner.take("(")) {
    for (;;) {
      scanner.skipDelimiters();
      if (scanner.take(")")) break;
      if (scanner.take("commit")) commit = true;
      else if (scanner.take("force_commit")) force = true;
      else if (scanner.take("zone=")) {
        const value = scanner.match(/\d+/y);
        if (value === undefined) return undefined;
        zone = Number(value) & 0xffff;
      } else if (scanner.take("mark=")) {
        const found = scanMasked(scanner, (from) => hex32(from), 0xffff_ffff);
        if (!found) return undefined;
        if (found.mask !== 0) mark = found;
      } else if (scanner.take("label=")) {
        const found = scanMasked(scanner, (from) => from.integer(), ONES128);
        if (!found) return undefined;
        if (found.mask !== 0n) label = { value: words(found.value), mask: words(found.mask) };
      } else if (scanner.take("helper=")) {
        helper = scanner.match(/[^, \t\r\n)]+/y);
        if (helper === undefined || helper.length > MAX_HELPER) return undefined;
      } else if (scanner.take("timeout=")) {
        timeout = scanner.match(/[^, \t\r\n)]+/y);
        if (timeout === undefined || timeout.length > MAX_TIMEOUT) return undefined;
      } else if (scanner.take("nat")) {
        nat = scanNat(scanner);
        if (!nat) return undefined;
      } else return undefined;
    }
  }
  if (commit && force) return undefined;
  return {
    type: "ct",
    request: { commit: commit || force, force, zone, mark, label, nat, helper, timeout },
  };
}

function hex32(scanner: Scanner): number | undefined {
  const value = scanner.hex();
  return value === undefined ? undefined : Number(BigInt.asUintN(32, value));
}

function words(value: bigint): number[] {
  return [96n, 64n, 32n, 0n].map((shift) => Number((value >> shift) & 0xffff_ffffn));
}

const ADDRESS = String.raw`\[[0-9a-f:.]+\]|\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:.]*`;
/** First and last address, first and last port. */
const RANGE = new RegExp(String.raw`^(${ADDRESS})(?:-(${ADDRESS}))?(?::(\d+)(?:-(\d+))?)?(?=[,)])`, "i");

/** scan_ct_nat() */
function scanNat(scanner: Scanner): Nat | undefined {
  const nat: {
    direction: "src" | "dst" | undefined;
    addresses: Nat["addresses"];
    ports: Nat["ports"];
    persistent: boolean;
    protocol: "hash" | "random" | undefined;
  } & Pick<Nat, "type"> = {
    type: "nat",
    direction: undefined,
    addresses: undefined,
    ports: undefined,
    persistent: false,
    protocol: undefined,
  };
  if (!scanner.take("(")) return nat;
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.take(")")) return nat;
    if (scanner.take("src") || scanner.take("dst")) {
      const direction = scanner.text.slice(scanner.at - 3, scanner.at) as "src" | "dst";
      if (nat.direction !== undefined && nat.direction !== direction) return undefined;
      nat.direction = direction;
      if (!scanner.take("=")) continue;
      const found = RANGE.exec(scanner.rest);
      if (!found) return undefined;
      const [all, min = "", max, firstPort, lastPort] = found;
      const addresses = rangeOf(min, max);
      if (!addresses) return undefined;
      nat.addresses = addresses;
      if (firstPort !== undefined && firstPort !== "0") {
        nat.ports = {
          min: Number(firstPort),
          max: lastPort === undefined ? undefined : Number(lastPort),
        };
        if (nat.ports.max !== undefined && nat.ports.max < nat.ports.min) return undefined;
      }
      scanner.at += all.length;
    } else if (scanner.take("persistent")) nat.persistent = true;
    else if (scanner.take("hash")) {
      if (nat.protocol === "random") return undefined;
      nat.protocol = "hash";
    } else if (scanner.take("random")) {
      if (nat.protocol === "hash") return undefined;
      nat.protocol = "random";
    } else return undefined;
  }
}

function rangeOf(minText: string, maxText: string | undefined): Nat["addresses"] {
  const bare = (text: string) => text.replace(/^\[|\]$/g, "");
  const v4 = parseIpv4(minText);
  if (v4 !== undefined) {
    const max = maxText === undefined ? undefined : parseIpv4(maxText);
    if (maxText !== undefined && max === undefined) return undefined;
    return { family: 4, min: v4, max };
  }
  const v6 = parseIpv6(bare(minText));
  if (v6 === undefined) return undefined;
  const max = maxText === undefined ? undefined : parseIpv6(bare(maxText));
  if (maxText !== undefined && max === undefined) return undefined;
  return { family: 6, min: v6, max };
}
