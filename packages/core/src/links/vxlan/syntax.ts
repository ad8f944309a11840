// vxlan in `ip link`: `type vxlan { id VNI | external } [ { group | remote } ADDR ] [ local ADDR ] [ dev DEV ] [ dstport PORT ] ...`.

import { AF } from "../../netlink/rtnl/types.ts";
import { formatAddress, requireAddress } from "../../tools/ip/addresses.ts";
import { fail, giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import type { LinkParser, LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { parseUnsigned } from "../../tools/ip/numbers.ts";
import type { Output } from "../../tools/ip/output.ts";
import type { Session } from "../../tools/ip/session.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeVxlanData, encodeVxlanData } from "./netlink.ts";
import type { VxlanData } from "./netlink.ts";

const HELP = `Usage: ... vxlan id VNI
		[ { group | remote } IP_ADDRESS ]
		[ local ADDR ]
		[ ttl TTL ]
		[ tos TOS ]
		[ df DF ]
		[ flowlabel LABEL ]
		[ dev PHYS_DEV ]
		[ dstport PORT ]
		[ srcport MIN MAX ]
		[ [no]learning ]
		[ [no]proxy ]
		[ [no]rsc ]
		[ [no]l2miss ]
		[ [no]l3miss ]
		[ ageing SECONDS ]
		[ maxaddress NUMBER ]
		[ [no]udpcsum ]
		[ [no]udp6zerocsumtx ]
		[ [no]udp6zerocsumrx ]
		[ [no]remcsumtx ] [ [no]remcsumrx ]
		[ [no]external ] [ gbp ] [ gpe ]
		[ [no]vnifilter ]

Where:	VNI	:= 0-16777215
	ADDR	:= { IP_ADDRESS | any }
	TOS	:= { NUMBER | inherit }
	TTL	:= { 1..255 | auto | inherit }
	DF	:= { unset | set | inherit }
	LABEL := 0-1048575
`;

const VNI_LIMIT = 1 << 24;
const LABEL_MAX = 0xf_ffff;
const GPE_PORT = 4790;
const DF_NAMES = ["unset", "set", "inherit"];

type Request = { -readonly [K in keyof VxlanData]?: VxlanData[K] };
type Key = keyof VxlanData;

/** Words that switch something on, or off with "no" in front; in the order in which they are tried. */
const SWITCHES: readonly (readonly [string, Key])[] = [
  ["learning", "learning"],
  ["proxy", "proxy"],
  ["rsc", "rsc"],
  ["l2miss", "l2miss"],
  ["l3miss", "l3miss"],
  ["udpcsum", "udpCsum"],
  ["udp6zerocsumtx", "udpZeroCsum6Tx"],
  ["udp6zerocsumrx", "udpZeroCsum6Rx"],
  ["remcsumtx", "remcsumTx"],
  ["remcsumrx", "remcsumRx"],
  ["external", "collectMetadata"],
];

/** Reads the words of one request. */
class Parser {
  readonly #args: Arguments;
  readonly #session: Session;
  readonly #request: Request = {};
  readonly #seen = new Set<string>();
  #group: "group" | "remote" | undefined;

  constructor(args: Arguments, session: Session) {
    this.#args = args;
    this.#session = session;
  }

  parse(changing: boolean): Request {
    const args = this.#args;
    for (; args.left > 0; args.advance()) this.#word(args.current);
    return this.#finish(changing);
  }

  /** check_duparg(): the value is the word after the current one, or for a switch the word itself. */
  #once(attribute: string, key: string): void {
    if (this.#seen.has(attribute)) this.#args.garbage(key);
    this.#seen.add(attribute);
  }

  /** The value of a keyword, which may be given once. */
  #value(attribute: string, key = attribute): string {
    this.#args.next();
    this.#once(attribute, key);
    return this.#args.current;
  }

  #word(word: string): void {
    const args = this.#args;
    const request = this.#request;
    if (matches(word, "id") || matches(word, "vni")) {
      this.#value("id");
      const id = parseUnsigned(args.current);
      request.id = id !== undefined && id < VNI_LIMIT ? id : args.invalid("invalid id");
    } else if (matches(word, "group")) this.#remote("group");
    else if (matches(word, "remote")) this.#remote("remote");
    else if (matches(word, "local")) this.#local();
    else if (matches(word, "dev")) this.#device();
    else if (matches(word, "ttl") || matches(word, "hoplimit")) this.#ttl();
    else if (matches(word, "tos") || matches(word, "dsfield")) {
      const tos = this.#value("tos");
      request.tos = tos === "inherit" ? 1 : (parseUnsigned(tos, 0xff, 16) ?? args.invalid("bad TOS value"));
    } else if (matches(word, "df")) {
      const df = DF_NAMES.indexOf(this.#value("df"));
      request.df = df < 0 ? args.invalid("DF must be 'unset', 'set' or 'inherit'") : df;
    } else if (matches(word, "label") || matches(word, "flowlabel")) {
      const label = parseUnsigned(this.#value("label", "flowlabel"));
      request.label = label !== undefined && label <= LABEL_MAX ? label : args.invalid("invalid flowlabel");
    } else if (matches(word, "ageing")) {
      const age = this.#value("ageing");
      request.ageing = age === "none" ? 0 : (parseUnsigned(age) ?? args.invalid("ageing timer"));
    } else if (matches(word, "maxaddress")) {
      const limit = this.#value("maxaddress");
      request.limit = limit === "unlimited" ? 0 : (parseUnsigned(limit) ?? args.invalid("max addresses"));
    } else if (matches(word, "port") || matches(word, "srcport")) this.#sourcePorts();
    else if (matches(word, "dstport")) {
      request.port = parseUnsigned(this.#value("dstport"), 0xffff) ?? args.invalid("dst port");
    } else if (!this.#switch(word)) this.#flag(word);
  }

  #remote(key: "group" | "remote"): void {
    const { process } = this.#args;
    if (this.#group !== undefined && this.#group !== key) {
      giveUp(process, "vxlan: both group and remote cannot be specified\n");
    }
    this.#value("group", key);
    const { family, bytes } = requireAddress(this.#args, this.#familyOf("local"));
    const many = family === AF.INET ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff;
    if (many !== (key === "group")) this.#args.invalid(`invalid ${key} address`);
    this.#group = key;
    if (family === AF.INET6) this.#request.group6 = bytes;
    else this.#request.group = bytes;
  }

  #local(): void {
    this.#value("local");
    const { family, bytes } = requireAddress(this.#args, this.#familyOf("group"));
    const many = family === AF.INET ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff;
    if (many) this.#args.invalid("invalid local address");
    if (family === AF.INET6) this.#request.local6 = bytes;
    else this.#request.local = bytes;
  }

  /** The family that the other address fixes; unspecified if it is not there yet. */
  #familyOf(other: "local" | "group"): number {
    const request = this.#request;
    if ((other === "local" ? request.local : request.group) !== undefined) return AF.INET;
    return (other === "local" ? request.local6 : request.group6) === undefined ? AF.UNSPEC : AF.INET6;
  }

  #device(): void {
    const name = this.#value("dev");
    const index = this.#session.links.index(name);
    if (index === 0) fail(this.#args.process, 255, `Cannot find device "${name}"\n`);
    this.#request.link = index;
  }

  #ttl(): void {
    const args = this.#args;
    const ttl = this.#value("ttl");
    if (ttl === "inherit") this.#request.ttlInherit = true;
    else if (ttl === "auto") this.#request.ttl = 0;
    else {
      const value = parseUnsigned(ttl) ?? args.invalid("invalid TTL");
      this.#request.ttl = value > 255 ? args.invalid("TTL must be <= 255") : value;
    }
  }

  #sourcePorts(): void {
    const args = this.#args;
    const low = parseUnsigned(this.#value("srcport"), 0xffff) ?? args.invalid("min port");
    const high = args.nextUnsigned("max port", 0xffff);
    if (low !== 0 || high !== 0) this.#request.portRange = { low, high };
  }

  #switch(word: string): boolean {
    for (const [name, key] of SWITCHES) {
      const on = matches(word, name);
      if (!on && !matches(word, `no${name}`)) continue;
      this.#once(key, word);
      Object.assign(this.#request, { [key]: on ? 1 : 0 });
      if (key === "collectMetadata" && on) this.#request.learning = 0;
      return true;
    }
    return false;
  }

  #flag(word: string): void {
    const { process } = this.#args;
    if (matches(word, "gbp") || matches(word, "gpe")) {
      const key = matches(word, "gbp") ? "gbp" : "gpe";
      this.#once(key, word);
      this.#request[key] = true;
    } else if (matches(word, "vnifilter") || matches(word, "novnifilter")) {
      this.#once("vnifilter", word);
      this.#request.vnifilter = matches(word, "vnifilter") ? 1 : 0;
    } else {
      if (!matches(word, "help")) process.warn(`vxlan: unknown command "${word}"?\n`);
      giveUp(process, HELP);
    }
  }

  #finish(changing: boolean): Request {
    const { process } = this.#args;
    const request = this.#request;
    const external = request.collectMetadata === 1;
    if (!external && request.vnifilter === 1) {
      giveUp(process, "vxlan: vnifilter is valid only when 'external' is set\n");
    }
    if (external && request.id !== undefined) {
      giveUp(process, "vxlan: both 'external' and vni cannot be specified\n");
    }
    if (!external && request.id === undefined && !changing) {
      giveUp(process, "vxlan: missing virtual network identifier\n");
    }
    if (this.#group === "group" && request.link === undefined) {
      giveUp(process, "vxlan: 'group' requires 'dev' to be specified\n");
    }
    if (request.port === undefined && request.gpe !== undefined) request.port = GPE_PORT;
    else if (request.port === undefined && !changing) {
      process.warn(
        "vxlan: destination port not specified\nWill use Linux kernel default (non-standard value)\n",
      );
      process.warn(
        "Use 'dstport 4789' to get the IANA assigned value\nUse 'dstport 0' to get default and quiet this message\n",
      );
    }
    if (request.port === 0) delete request.port;
    if (!changing) request.learning ??= 1;
    return request;
  }
}

