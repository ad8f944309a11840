// geneve in `ip link`: `type geneve { id VNI remote ADDR | external } [ ttl TTL ] [ tos TOS ] [ dstport PORT ] ...`.

import { AF } from "../../netlink/rtnl/types.ts";
import { formatAddress, requireAddress } from "../../tools/ip/addresses.ts";
import { giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { parseUnsigned } from "../../tools/ip/numbers.ts";
import type { Output } from "../../tools/ip/output.ts";
import type { Session } from "../../tools/ip/session.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeGeneveData, encodeGeneveData } from "./netlink.ts";
import type { GeneveData } from "./netlink.ts";

const HELP = `Usage: ... geneve id VNI
		remote ADDR
		[ ttl TTL ]
		[ tos TOS ]
		[ df DF ]
		[ flowlabel LABEL ]
		[ dstport PORT ]
		[ [no]external ]
		[ [no]udpcsum ]
		[ [no]udp6zerocsumtx ]
		[ [no]udp6zerocsumrx ]
		[ innerprotoinherit ]

Where:	VNI   := 0-16777215
	ADDR  := IP_ADDRESS
	TOS   := { NUMBER | inherit }
	TTL   := { 1..255 | auto | inherit }
	DF    := { unset | set | inherit }
	LABEL := 0-1048575
`;

const VNI_LIMIT = 1 << 24;
const LABEL_MAX = 0xf_ffff;
const DF_NAMES = ["unset", "set", "inherit"];

type Request = { -readonly [K in keyof GeneveData]?: GeneveData[K] };

const CHECKSUMS: readonly (readonly [string, "udpCsum" | "udpZeroCsum6Tx" | "udpZeroCsum6Rx"])[] = [
  ["udpcsum", "udpCsum"],
  ["udp6zerocsumtx", "udpZeroCsum6Tx"],
  ["udp6zerocsumrx", "udpZeroCsum6Rx"],
];

/** Reads the words of one request. */
class Parser {
  readonly #args: Arguments;
  readonly #request: Request = {};
  readonly #seen = new Set<string>();
  #external = false;

  constructor(args: Arguments) {
    this.#args = args;
  }

  parse(changing: boolean): Request {
    const args = this.#args;
    for (; args.left > 0; args.advance()) this.#word(args.current);
    const request = this.#request;
    if (this.#external && request.id !== undefined) {
      giveUp(args.process, "geneve: both 'external' and vni cannot be specified\n");
    }
    if (!this.#external) {
      if (request.id === undefined) giveUp(args.process, "geneve: missing virtual network identifier\n");
      if (!changing && request.remote === undefined && request.remote6 === undefined) {
        giveUp(args.process, "geneve: remote link partner not specified\n");
      }
    } else request.collectMetadata = true;
    return request;
  }

  #once(attribute: string, key: string): void {
    if (this.#seen.has(attribute)) this.#args.garbage(key);
    this.#seen.add(attribute);
  }

  #value(attribute: string, key = attribute): string {
    this.#args.next();
    this.#once(attribute, key);
    return this.#args.current;
  }

  #word(word: string): void {
    const args = this.#args;
    const request = this.#request;
    if (matches(word, "id") || matches(word, "vni")) {
      const id = parseUnsigned(this.#value("id"));
      request.id = id !== undefined && id < VNI_LIMIT ? id : args.invalid("invalid id");
    } else if (matches(word, "remote")) this.#remote();
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
    } else if (matches(word, "dstport")) {
      request.port = parseUnsigned(this.#value("dstport"), 0xffff) ?? args.invalid("dst port");
    } else if (!this.#switch(word)) {
      if (!matches(word, "help")) args.process.warn(`geneve: unknown command "${word}"?\n`);
      giveUp(args.process, HELP);
    }
  }

  #remote(): void {
    this.#value("remote");
    const { family, bytes } = requireAddress(this.#args, AF.UNSPEC);
    const many = family === AF.INET ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff;
    if (many) this.#args.invalid("invalid remote address");
    if (family === AF.INET6) this.#request.remote6 = bytes;
    else this.#request.remote = bytes;
  }

  #ttl(): void {
    const args = this.#args;
    const ttl = this.#value("ttl");
    if (ttl === "inherit") this.#request.ttlInherit = 1;
    else {
      const value = ttl === "auto" ? 0 : (parseUnsigned(ttl) ?? args.invalid("invalid TTL"));
      this.#request.ttl = value > 255 ? args.invalid("TTL must be <= 255") : value;
      this.#request.ttlInherit = 0;
    }
  }

  #switch(word: string): boolean {
    if (matches(word, "external") || matches(word, "noexternal")) {
      this.#once("external", word);
      this.#external = matches(word, "external");
      return true;
    }
    for (const [name, key] of CHECKSUMS) {
      const on = matches(word, name);
      if (!on && !matches(word, `no${name}`)) continue;
      this.#once(name, word);
      this.#request[key] = on ? 1 : 0;
      return true;
    }
    if (!matches(word, "innerprotoinherit")) return false;
    this.#once("innerprotoinherit", word);
    this.#request.innerProtoInherit = true;
    return true;
  }
}

function print({ out }: Session, payload: Uint8Array): void {
  const data = decodeGeneveData(payload);
  if (isMalformed(data)) return;
  if (data.collectMetadata) out.fact("external", true, "external ");
  if (data.id !== undefined) out.fact("id", data.id, `id ${data.id} `);
  const { remote, remote6 } = data;
  if (remote) {
    const text = formatAddress(AF.INET, remote);
    if (remote.some((byte) => byte !== 0)) out.fact("remote", text, `remote ${text} `);
  } else if (remote6 && remote6.some((byte) => byte !== 0)) {
    const text = formatAddress(AF.INET6, remote6);
    out.fact("remote6", text, `remote ${text} `);
  }
  printHeaderFields(out, data);
  if (data.port !== undefined) out.fact("port", data.port, `dstport ${data.port} `);
  for (const [name, key] of CHECKSUMS) {
    const value = data[key];
    if (value === undefined) continue;
    const json = {
      udpCsum: "udp_csum",
      udpZeroCsum6Tx: "udp_zero_csum6_tx",
      udpZeroCsum6Rx: "udp_zero_csum6_rx",
    };
    out.fact(json[key], value !== 0, `${value === 0 ? "no" : ""}${name} `);
  }
  if (data.innerProtoInherit) out.fact("inner_proto_inherit", true, "innerprotoinherit ");
}

const prefixed = (value: number): string => `0x${value.toString(16)}`;

function printHeaderFields(out: Output, { tos, ttl = 0, ttlInherit, df = 0, label }: GeneveData): void {
  if (ttlInherit) out.fact("ttl", "inherit", "ttl inherit ");
  else out.fact("ttl", ttl, ttl === 0 ? "ttl auto " : `ttl ${ttl} `);
  if (tos) out.fact("tos", prefixed(tos), tos === 1 ? "tos inherit " : `tos ${prefixed(tos)} `);
  const dfName = DF_NAMES[df] ?? "unset";
  if (df !== 0) out.fact("df", dfName, `df ${dfName} `);
  if (label) out.fact("label", prefixed(label), `flowlabel ${prefixed(label)} `);
}

export const geneveSyntax: LinkSyntax = {
  kind: "geneve",
  parse: (args, { changing }) => encodeGeneveData(new Parser(args).parse(changing)),
  print,
  help: ({ process }) => process.print(HELP),
};
