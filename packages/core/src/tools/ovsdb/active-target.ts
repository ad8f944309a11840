// Where "tcp:" and "ssl:" lead (stream_open_with_default_port() and inet_parse_active() of Open vSwitch's lib), and what the log
// says of those that lead nowhere.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { StreamAddress } from "../../system/stream-sockets.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { ipv6ToBytes, parseIpv6 } from "../../wire/ipv6-address.ts";
import { hostLines } from "../resolver/hosts.ts";

/** IANA's ports, and those that were used before. */
export const OVSDB_PORTS = { name: "OVSDB", now: 6640, before: 6632 } as const;
export const OPENFLOW_PORTS = { name: "OpenFlow", now: 6653, before: 6633 } as const;

type Ports = typeof OVSDB_PORTS | typeof OPENFLOW_PORTS;
type Write = (module: string, level: "err" | "warn", text: string) => void;

export interface ActiveTarget {
  /** With its port. */
  readonly name: string;
  readonly address: StreamAddress;
}

/** Errors: Refusal EAFNOSUPPORT, after the log has said why. */
export function parseActiveTarget(process: Process, text: string, ports: Ports, write: Write): ActiveTarget {
  const isWhole = text.split(":").filter((field) => field !== "").length >= 3;
  if (!isWhole) {
    const change = `has changed from ${ports.before} to ${ports.now}`;
    write("stream", "warn", `The default ${ports.name} port number ${change}`);
  }
  const name = isWhole ? text : `${text}:${ports.now}`;
  const address = addressOf(process, name.slice(name.indexOf(":") + 1), write);
  if (!address) {
    const refusal = new Refusal(ERRNO.EAFNOSUPPORT);
    tellNotConnected(name, refusal, write);
    throw refusal;
  }
  return { name, address };
}

/** Of a connection that is refused the system tells later. */
export function tellNotConnected(name: string, { errno }: Refusal, write: Write): void {
  if (errno === ERRNO.ECONNREFUSED) return;
  write(`stream_${name.slice(0, name.indexOf(":"))}`, "err", `${name}: connect: ${strerror(errno)}`);
}

function addressOf(process: Process, target: string, write: Write): StreamAddress | undefined {
  const complain = (text: string): undefined => {
    write("socket_util", "err", `${target}: ${text}`);
    return undefined;
  };
  const [, bracketed, plain = "", port] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(target) ?? [];
  if (port === undefined || port === "") return complain("port must be specified");
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 0xffff) return complain(`bad port number "${port}"`);
  const found = hostAddress(process, bracketed ?? plain);
  return found && { family: found.length === 4 ? "inet" : "inet6", address: found, port: number };
}

function hostAddress(process: Process, host: string): Uint8Array | undefined {
  const v4 = parseIpv4(host);
  if (v4 !== undefined) return Uint8Array.of(v4 >>> 24, (v4 >>> 16) & 0xff, (v4 >>> 8) & 0xff, v4 & 0xff);
  const v6 = parseIpv6(host);
  if (v6 !== undefined) return ipv6ToBytes(v6);
  return hostLines(process).find(({ names }) => names.includes(host.toLowerCase()))?.address;
}