function printEndpoint(
  out: Output,
  names: { readonly v4: string; readonly v6: string; readonly word: string },
  v4: Uint8Array | undefined,
  v6: Uint8Array | undefined,
): void {
  const bytes = v4 ?? v6;
  if (bytes === undefined || bytes.every((byte) => byte === 0)) return;
  const text = formatAddress(v4 === undefined ? AF.INET6 : AF.INET, bytes);
  out.fact(v4 === undefined ? names.v6 : names.v4, text, `${names.word} ${text} `);
}

function isMulticast(v4: Uint8Array | undefined, v6: Uint8Array | undefined): boolean {
  return v4 === undefined ? v6?.[0] === 0xff : ((v4[0] ?? 0) & 0xf0) === 0xe0;
}

function print({ out, links }: Session, payload: Uint8Array): void {
  const data = decodeVxlanData(payload);
  if (isMalformed(data)) return;
  if (data.collectMetadata) out.fact("external", true, "external ");
  if (data.vnifilter) out.fact("vnifilter", true, "vnifilter");
  if (data.id === undefined) return;
  out.fact("id", data.id, `id ${data.id} `);
  const word = isMulticast(data.group, data.group6) ? "group" : "remote";
  printEndpoint(out, { v4: word, v6: `${word}6`, word }, data.group, data.group6);
  printEndpoint(out, { v4: "local", v6: "local6", word: "local" }, data.local, data.local6);
  if (data.link) out.fact("link", links.name(data.link), `dev ${links.name(data.link)} `);
  if (data.portRange !== undefined) {
    const { low, high } = data.portRange;
    if (out.json) {
      out.openObject("port_range");
      out.fact("low", low, "");
      out.fact("high", high, "");
      out.closeObject();
    } else out.text(`srcport ${low} ${high} `);
  }
  if (data.port !== undefined) out.fact("port", data.port, `dstport ${data.port} `);
  if (data.learning !== undefined) {
    out.fact("learning", data.learning !== 0, data.learning === 0 ? "nolearning " : "");
  }
  for (const name of ["proxy", "rsc", "l2miss", "l3miss"] as const) {
    if (data[name]) out.fact(name, true, `${name} `);
  }
  printHeaderFields(out, data);
  printAgeing(out, data);
  printChecksums(out, data);
  for (const name of ["gbp", "gpe"] as const) if (data[name]) out.fact(name, true, `${name} `);
}

