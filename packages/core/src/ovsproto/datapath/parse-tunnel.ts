// Reads tunnel(...) of a datapath's key from text: `tun_id=0x64,src=192.0.2.2/255.255.255.0,ttl=64,flags(-df+csum+key)`
// (parse_odp_key_mask_attr of Open vSwitch's lib/odp-util.c).

import { parseMaskedFlags, tunnelFlagNames } from "../openflow/flags-text.ts";
import { TextError } from "../openflow/text-error.ts";
import { TUNNEL_FLAG } from "../openflow/tunnel-flags.ts";
import { W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { parseOptions, storeOptions } from "./geneve-options.ts";
import { scanMasked } from "./scanner.ts";
import type { Scanner } from "./scanner.ts";

const FLAGS = { ...tunnelFlagNames, allowed: TUNNEL_FLAG.ALL };
/** Whoever has an ID has the flag that says so, told or not. */
const KEY = TUNNEL_FLAG.KEY * 0x1_0000;
const ONES64 = 0xffff_ffff_ffff_ffffn;
const ONES6: readonly number[] = [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff];

function setBits(row: Flow, at: number, shift: number, width: number, value: number): void {
  const ones = (2 ** width - 1) * 2 ** shift;
  row[at] = ((word(row, at) & ~ones) | (value << shift)) >>> 0;
}

/** Reads up to the parenthesis that closes it. False if anything is wrong. */
export function scanTunnel(scanner: Scanner, key: Flow, mask: Flow): boolean {
  let withId = false;
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.take(")")) {
      for (const row of withId ? [key, mask] : [])
        row[W.TUN_FLAGS_TOS_TTL] = (word(row, W.TUN_FLAGS_TOS_TTL) | KEY) >>> 0;
      return true;
    }
    const name = scanner.match(/\w+(?=[=(])/y);
    if (name === undefined) return false;
    withId ||= name === "tun_id";
    if (scanner.take("=") ? !scanField(scanner, name, key, mask) : !scanPart(scanner, name, key, mask))
      return false;
  }
}

function scanField(scanner: Scanner, name: string, key: Flow, mask: Flow): boolean {
  const small = (at: number, shift: number, width: number) => {
    const ones = 2 ** width - 1;
    const found = scanMasked(scanner, (from) => from.unsigned(32), ones);
    if (!found || found.value > ones || found.mask > ones) return false;
    setBits(key, at, shift, width, found.value);
    setBits(mask, at, shift, width, found.mask);
    return true;
  };
  switch (name) {
    case "tun_id": {
      const found = scanMasked(scanner, (from) => from.integer(), ONES64);
      if (!found) return false;
      for (const [row, value] of [
        [key, found.value],
        [mask, found.mask],
      ] as const) {
        row[W.TUN_ID] = Number((value >> 32n) & 0xffff_ffffn);
        row[W.TUN_ID + 1] = Number(value & 0xffff_ffffn);
      }
      return true;
    }
    case "src":
    case "dst": {
      const found = scanMasked(scanner, (from) => from.ipv4(), 0xffff_ffff);
      if (!found) return false;
      const at = name === "src" ? W.TUN_SRC : W.TUN_DST;
      key[at] = found.value;
      mask[at] = found.mask;
      return true;
    }
    case "ipv6_src":
    case "ipv6_dst": {
      const found = scanMasked<readonly number[]>(scanner, (from) => from.ipv6(), ONES6);
      if (!found) return false;
      const at = name === "ipv6_src" ? W.TUN_IPV6_SRC : W.TUN_IPV6_DST;
      key.set(found.value, at);
      mask.set(found.mask, at);
      return true;
    }
    case "tos":
      return small(W.TUN_FLAGS_TOS_TTL, 8, 8);
    case "ttl":
      return small(W.TUN_FLAGS_TOS_TTL, 0, 8);
    case "tp_src":
      return small(W.TUN_TP, 16, 16);
    case "tp_dst":
      return small(W.TUN_TP, 0, 16);
    default:
      return false;
  }
}

/** What has parentheses of its own. */
function scanPart(scanner: Scanner, name: string, key: Flow, mask: Flow): boolean {
  scanner.take("(");
  switch (name) {
    case "flags": {
      const text = scanner.match(/[^)]*/y) ?? "";
      try {
        const { value, mask: wanted } = text === "" ? { value: 0n, mask: 0n } : parseMaskedFlags(FLAGS, text);
        setBits(key, W.TUN_FLAGS_TOS_TTL, 16, 16, Number(value));
        setBits(mask, W.TUN_FLAGS_TOS_TTL, 16, 16, Number(wanted));
      } catch (error) {
        if (error instanceof TextError) return false;
        throw error;
      }
      return scanner.take(")");
    }
    case "geneve": {
      const text = scanner.match(/(?:\{[^}]*\})*/y) ?? "";
      const options = parseOptions(text);
      if (!options) return false;
      storeOptions(key, options.value);
      storeOptions(mask, options.mask);
      mask[W.TUN_OPTIONS] = options.value.length;
      return scanner.take(")");
    }
    case "vxlan": {
      if (!scanner.take("gbp(")) return false;
      return numbers(scanner, key, mask, {
        id: [W.TUN_GBP_ERSPAN, 16, 16],
        flags: [W.TUN_GBP_ERSPAN, 8, 8],
      })
        ? scanner.take(")")
        : false;
    }
    case "erspan":
      return numbers(scanner, key, mask, {
        ver: [W.TUN_GBP_ERSPAN, 0, 8],
        idx: [W.TUN_ERSPAN_IDX, 0, 32],
        dir: [W.TUN_ERSPAN_GTPU, 24, 8],
        hwid: [W.TUN_ERSPAN_GTPU, 16, 8],
      });
    case "gtpu":
      return numbers(scanner, key, mask, {
        flags: [W.TUN_ERSPAN_GTPU, 8, 8],
        msgtype: [W.TUN_ERSPAN_GTPU, 0, 8],
      });
    default:
      return false;
  }
}

function numbers(
  scanner: Scanner,
  key: Flow,
  mask: Flow,
  places: Readonly<Record<string, readonly [at: number, shift: number, width: number]>>,
): boolean {
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.take(")")) return true;
    const place = places[scanner.match(/\w+(?==)/y) ?? ""];
    if (!place || !scanner.take("=")) return false;
    const ones = 2 ** place[2] - 1;
    const found = scanMasked(scanner, (from) => from.unsigned(32), ones);
    if (!found || found.value > ones) return false;
    setBits(key, ...place, found.value);
    setBits(mask, ...place, found.mask);
  }
}
