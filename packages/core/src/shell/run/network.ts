// /dev/udp/HOST/PORT and /dev/tcp/HOST/PORT (bash(1), REDIRECTION). UDP is a connected socket. The system has no TCP
// sockets: a connection attempt sends its SYN through a raw socket, which is enough to learn how it fails (RFC 9293
// 3.10.7.3: a RST means refused; RFC 5461: hard ICMP errors end the attempt). If it is accepted, it cannot be used.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress, InetSocket } from "../../system/sockets.ts";
import { descriptor } from "../../system/streams.ts";
import type { Descriptor } from "../../system/streams.ts";
import { SECOND } from "../../system/system.ts";

const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;

/** A name or service that cannot be found; bash words these itself. */
export class NetworkNameFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export async function openNetwork(
  process: Process,
  protocol: "tcp" | "udp",
  host: string,
  service: string,
): Promise<Descriptor> {
  const address = resolveHost(process, host);
  if (address === undefined) throw new NetworkNameFault(`${host}: Name or service not known`);
  const port = Number(service);
  if (!/^\d+$/.test(service) || port > 65535) {
    throw new NetworkNameFault(`${service}: Servname not supported for ai_socktype`);
  }
  const family = address.length === 4 ? "inet" : "inet6";
  try {
    if (protocol === "tcp") return await connectTcp(process, family, { address, port });
    const socket = process.inet({ family, type: "datagram", protocol: IPPROTO_UDP });
    socket.connect({ address, port });
    return socketDescriptor(socket);
  } catch (refusal) {
    // bash reports the failed system call before the redirection.
    if (refusal instanceof Refusal) process.warn(`bash: connect: ${strerror(refusal.errno)}\n`);
    throw refusal;
  }
}

function socketDescriptor(socket: InetSocket): Descriptor {
  const back: Uint8Array[] = [];
  return descriptor(
    {
      input: {
        get ready() {
          return back.length > 0 || socket.ready;
        },
        subscribe: (wake) => socket.subscribe(wake),
        read: () => back.pop() ?? socket.receive()?.bytes,
        unread: (bytes) => back.push(bytes),
      },
      output: { ready: true, subscribe: () => () => {}, write: (bytes) => socket.sendTo(bytes) },
    },
    () => socket.close(),
  );
}

/** Text to address bytes: dotted quad, IPv6 text, "localhost", or a name in /etc/hosts. */
function resolveHost(process: Process, host: string): Uint8Array | undefined {
  const literal = parseAddress(host);
  if (literal) return literal;
  let hosts = "";
  try {
    hosts = new TextDecoder().decode(process.files.readFile("/etc/hosts"));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
  for (const line of hosts.split("\n")) {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (address !== undefined && names.includes(host)) return parseAddress(address);
  }
  return host === "localhost" ? Uint8Array.of(127, 0, 0, 1) : undefined;
}

function parseAddress(text: string): Uint8Array | undefined {
  const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (quad) {
    const bytes = quad.slice(1).map(Number);
    return bytes.every((byte) => byte <= 255) ? Uint8Array.from(bytes) : undefined;
  }
  if (!/^[0-9a-fA-F:]+$/.test(text) || !text.includes(":")) return undefined;
  const halves = text.split("::");
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - groups.reduce((sum, group) => sum + group.length, 0);
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return undefined;
  const all =
    halves.length === 2
      ? [...(groups[0] ?? []), ...Array<string>(missing).fill("0"), ...(groups[1] ?? [])]
      : (groups[0] ?? []);
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
/** Retransmissions of a SYN: 1, 2, 4, ... seconds apart, tcp_syn_retries = 6. */
const SYN_TIMEOUTS = [1, 2, 4, 8, 16, 32, 64].map((seconds) => seconds * SECOND);
const EPHEMERAL_FIRST = 32768; // ip_local_port_range
const EPHEMERAL_COUNT = 28232;

async function connectTcp(
  process: Process,
  family: "inet" | "inet6",
  remote: InetAddress,
): Promise<Descriptor> {
  const socket = process.inet({ family, type: "raw", protocol: IPPROTO_TCP });
  try {
    socket.setOption(family === "inet" ? "IP_RECVERR" : "IPV6_RECVERR", true);
    socket.connect({ address: remote.address, port: 0 });
    const local = socket.localAddress().address;
    const port = EPHEMERAL_FIRST + (process.system.random32() % EPHEMERAL_COUNT);
    const segment = synSegment(local, remote, port, process.system.random32());
    for (const timeout of SYN_TIMEOUTS) {
      socket.sendTo(segment);
      const until = process.monotonic() + timeout;
      for (;;) {
        const flags = await answerFlags(process, socket, family, remote.port, port, until);
        if (flags === undefined) break;
        if (flags & RST) throw new Refusal(ERRNO.ECONNREFUSED);
        if ((flags & (SYN | ACK)) === (SYN | ACK)) throw new Refusal(ERRNO.EPROTONOSUPPORT);
      }
    }
    throw new Refusal(ERRNO.ETIMEDOUT);
  } finally {
    socket.close();
  }
}

/** Flags of the next segment from the peer's port to ours; undefined at the time given. Throws pending errors. */
async function answerFlags(
  process: Process,
  socket: InetSocket,
  family: "inet" | "inet6",
  from: number,
  to: number,
  until: number,
): Promise<number | undefined> {
  for (;;) {
    const rest = until - process.monotonic();
    if (rest <= 0 || (await process.wait([socket], rest)) === "timeout") return undefined;
    const error = socket.receiveError();
    if (error) throw new Refusal(error.errno);
    const datagram = socket.receive();
    if (!datagram) continue;
    const { bytes } = datagram;
    const start = family === "inet" ? ((bytes[0] ?? 0) & 0x0f) * 4 : 0;
    const word = (offset: number): number =>
      ((bytes[start + offset] ?? 0) << 8) | (bytes[start + offset + 1] ?? 0);
    if (bytes.length >= start + 20 && word(0) === from && word(2) === to) return bytes[start + 13];
  }
}

/** A TCP header of 20 bytes with SYN set (RFC 9293 3.1). */
function synSegment(local: Uint8Array, remote: InetAddress, port: number, sequence: number): Uint8Array {
  const header = new Uint8Array(20);
  const put = (offset: number, value: number): void => {
    header[offset] = (value >>> 8) & 0xff;
    header[offset + 1] = value & 0xff;
  };
  put(0, port);
  put(2, remote.port);
  put(4, sequence >>> 16);
  put(6, sequence & 0xffff);
  header[12] = 5 << 4; // header length in words
  header[13] = SYN;
  put(14, 64240); // receive window that Linux offers first
  const pseudo = [...local, ...remote.address, 0, IPPROTO_TCP, 0, header.length];
  put(16, checksum([...pseudo, ...header]));
  return header;
}

/** RFC 1071. The caller's bytes are of even number. */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
