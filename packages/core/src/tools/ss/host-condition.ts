// The operand of src, dst, sport and dport: [FAMILY:]ADDRESS[/LENGTH][:PORT], whose parts depend on the family.

import { globExpression } from "../../system/glob.ts";
import type { Process } from "../../system/process.ts";
import { parseIpv4, writeIpv4Address } from "../../wire/ipv4-address.ts";
import { ipv6ToBytes, parseIpv6 } from "../../wire/ipv6-address.ts";
import { servicePort } from "../resolver/databases.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import { interfaceIndex } from "../resolver/interfaces.ts";
import { etherTypeNumber, netlinkProtocolNumber } from "./names.ts";
import type { Selection } from "./selection.ts";

/** What is wrong with an expression; "usage" shows the help after it. */
export class FilterFault {
  readonly text: string;
  readonly after: "usage" | "plain";
  constructor(text: string, after: "usage" | "plain") {
    this.text = text;
    this.after = after;
  }
}

export interface HostCondition {
  readonly family: "inet" | "unix" | "link" | "netlink";
  readonly port: number | undefined;
  /** Any of them; none matches every address. */
  readonly prefixes: readonly { readonly bytes: Uint8Array; readonly length: number }[];
  /** EtherType or netlink protocol. */
  readonly protocol?: number;
  /** Names of unix sockets. */
  readonly pattern?: RegExp;
}

const FAMILIES = {
  "unix:": "unix",
  "link:": "link",
  "netlink:": "netlink",
  "inet:": "inet",
  "inet6:": "inet6",
} as const;

function unparsable(text = ""): never {
  throw new FilterFault(`${text}Cannot parse dst/src address.\n`, "plain");
}

/** Throws FilterFault. An address of a family narrows the selection to it. */
export function hostCondition(
  process: Process,
  selection: Selection,
  word: string,
  isPort: boolean,
): HostCondition {
  let family = selection.preferred;
  let text = word;
  for (const [prefix, named] of Object.entries(FAMILIES)) {
    if (!text.startsWith(prefix)) continue;
    family = named;
    text = text.slice(prefix.length);
    break;
  }
  const condition = parsed(process, selection, family, text, isPort);
  if (family !== undefined) selection.restrict(family);
  return condition;
}

function parsed(
  process: Process,
  selection: Selection,
  family: Selection["preferred"],
  text: string,
  isPort: boolean,
): HostCondition {
  if (family === "unix")
    return { family, port: undefined, prefixes: [], pattern: globExpression(text, "is") };
  if (family === "link" || family === "netlink") {
    const [address = "", after] = isPort ? ["", text.replace(/^:/, "")] : splitOnce(text);
    const port =
      after === undefined || after === "" || after === "*" ? undefined : localPort(process, family, after);
    const protocol = address === "" || address === "*" ? undefined : protocolNumber(family, address);
    return { family, port, prefixes: [], ...(protocol === undefined ? {} : { protocol }) };
  }
  const { address, port } = isPort ? { address: "", port: text.replace(/^:/, "") } : hostAndPort(text);
  return {
    family: "inet",
    port: port === "" || port.startsWith("*") ? undefined : portNumber(process, selection, port),
    prefixes: address === "" || address.startsWith("*") ? [] : prefixesOf(process, address, family),
  };
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf(":");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function hostAndPort(text: string): { readonly address: string; readonly port: string } {
  const bracketed = /^\[([^\]]*)\](?::?(.*))?$/.exec(text);
  if (bracketed) return { address: bracketed[1] ?? "", port: bracketed[2] ?? "" };
  if (text.startsWith("[")) unparsable();
  if (text.startsWith("*")) return { address: "*", port: text.slice(1).replace(/^:/, "") };
  const from = Math.max(0, text.indexOf("/"));
  const at = text.lastIndexOf(":");
  return at < from ? { address: text, port: "" } : { address: text.slice(0, at), port: text.slice(at + 1) };
}

function integer(text: string): number | undefined {
  if (!/^[-+]?(?:0x[\da-f]+|\d+)$/i.test(text)) return undefined;
  return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
}

function portNumber(process: Process, selection: Selection, text: string): number {
  const number = integer(text);
  if (number !== undefined) return number;
  const udp = selection.tables.has("udp") ? servicePort(process, text, "udp") : undefined;
  const tcp = selection.tables.has("tcp") ? servicePort(process, text, "tcp") : undefined;
  if (udp !== undefined && tcp !== undefined && udp !== tcp) unparsable(`Error: ambiguous port "${text}".\n`);
  return udp ?? tcp ?? unparsable(`Error: "${text}" does not look like a port.\n`);
}

function localPort(process: Process, family: "link" | "netlink", text: string): number {
  const number = integer(text);
  if (number !== undefined) return number;
  if (family === "netlink") return text === "kernel" ? 0 : unparsable();
  return interfaceIndex(process, text) || unparsable();
}

function protocolNumber(family: "link" | "netlink", text: string): number {
  if (family === "netlink") return netlinkProtocolNumber(text) ?? unparsable();
  return etherTypeNumber(text) ?? integer(text) ?? unparsable();
}

/** A prefix, or every address of a host's name. */
function prefixesOf(
  process: Process,
  text: string,
  family: Selection["preferred"],
): { readonly bytes: Uint8Array; readonly length: number }[] {
  const [host = "", lengthText] = text.split("/");
  const bytes = addressBytes(host);
  if (bytes !== undefined) {
    const length = lengthText === undefined ? bytes.length * 8 : (integer(lengthText) ?? -1);
    if (length >= 0 && length <= bytes.length * 8) return [{ bytes, length }];
  } else if (lengthText === undefined) {
    const wanted = family === "inet" || family === "inet6" ? family : undefined;
    try {
      return resolveHost(process, text, wanted).map(({ address }) => ({
        bytes: address,
        length: address.length * 8,
      }));
    } catch (fault) {
      if (!(fault instanceof NameFault)) throw fault;
    }
  }
  return unparsable(`Error: an inet prefix is expected rather than "${text}".\n`);
}

function addressBytes(text: string): Uint8Array | undefined {
  if (/^\d+(?:\.\d+){0,2}$/.test(text)) {
    // Fewer numbers than four are the first ones.
    const parts = text.split(".").map(Number);
    return parts.every((part) => part < 256)
      ? Uint8Array.from({ length: 4 }, (_, at) => parts[at] ?? 0)
      : undefined;
  }
  const v4 = parseIpv4(text);
  if (v4 !== undefined) {
    const bytes = new Uint8Array(4);
    writeIpv4Address(bytes, 0, v4);
    return bytes;
  }
  const v6 = parseIpv6(text);
  return v6 === undefined ? undefined : ipv6ToBytes(v6);
}
