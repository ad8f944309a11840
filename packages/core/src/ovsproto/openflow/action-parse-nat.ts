/** The arguments of nat(...) and sample(...). */
import { parseIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { Action, Nat } from "./actions.ts";
import { scanIpv4 } from "./address-text.ts";
import { parseU16, parseU32 } from "./c-numbers.ts";
import { keyValues } from "./key-values.ts";
import { parsePort } from "./names.ts";
import type { Names } from "./names.ts";
import { Port } from "./ports.ts";
import { TextError } from "./text-error.ts";

const refuse = (text: string): never => {
  throw new TextError(text);
};

interface NatRange {
  readonly addresses: Nat["addresses"];
  readonly ports: Nat["ports"];
}

const V6_WORD = /^(?:\[([0-9a-fA-F:.]{1,46})\]|([0-9a-fA-F:.]{1,46}))/;

function scanNatIpv6(text: string): { address: Ipv6Address; length: number } | undefined {
  const word = V6_WORD.exec(text);
  const address = parseIpv6(word?.[1] ?? word?.[2] ?? "");
  return address === undefined || !word ? undefined : { address, length: word[0].length };
}

function parseNatRange(text: string): NatRange {
  const invalid = () => refuse(`invalid nat range "${text}"`);
  let at = 0;
  let addresses: Nat["addresses"];
  const v4 = scanIpv4(text);
  const v6 = v4 ? undefined : scanNatIpv6(text);
  if (v4) {
    at = v4.length;
    let max: number | undefined;
    if (text[at] === "-") {
      const second = scanIpv4(text.slice(at + 1));
      if (!second || second.value < v4.value) return invalid();
      max = Number(second.value);
      at += 1 + second.length;
    }
    addresses = { family: 4, min: Number(v4.value), max };
  } else if (v6) {
    at = v6.length;
    let max: Ipv6Address | undefined;
    if (text[at] === "-") {
      const second = scanNatIpv6(text.slice(at + 1));
      if (!second || second.address < v6.address) return invalid();
      max = second.address;
      at += 1 + second.length;
    }
    addresses = { family: 6, min: v6.address, max };
  } else at = V6_WORD.exec(text)?.[0].length ?? 0; // what only looks like an address has been read, too
  let ports: Nat["ports"];
  if (addresses && text[at] === ":") {
    const match = /^:(\d+)(?:(-)(\d+)?)?/.exec(text.slice(at));
    if (!match || Number(match[1]) > 0xffff) return invalid();
    const max = match[3] === undefined ? undefined : Number(match[3]);
    if (match[2] !== undefined && (max === undefined || max > 0xffff || max < Number(match[1])))
      return invalid();
    at += match[0].length;
    ports = Number(match[1]) === 0 ? undefined : { min: Number(match[1]), max: max === 0 ? undefined : max };
  }
  if (at !== text.length) refuse(`garbage (${text.slice(at)}) after nat range "${text}" (pos: ${at})`);
  return { addresses, ports };
}

export function parseNat(text: string): Nat {
  let src = false;
  let dst = false;
  let persistent = false;
  let hash = false;
  let random = false;
  let range: NatRange = { addresses: undefined, ports: undefined };
  for (const { key, value } of keyValues(text)) {
    if (key === "src" || key === "dst") {
      if (key === "src") src = true;
      else dst = true;
      range = parseNatRange(value);
    } else if (key === "persistent") persistent = true;
    else if (key === "hash") hash = true;
    else if (key === "random") random = true;
    else refuse(`invalid key "${key}" in "nat" argument`);
  }
  if (src && dst) refuse('May only specify one of "src" or "dst".');
  if (!src && !dst && (persistent || hash || random)) refuse('Flags allowed only with "src" or "dst".');
  if (hash && random) refuse('Both "hash" and "random" are not allowed.');
  const direction = src ? "src" : dst ? "dst" : undefined;
  return {
    type: "nat",
    direction,
    ...range,
    persistent,
    protocol: hash ? "hash" : random ? "random" : undefined,
  };
}

export function parseSample(text: string, names: Names | undefined): Action {
  let probability = 0;
  let collectorSet = 0;
  let domain = 0;
  let point = 0;
  let samplingPort: number = Port.NONE;
  let direction: "ingress" | "egress" | undefined;
  for (const { key, value } of keyValues(text)) {
    if (key === "probability") {
      probability = parseU16(value, "probability");
      if (probability === 0) refuse(`invalid probability value "${value}"`);
    } else if (key === "collector_set_id") collectorSet = parseU32(value);
    else if (key === "obs_domain_id") domain = parseU32(value);
    else if (key === "obs_point_id") point = parseU32(value);
    else if (key === "sampling_port")
      samplingPort = parsePort(value, names) ?? refuse(`${value}: unknown port`);
    else if (key === "ingress" || key === "egress") direction = key;
    else refuse(`invalid key "${key}" in "sample" argument`);
  }
  if (probability === 0) refuse('non-zero "probability" must be specified on sample');
  return { type: "sample", probability, collectorSet, domain, point, samplingPort, direction };
}