const prefixed = (value: number): string => `0x${value.toString(16)}`;

function printHeaderFields(out: Output, { tos, ttl = 0, ttlInherit, df = 0, label }: VxlanData): void {
  if (tos) out.fact("tos", prefixed(tos), tos === 1 ? "tos inherit " : `tos ${prefixed(tos)} `);
  if (ttlInherit) out.text("ttl inherit ");
  else if (ttl !== 0) out.fact("ttl", ttl, `ttl ${ttl} `);
  else out.fact("ttl", 0, "ttl auto ");
  const dfName = DF_NAMES[df] ?? "unset";
  out.fact("df", dfName, df === 0 ? "" : `df ${dfName} `);
  if (label) out.fact("label", prefixed(label), `flowlabel ${prefixed(label)} `);
}

function printAgeing(out: Output, { ageing, limit }: VxlanData): void {
  if (ageing !== undefined) out.fact("ageing", ageing, ageing === 0 ? "ageing none " : `ageing ${ageing} `);
  if (limit) out.fact("limit", limit, `maxaddr ${limit} `);
}

function printChecksums(out: Output, data: VxlanData): void {
  const sayings = [
    ["udp_csum", data.udpCsum, "udpcsum"],
    ["udp_zero_csum6_tx", data.udpZeroCsum6Tx, "udp6zerocsumtx"],
    ["udp_zero_csum6_rx", data.udpZeroCsum6Rx, "udp6zerocsumrx"],
  ] as const;
  for (const [key, value, word] of sayings) {
    if (value !== undefined) out.fact(key, value !== 0, `${value === 0 ? "no" : ""}${word} `);
  }
  if (data.remcsumTx) out.fact("remcsum_tx", true, "remcsumtx ");
  if (data.remcsumRx) out.fact("remcsum_rx", true, "remcsumrx ");
}

export const vxlanSyntax: LinkSyntax = {
  kind: "vxlan",
  parse: (args, { session, changing }: LinkParser) =>
    encodeVxlanData(new Parser(args, session).parse(changing)),
  print,
  help: ({ process }) => process.print(HELP),
};
