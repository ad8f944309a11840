// Reads the headers of tnl_push(...) from text, as format-header.ts writes them (ovs_parse_tnl_push of Open vSwitch's lib/odp-util.c).

import { writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../wire/ethernet.ts";
import { GENEVE_CRITICAL, GENEVE_ETHERNET, GENEVE_OAM } from "../../wire/geneve.ts";
import { GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE } from "../../wire/gre.ts";
import { parseOptions } from "./geneve-options.ts";
import type { Scanner } from "./scanner.ts";
import { IPV4_HEADER_LENGTH, IPV6_HEADER_LENGTH, TUNNEL_TYPES } from "./tunnel-header.ts";
import type { TunnelHeader } from "./tunnel-header.ts";

const ROOM = 512;

/** From `header(` to its end; undefined if it is wrong, or says another length or type than it has. */
export function parseHeader(scanner: Scanner): TunnelHeader | undefined {
  const reader = new Reader(scanner);
  const { bytes } = reader;
  const size = reader.number("header(size=");
  const type = reader.number(",type=");
  const to = reader.mac(",eth(dst=");
  const from = reader.mac(",src=");
  const etherType = reader.number(",dl_type=");
  reader.word("),");
  if (reader.failed) return undefined;
  writeEthernetHeader(bytes, 0, to, from, etherType);
  const version6 = etherType !== 0x0800;
  const at = version6 ? ipv6(reader) : ipv4(reader);
  const found = transport(reader, at, version6);
  reader.word(")");
  if (!found || reader.failed || found.type !== type || found.length !== size) return undefined;
  return { type, bytes: bytes.slice(0, found.length) };
}

/** Reads one thing after the other and remembers whether all was right. */
class Reader {
  readonly bytes = new Uint8Array(ROOM);
  failed = false;
  readonly #scanner: Scanner;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  word(text: string): boolean {
    const found = this.#scanner.take(text);
    if (!found) this.failed = true;
    return found;
  }

  maybe(text: string): boolean {
    return this.#scanner.take(text);
  }

  number(before: string): number {
    return this.#value(before, () => this.#scanner.unsigned(32)) ?? 0;
  }

  mac(before: string): number {
    return this.#value(before, () => this.#scanner.mac()) ?? 0;
  }

  ipv4(before: string): number {
    return this.#value(before, () => this.#scanner.ipv4()) ?? 0;
  }

  ipv6(before: string): readonly number[] {
    return this.#value(before, () => this.#scanner.ipv6()) ?? [0, 0, 0, 0];
  }

  options(): Uint8Array | undefined {
    return parseOptions(this.#scanner.match(/(?:\{[^}]*\})*/y) ?? "")?.value;
  }

  #value<T>(before: string, read: () => T | undefined): T | undefined {
    if (!this.word(before)) return undefined;
    const value = read();
    if (value === undefined) this.failed = true;
    return value;
  }
}

function ipv4(reader: Reader): number {
  const { bytes } = reader;
  const at = ETHERNET_HEADER_LENGTH;
  writeU8(bytes, at, 0x45);
  writeU32BE(bytes, at + 12, reader.ipv4("ipv4(src="));
  writeU32BE(bytes, at + 16, reader.ipv4(",dst="));
  writeU8(bytes, at + 9, reader.number(",proto="));
  writeU8(bytes, at + 1, reader.number(",tos="));
  writeU8(bytes, at + 8, reader.number(",ttl="));
  writeU16BE(bytes, at + 6, reader.number(",frag="));
  reader.word("),");
  return at + IPV4_HEADER_LENGTH;
}

function ipv6(reader: Reader): number {
  const { bytes } = reader;
  const at = ETHERNET_HEADER_LENGTH;
  reader.ipv6("ipv6(src=").forEach((part, i) => writeU32BE(bytes, at + 8 + 4 * i, part));
  reader.ipv6(",dst=").forEach((part, i) => writeU32BE(bytes, at + 24 + 4 * i, part));
  const label = reader.number(",label=");
  writeU8(bytes, at + 6, reader.number(",proto="));
  const trafficClass = reader.number(",tclass=");
  writeU8(bytes, at + 7, reader.number(",hlimit="));
  writeU32BE(bytes, at, (0x6000_0000 | ((trafficClass & 0xff) << 20) | (label & 0xfffff)) >>> 0);
  reader.word("),");
  return at + IPV6_HEADER_LENGTH;
}

function transport(
  reader: Reader,
  at: number,
  version6: boolean,
): { readonly type: number | undefined; readonly length: number } | undefined {
  const { bytes } = reader;
  if (reader.maybe("gre(")) {
    const flags = reader.number("(flags=");
    writeU16BE(bytes, at, flags);
    writeU16BE(bytes, at + 2, reader.number(",proto="));
    reader.word(")");
    let next = at + 4;
    if (flags & GRE_CHECKSUM) {
      writeU16BE(bytes, next, reader.number(",csum="));
      next += 4;
    }
    for (const [bit, name] of [
      [GRE_KEY, ",key="],
      [GRE_SEQUENCE, ",seq="],
    ] as const) {
      if ((flags & bit) === 0) continue;
      writeU32BE(bytes, next, reader.number(name));
      next += 4;
    }
    reader.word(")");
    return { type: version6 ? TUNNEL_TYPES.ip6gre : TUNNEL_TYPES.gre, length: next };
  }
  writeU16BE(bytes, at, reader.number("udp(src="));
  writeU16BE(bytes, at + 2, reader.number(",dst="));
  writeU16BE(bytes, at + 6, reader.number(",csum="));
  reader.word("),");
  const inner = at + 8;
  if (reader.maybe("vxlan(")) {
    writeU32BE(bytes, inner, reader.number("flags="));
    writeU32BE(bytes, inner + 4, (reader.number(",vni=") << 8) >>> 0);
    reader.word(")");
    return { type: TUNNEL_TYPES.vxlan, length: inner + 8 };
  }
  if (reader.maybe("gtpu(")) {
    writeU8(bytes, inner, reader.number("flags="));
    writeU8(bytes, inner + 1, reader.number(",msgtype="));
    writeU32BE(bytes, inner + 4, reader.number(",teid="));
    reader.word(")");
    return { type: TUNNEL_TYPES.gtpu, length: inner + 8 };
  }
  if (!reader.word("geneve(")) return undefined;
  let flags = 0;
  if (reader.maybe("oam,")) flags |= GENEVE_OAM;
  if (reader.maybe("crit,")) flags |= GENEVE_CRITICAL;
  writeU32BE(bytes, inner + 4, (reader.number("vni=") << 8) >>> 0);
  let length = inner + 8;
  if (reader.maybe(",options(")) {
    const options = reader.options();
    if (!options) return undefined;
    bytes.set(options, length);
    writeU8(bytes, inner, options.length / 4);
    length += options.length;
    reader.word(")");
  }
  reader.word(")");
  writeU8(bytes, inner + 1, flags);
  writeU16BE(bytes, inner + 2, GENEVE_ETHERNET);
  return { type: TUNNEL_TYPES.geneve, length };
}
