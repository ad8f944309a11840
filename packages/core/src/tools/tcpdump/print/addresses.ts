// Addresses and ports as text. Each is made once and kept, as tcpdump keeps them. With -n addresses stay numbers; without,
// hosts, services, protocols and vendors get their names, as far as the files of the host know them.

import { readU16BE, readU24BE, readU48BE, readU8 } from "../../../wire/bytes.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import { IP_PROTOCOL_NAMES } from "./ip-protocol-names.ts";
import { hex2 } from "./numbers.ts";
import { OUI_NAMES } from "./oui-names.ts";

/** What the host knows about names. */
export interface HostNames {
  /** /etc/hosts for 4 or 16 bytes. */
  host(address: Uint8Array): string | undefined;
  /** /etc/ethers, for a MAC as a number. */
  ether(address: number): string | undefined;
  /** /etc/services */
  service(port: number, protocol: "tcp" | "udp"): string | undefined;
}

/** inet_ntop(3): the longest run of zeros, of two groups at least, becomes "::"; mapped and compatible addresses keep dots. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  let best = -1;
  let bestLength = 0;
  for (let group = 0; group < 8;) {
    if (readU16BE(bytes, at + 2 * group) !== 0) {
      group++;
      continue;
    }
    const start = group;
    while (group < 8 && readU16BE(bytes, at + 2 * group) === 0) group++;
    if (group - start > bestLength) [best, bestLength] = [start, group - start];
  }
  if (bestLength < 2) best = -1;
  let text = "";
  for (let group = 0; group < 8; group++) {
    if (best >= 0 && group >= best && group < best + bestLength) {
      if (group === best) text += ":";
      continue;
    }
    if (group > 0) text += ":";
    const dotted =
      group === 6 &&
      best === 0 &&
      (bestLength === 6 || (bestLength === 5 && readU16BE(bytes, at + 10) === 0xffff));
    if (dotted) {
      return `${text}${readU8(bytes, at + 12)}.${readU8(bytes, at + 13)}.${readU8(bytes, at + 14)}.${readU8(bytes, at + 15)}`;
    }
    text += readU16BE(bytes, at + 2 * group).toString(16);
  }
  return best >= 0 && best + bestLength === 8 ? `${text}:` : text;
}

const BROADCAST = 0xffff_ffff_ffff;

export class Addresses {
  readonly #numeric: boolean;
  readonly #short: boolean;
  readonly #names: HostNames | undefined;
  readonly #ipv4 = new Map<number, string>();
  readonly #ipv6 = new Map<string, string>();
  readonly #mac = new Map<number, string>();
  readonly #tcp = new Map<number, string>();
  readonly #udp = new Map<number, string>();

  /** Without `names` everything stays numeric (-n). */
  constructor(names: HostNames | undefined, short = false) {
    this.#names = names;
    this.#numeric = names === undefined;
    this.#short = short;
  }

  #host(address: Uint8Array): string | undefined {
    const name = this.#names?.host(address);
    return name !== undefined && this.#short ? name.replace(/\..*$/, "") : name;
  }

  ipv4(address: number): string {
    let text = this.#ipv4.get(address);
    if (text === undefined) {
      const bytes = Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
      text = this.#host(bytes) ?? formatIpv4(address);
      this.#ipv4.set(address, text);
    }
    return text;
  }

  ipv6(bytes: Uint8Array, at: number): string {
    const numeric = ipv6Text(bytes, at);
    if (this.#numeric) return numeric;
    let text = this.#ipv6.get(numeric);
    if (text === undefined) {
      text = this.#host(bytes.slice(at, at + 16)) ?? numeric;
      this.#ipv6.set(numeric, text);
    }
    return text;
  }

  /** Six bytes; without -n with the vendor. */
  mac(bytes: Uint8Array, at: number): string {
    const address = readU48BE(bytes, at);
    let text = this.#mac.get(address);
    if (text !== undefined) return text;
    const name = this.#names?.ether(address);
    if (name !== undefined) text = name;
    else if (!this.#numeric && address === BROADCAST) text = "Broadcast";
    else {
      text = hex2(readU8(bytes, at));
      for (let index = 1; index < 6; index++) text += `:${hex2(readU8(bytes, at + index))}`;
      if (!this.#numeric) text += ` (oui ${OUI_NAMES.get(readU24BE(bytes, at)) ?? "Unknown"})`;
    }
    this.#mac.set(address, text);
    return text;
  }

  tcpPort(port: number): string {
    return this.#port(this.#tcp, port, "tcp");
  }

  udpPort(port: number): string {
    return this.#port(this.#udp, port, "udp");
  }

  #port(known: Map<number, string>, port: number, protocol: "tcp" | "udp"): string {
    let text = known.get(port);
    if (text === undefined) {
      text = this.#names?.service(port, protocol) ?? String(port);
      known.set(port, text);
    }
    return text;
  }

  /** Name of an IP protocol; undefined with -n. */
  protocolName(protocol: number): string | undefined {
    return this.#numeric ? undefined : IP_PROTOCOL_NAMES.get(protocol);
  }
}
