// /dev/udp/HOST/PORT and /dev/tcp/HOST/PORT (bash(1), REDIRECTION): connected sockets.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress, InetSocket } from "../../system/sockets.ts";
import { descriptor } from "../../system/streams.ts";
import type { Descriptor } from "../../system/streams.ts";

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

/** connect(2), which bash waits for. */
async function connectTcp(
  process: Process,
  family: "inet" | "inet6",
  remote: InetAddress,
): Promise<Descriptor> {
  const socket = process.connectStream({ family, address: remote.address, port: remote.port });
  try {
    while (!socket.output.ready) await process.wait([socket.output]);
    socket.output.write(new Uint8Array(0)); // tells how it went
  } catch (refusal) {
    socket.close();
    throw refusal;
  }
  const { input, output } = socket;
  return descriptor({ input, output }, () => socket.close());
}
