// nc of OpenBSD as Debian ships it (netcat-openbsd 1.219): TCP, datagrams by UDP, and connections by unix sockets.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import type { StreamAddress } from "../../system/stream-sockets.ts";
import { program } from "../coreutils/program.ts";
import { serviceName, servicePort } from "../resolver/databases.ts";
import { hostName, NAME_FAULT, NameFault, numericName, resolveHost } from "../resolver/hosts.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { fail, FAILED, readOptions } from "./options.ts";
import type { NetcatOptions } from "./options.ts";
import { relay } from "./relay.ts";
import type { Peer } from "./relay.ts";
import { accepted, openStream, peerOf, streamOptions } from "./stream.ts";
import { openUdp, probe } from "./udp.ts";

/** How a connection ends that takes longer than -w. */
const IN_PROGRESS = strerror(ERRNO.EINPROGRESS);

export const netcat: Program = program(async (process) => {
  const [options, { host, port }] = readOptions(process);
  if (port === undefined) {
    if (options.udp) fail(process, "datagrams of unix sockets (-uU) are not implemented");
    const path = host ?? "";
    return options.listen
      ? serve(process, options, { family: "unix", path })
      : callUnix(process, options, path);
  }
  return options.listen ? listenOn(process, options, host, port) : call(process, options, host ?? "", port);
});

/** strerror of what is refused by `open`. */
async function attempted<T>(open: () => T | Promise<T>): Promise<T | string> {
  try {
    return await open();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return strerror(refusal.errno);
  }
}

async function callUnix(process: Process, options: NetcatOptions, path: string): Promise<number> {
  const peer = await attempted(() => openStream(process, options, { family: "unix", path }));
  if (typeof peer === "string") fail(process, `${path}: ${peer}`);
  if (options.scan) return 0;
  const status = await relay(process, peer, options);
  peer.close();
  return status;
}

function transportOf({ udp }: NetcatOptions): "tcp" | "udp" {
  return udp ? "udp" : "tcp";
}

/** One port, or a range in the order in which it is tried. */
function portsOf(process: Process, options: NetcatOptions, text: string): number[] {
  const named = options.numeric ? undefined : servicePort(process, text, transportOf(options));
  if (named !== undefined) return [named];
  const [low = "", high = low] = text.split("-");
  for (const part of [low, high]) {
    if (!/^\d+$/.test(part)) fail(process, `port number invalid: ${part}`);
    if (Number(part) < 1) fail(process, `port number too small: ${part}`);
    if (Number(part) > 65535) fail(process, `port number too large: ${part}`);
  }
  const [first = 0, last = 0] = [Number(low), Number(high)].sort((a, b) => a - b);
  const ports = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  if (!options.shuffle) return ports;
  for (let at = ports.length - 1; at > 0; at--) {
    const other = process.system.random32() % (at + 1);
    [ports[at], ports[other]] = [ports[other] ?? 0, ports[at] ?? 0];
  }
  return ports;
}

/** An address and the device that it needs. */
type Found = Pick<ResolvedHost, "address" | "scope">;

function addressesOf(process: Process, options: NetcatOptions, host: string, port: string): readonly Found[] {
  try {
    return resolveHost(process, host, options.family);
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
    return fail(process, `getaddrinfo for host "${host}" port ${port}: ${fault.text}`);
  }
}

// ---- calling

/** Every port of every address, until one is connected; all ports with -z. 0 if one was connected. */
async function call(process: Process, options: NetcatOptions, host: string, port: string): Promise<number> {
  const ports = portsOf(process, options, port);
  const addresses = addressesOf(process, options, host, String(ports[0]));
  let status = FAILED;
  for (const [at, number] of ports.entries()) {
    if (at > 0 && options.interval > 0) await process.sleep(options.interval);
    const connected = await connect(process, options, host, addresses, number);
    if (!connected) continue;
    status = 0;
    if (options.verbose && options.udp && !(await probe(process, connected.peer))) {
      connected.peer.close();
      status = FAILED;
      continue;
    }
    if (options.verbose) told(process, options, host, connected.address, number);
    if (!options.scan) status = await relay(process, connected.peer, options);
    connected.peer.close();
  }
  return status;
}

