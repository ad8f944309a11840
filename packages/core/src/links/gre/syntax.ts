// gre and gretap in `ip link`: `type gre [ remote ADDR ] [ local ADDR ] [ key KEY ] [ ttl TTL ] ...`.

import { AF } from "../../netlink/rtnl/types.ts";
import { formatAddress, requireAddress } from "../../tools/ip/addresses.ts";
import { fail, giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { parseUnsigned } from "../../tools/ip/numbers.ts";
import type { Output } from "../../tools/ip/output.ts";
import type { Session } from "../../tools/ip/session.ts";
import { readTunnelKey } from "../../tools/ip/tunnel/tunnel-key.ts";
import { writeU32BE } from "../../wire/bytes.ts";
import { GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE } from "../../wire/gre.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeGreData, encodeGreData } from "./netlink.ts";
import type { GreData } from "./netlink.ts";

const help = (kind: string): string => `Usage: ... ${kind.padEnd(9)}\t[ remote ADDR ]
			[ local ADDR ]
			[ [no][i|o]seq ]
			[ [i|o]key KEY | no[i|o]key ]
			[ [no][i|o]csum ]
			[ ttl TTL ]
			[ tos TOS ]
			[ [no]pmtudisc ]
			[ [no]ignore-df ]
			[ dev PHYS_DEV ]
			[ fwmark MARK ]
			[ external ]
			[ noencap ]
			[ encap { fou | gue | none } ]
			[ encap-sport PORT ]
			[ encap-dport PORT ]
			[ [no]encap-csum ]
			[ [no]encap-csum6 ]
			[ [no]encap-remcsum ]

Where:	ADDR := { IP_ADDRESS | any }
	TOS  := { NUMBER | inherit }
	TTL  := { 1..255 | inherit }
	KEY  := { DOTTED_QUAD | NUMBER }
	MARK := { 0x0..0xffffffff }
`;

type Request = { -readonly [K in keyof GreData]?: GreData[K] };

/** Words that set a bit of the GRE header, in the order in which they are tried. */
const FLAG_WORDS: readonly (readonly [string, number])[] = [
  ["key", GRE_KEY],
  ["seq", GRE_SEQUENCE],
  ["csum", GRE_CHECKSUM],
];

/** Reads the words of one request. */
class Parser {
  readonly #args: Arguments;
  readonly #session: Session;
  readonly #kind: string;
  readonly #request: Request = {
    inputKey: 0,
    outputKey: 0,
    inputFlags: 0,
    outputFlags: 0,
    local: new Uint8Array(4),
    remote: new Uint8Array(4),
    pmtuDiscovery: 1,
    ttl: 0,
    tos: 0,
    mark: 0,
    encapType: 0,
    encapFlags: 0,
    encapSourcePort: 0,
    encapDestinationPort: 0,
  };
  #external = false;

  constructor(args: Arguments, session: Session, kind: string) {
    this.#args = args;
    this.#session = session;
    this.#kind = kind;
  }

  parse(): Request {
    const args = this.#args;
    for (; args.left > 0; args.advance()) this.#word(args.current);
    return this.#external ? { collectMetadata: true } : this.#request;
  }

  #next(): string {
    this.#args.next();
    return this.#args.current;
  }

  #word(word: string): void {
    const args = this.#args;
    const request = this.#request;
    if (this.#flag(word)) return;
    if (matches(word, "nopmtudisc")) request.pmtuDiscovery = 0;
    else if (matches(word, "pmtudisc")) request.pmtuDiscovery = 1;
    else if (matches(word, "remote")) request.remote = this.#address();
    else if (matches(word, "local")) request.local = this.#address();
    else if (matches(word, "dev")) request.link = this.#device();
    else if (matches(word, "ttl") || matches(word, "hoplimit") || matches(word, "hlim")) {
      const text = this.#next();
      // The text has its own end of line, as the original's
      if (text !== "inherit") request.ttl = parseUnsigned(text, 0xff) ?? args.invalid("invalid TTL\n");
    } else if (matches(word, "tos") || matches(word, "tclass") || matches(word, "dsfield")) {
      const text = this.#next();
      request.tos = text === "inherit" ? 1 : (parseUnsigned(text, 0xff, 16) ?? args.invalid("bad TOS value"));
    } else if (word === "noencap") request.encapType = 0;
    else if (word === "encap") this.#encapsulation();
    else if (word === "external") this.#external = true;
    else if (word === "ignore-df") {
      request.ignoreDf = 1;
      // What ignores DF does not look for the path's MTU either.
      request.pmtuDiscovery = 0;
    } else if (word === "noignore-df") request.ignoreDf = 0;
    else if (word === "fwmark") {
      request.mark = parseUnsigned(this.#next()) ?? args.invalid("invalid fwmark");
    } else {
      giveUp(args.process, help(this.#kind));
    }
  }

  /** key, ikey, okey, seq, csum and their like, each with "no" in front. */
  #flag(word: string): boolean {
    const request = this.#request;
    for (const [name, bit] of FLAG_WORDS) {
      for (const [side, sides] of [
        ["", ["inputFlags", "outputFlags"]],
        ["i", ["inputFlags"]],
        ["o", ["outputFlags"]],
      ] as const) {
        const on = matches(word, `${side}${name}`);
        if (!on && !matches(word, `no${side}${name}`)) continue;
        for (const key of sides) {
          const old = request[key] ?? 0;
          request[key] = on ? old | bit : old & ~bit;
        }
        if (bit === GRE_KEY && on) {
          const value = readTunnelKey(this.#args, `${side}${name}`);
          if (side !== "o") request.inputKey = value;
          if (side !== "i") request.outputKey = value;
        }
        return true;
      }
    }
    return false;
  }

  #address(): Uint8Array {
    this.#args.next();
    if (this.#args.current === "any") return new Uint8Array(4);
    return requireAddress(this.#args, AF.INET).bytes;
  }

  #device(): number {
    const name = this.#next();
    const index = this.#session.links.index(name);
    if (index === 0) fail(this.#args.process, 255, `Cannot find device "${name}"\n`);
    return index;
  }

  #encapsulation(): void {
    const types: Readonly<Record<string, number>> = { none: 0, fou: 1, gue: 2 };
    this.#request.encapType = types[this.#next()] ?? this.#args.invalid("Invalid encap type.");
  }
}

function endpoint(out: Output, name: string, bytes: Uint8Array | undefined): void {
  if (!bytes) return;
  const text = bytes.some((byte) => byte !== 0) ? formatAddress(AF.INET, bytes) : "any";
  out.fact(name, text, `${name} ${text} `);
}

/** Keys look like addresses. */
function keyText(key: number): string {
  const bytes = new Uint8Array(4);
  writeU32BE(bytes, 0, key);
  return formatAddress(AF.INET, bytes);
}

function print({ out, links }: Session, payload: Uint8Array): void {
  const data = decodeGreData(payload);
  if (isMalformed(data)) return;
  if (data.collectMetadata) out.fact("external", true, "external ");
  endpoint(out, "remote", data.remote);
  endpoint(out, "local", data.local);
  if (data.link) out.fact("link", links.name(data.link), `dev ${links.name(data.link)} `);
  const { ttl, tos, inputFlags = 0, outputFlags = 0 } = data;
  if (ttl !== undefined) out.fact("ttl", ttl, ttl === 0 ? "ttl inherit " : `ttl ${ttl} `);
  if (tos) {
    const text = `0x${tos.toString(16)}`;
    out.fact("tos", text, tos === 1 ? "tos inherit " : `tos ${text} `);
  }
  if (data.pmtuDiscovery === 0) out.fact("pmtudisc", false, "nopmtudisc ");
  if (data.ignoreDf) out.fact("ignore_df", true, "ignore-df ");
  const key = (name: string, value = 0) => out.fact(name, keyText(value), `${name} ${keyText(value)} `);
  if (inputFlags & GRE_KEY) key("ikey", data.inputKey);
  if (outputFlags & GRE_KEY) key("okey", data.outputKey);
  for (const [name, flags, bit] of [
    ["iseq", inputFlags, GRE_SEQUENCE],
    ["oseq", outputFlags, GRE_SEQUENCE],
    ["icsum", inputFlags, GRE_CHECKSUM],
    ["ocsum", outputFlags, GRE_CHECKSUM],
  ] as const) {
    if (flags & bit) out.fact(name, true, `${name} `);
  }
  if (data.mark) out.fact("fwmark", `0x${data.mark.toString(16)}`, `fwmark 0x${data.mark.toString(16)} `);
  if (data.erspanIndex !== undefined) {
    out.fact("erspan_index", data.erspanIndex, `erspan_index ${data.erspanIndex} `);
  }
  if (data.erspanVersion !== undefined) {
    out.fact("erspan_ver", data.erspanVersion, `erspan_ver ${data.erspanVersion} `);
  }
}

function greSyntaxOf(kind: string): LinkSyntax {
  return {
    kind,
    parse: (args, { session }) => encodeGreData(new Parser(args, session, kind).parse()),
    print,
    help: ({ process }) => process.print(help(kind)),
  };
}

export const greSyntax = greSyntaxOf("gre");
export const gretapSyntax = greSyntaxOf("gretap");
export const erspanSyntax = greSyntaxOf("erspan");
