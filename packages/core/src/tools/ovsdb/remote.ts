// Connection methods of Open vSwitch (ovs(7), "Open vSwitch Connection Methods"): unix:FILE, tcp:HOST:PORT and ssl:HOST:PORT
// connect, punix:FILE, ptcp:PORT and pssl:PORT wait for the other side to do so.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { StreamSsl } from "../../stream-ssl/stream-ssl.ts";
import type { Process } from "../../system/process.ts";
import type { StreamAddress, StreamSocket } from "../../system/stream-sockets.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { ipv6ToBytes, parseIpv6 } from "../../wire/ipv6-address.ts";
import { OVSDB_PORTS, parseActiveTarget, tellNotConnected } from "./active-target.ts";
import type { OPENFLOW_PORTS } from "./active-target.ts";
import type { ToolLog } from "./tool-log.ts";
import { connectSsl, inSsl } from "./tool-ssl.ts";
import { OVS_STREAM } from "./ovs-stream.ts";

/** Where the daemons of this host have their sockets. */
export function runDirectory(process: Process): string {
  return process.env.get("OVS_RUNDIR") ?? "/var/run/openvswitch";
}

export function defaultDatabase(process: Process): string {
  return `unix:${runDirectory(process)}/db.sock`;
}

interface Remote {
  /** For the log. */
  readonly name: string;
  readonly passive: boolean;
  readonly ssl: boolean;
  readonly address: StreamAddress;
}

/** Errors: Refusal EAFNOSUPPORT for a method that there is not, EINVAL for an address that is none. */
export function parseRemote(
  process: Process,
  text: string,
  ports: typeof OVSDB_PORTS | typeof OPENFLOW_PORTS = OVSDB_PORTS,
  write: (module: string, level: "err" | "warn", text: string) => void = () => {},
): Remote {
  const colon = text.indexOf(":");
  const method = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  switch (colon < 0 ? "" : method) {
    case "unix":
    case "punix": {
      const path = rest.startsWith("/") ? rest : `${runDirectory(process)}/${rest}`;
      return { name: text, passive: method === "punix", ssl: false, address: { family: "unix", path } };
    }
    case "tcp":
    case "ssl":
      return { passive: false, ssl: method === "ssl", ...parseActiveTarget(process, text, ports, write) };
    case "ptcp":
    case "pssl": {
      const [port = "", ...host] = rest.split(":");
      return {
        name: text,
        passive: true,
        ssl: method === "pssl",
        address: inetAddress(host.join(":") || "0.0.0.0", port || undefined, ports.now),
      };
    }
    default:
      throw new Refusal(ERRNO.EAFNOSUPPORT);
  }
}

/** HOST:PORT or [HOST]:PORT, or the two apart. */
function inetAddress(text: string, port: string | undefined, defaultPort: number): StreamAddress {
  const match = /^(?:\[(.*?)\]|([^:]*))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? text;
  const number = Number(port ?? match?.[3] ?? defaultPort);
  const v4 = parseIpv4(host);
  if (v4 !== undefined) {
    const address = Uint8Array.of(v4 >>> 24, (v4 >>> 16) & 0xff, (v4 >>> 8) & 0xff, v4 & 0xff);
    return { family: "inet", address, port: number };
  }
  const v6 = parseIpv6(host);
  if (v6 !== undefined) return { family: "inet6", address: ipv6ToBytes(v6), port: number };
  throw new Refusal(ERRNO.EINVAL);
}

/**
 * A connection to a remote, with its handshake done; for a passive one, the first that comes. Errors: Refusal; EAFNOSUPPORT for SSL
 * where there is none.
 */
export async function openRemote(
  process: Process,
  text: string,
  ssl?: StreamSsl,
  log?: ToolLog,
): Promise<StreamSocket> {
  const write = (module: string, level: "err" | "warn", line: string): void =>
    log?.write(module, level, line);
  const remote = parseRemote(process, text, OVSDB_PORTS, write);
  if (remote.ssl && !ssl?.built) throw new Refusal(ERRNO.EAFNOSUPPORT);
  if (!remote.ssl || !ssl) {
    const socket = remote.passive ? await accepted(process, remote) : connected(process, remote, write);
    await untilOpen(process, socket);
    return socket;
  }
  const inside = remote.passive
    ? inSsl(process, ssl, text, await accepted(process, remote), "server")
    : connectSsl(process, ssl, remote.name, remote.address);
  await untilOpen(process, inside);
  if (inside.peerName?.() === undefined) {
    const early = inside.input.read(); // refuses if the handshake has failed
    if (early) inside.input.unread(early);
  }
  return inside;
}

/** Errors: Refusal. */
function connected(
  process: Process,
  { name, address }: Remote,
  write: (module: string, level: "err" | "warn", text: string) => void,
): StreamSocket {
  try {
    return process.connectStream(address, OVS_STREAM);
  } catch (error) {
    if (error instanceof Refusal && address.family !== "unix") tellNotConnected(name, error, write);
    throw error;
  }
}

async function untilOpen(process: Process, { input, output }: StreamSocket): Promise<void> {
  while (!output.ready && !input.ready) await process.wait([output, input]);
}

async function accepted(process: Process, { address }: Remote): Promise<StreamSocket> {
  const listener = process.listenStream(address, OVS_STREAM);
  for (;;) {
    const socket = listener.accept();
    if (socket) {
      listener.close();
      return socket;
    }
    await process.wait([listener]);
  }
}