async function connect(
  process: Process,
  options: NetcatOptions,
  host: string,
  addresses: readonly Found[],
  port: number,
): Promise<{ readonly peer: Peer; readonly address: Found } | undefined> {
  for (const found of addresses) {
    const { address, scope } = found;
    const family = address.length === 4 ? "inet" : "inet6";
    const peer = await attempted<Peer>(() =>
      options.udp
        ? openUdp(process, options, { address, port, scope })
        : openStream(process, options, { family, address, port, scope }),
    );
    if (typeof peer !== "string") return { peer, address: found };
    if (!options.verbose) continue;
    const shown = shownHost(process, options, host, found);
    const how = peer === IN_PROGRESS ? "timed out" : "failed";
    process.warn(`nc: connect to ${shown} port ${port} (${transportOf(options)}) ${how}: ${peer}\n`);
  }
  return undefined;
}

/** As it was typed, with the address that it has. */
function shownHost(process: Process, options: NetcatOptions, host: string, found: Found): string {
  const numeric = numericName(process, found);
  return options.numeric || host === numeric ? host : `${host} (${numeric})`;
}

function told(process: Process, options: NetcatOptions, host: string, address: Found, port: number): void {
  const transport = transportOf(options);
  const service = options.numeric ? undefined : serviceName(process, port, transport);
  const shown = shownHost(process, options, host, address);
  process.warn(`Connection to ${shown} ${port} port [${transport}/${service ?? "*"}] succeeded!\n`);
}

// ---- listening

async function listenOn(
  process: Process,
  options: NetcatOptions,
  host: string | undefined,
  text: string,
): Promise<number> {
  const transport = transportOf(options);
  const port = servicePort(process, text, transport) ?? Number(text);
  if (!/^\d+$/.test(String(port)) || port > 65535)
    fail(process, "getaddrinfo: Servname not supported for ai_socktype");
  const family = options.family ?? (host === undefined ? "inet" : undefined);
  const [{ address, scope } = { address: new Uint8Array(4), scope: 0 }] = addressesOf(
    process,
    { ...options, family },
    host ?? (family === "inet6" ? "::" : "0.0.0.0"),
    text,
  );
  if (!options.udp)
    return serve(process, options, { family: address.length === 4 ? "inet" : "inet6", address, port, scope });
  const report = options.verbose
    ? (what: string, at: Uint8Array, number: number) => reportSocket(process, options, what, at, number)
    : undefined;
  const peer = await attempted(() => openUdp(process, options, { address, port, scope }, report));
  if (typeof peer === "string") fail(process, peer);
  report?.("Bound on", address, port);
  return relay(process, peer, options);
}

/** The file of a socket that nobody listens on any more gives way. */
function removeSocket(process: Process, path: string): void {
  try {
    if (process.files.status(path).type !== "directory") process.files.unlink(path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal; // there is none
  }
}

/** Takes connections: one, or with -k one after the other for ever. */
async function serve(process: Process, options: NetcatOptions, place: StreamAddress): Promise<number> {
  const report = (what: string, at: StreamAddress): void => {
    if (!options.verbose) return;
    if (at.family === "unix") process.warn(`${what} ${at.path}\n`);
    else reportSocket(process, options, what, at.address, at.port);
  };
  const listener = await attempted(() => {
    if (place.family === "unix") removeSocket(process, place.path);
    return process.listenStream(
      place,
      place.family === "unix" ? {} : streamOptions(process, options, place.family),
    );
  });
  if (typeof listener === "string") fail(process, listener);
  if (place.family === "unix") report("Bound on", place);
  report("Listening on", listener.address);
  for (;;) {
    const socket = await accepted(process, listener);
    report("Connection received on", place.family === "unix" ? place : (socket.remote ?? place));
    const peer = peerOf(socket);
    const status = await relay(process, peer, options);
    peer.close();
    if (options.keep) continue;
    listener.close();
    return status;
  }
}

/** getnameinfo(3): a name, or with -n the address; there is no name server to be asked. */
function reportSocket(
  process: Process,
  options: NetcatOptions,
  what: string,
  address: Uint8Array,
  port: number,
): void {
  const name = options.numeric ? numericName(process, { address }) : hostName(process, address);
  process.warn(name === undefined ? `nc: getnameinfo: ${NAME_FAULT.AGAIN}\n` : `${what} ${name} ${port}\n`);
}
