// UDP streams of iperf3: a datagram there and one back make sure that both sides know each other (iperf_udp_connect,
// iperf_udp_accept).

import type { Process } from "../../system/process.ts";
import type { InetSocket } from "../../system/sockets.ts";
import { SECOND } from "../../system/system.ts";
import type { InetAddress } from "./addresses.ts";

/** In the order of a little-endian machine: 0x36373839 and 0x39383736. */
const HELLO = Uint8Array.of(0x39, 0x38, 0x37, 0x36);
const ANSWER = Uint8Array.of(0x36, 0x37, 0x38, 0x39);
const IPPROTO_UDP = 17;
const PATIENCE = 30 * SECOND;

function openUdp(process: Process, family: "inet" | "inet6"): InetSocket {
  return process.inet({ family, type: "datagram", protocol: IPPROTO_UDP });
}

export async function connectUdp(
  process: Process,
  { family, address, port }: InetAddress,
  tos: number,
): Promise<InetSocket> {
  const socket = openUdp(process, family);
  if (tos > 0) socket.setOption(family === "inet" ? "IP_TOS" : "IPV6_TCLASS", tos);
  socket.connect({ address, port });
  socket.sendTo(HELLO);
  const end = process.monotonic() + PATIENCE;
  while (socket.receive() === undefined && process.monotonic() < end)
    await process.wait([socket], end - process.monotonic());
  return socket;
}

/** A socket that waits for the first datagram of a stream. */
export function bindUdp(process: Process, port: number): InetSocket {
  const socket = openUdp(process, "inet6");
  socket.setOption("SO_REUSEADDR", true);
  socket.bind({ address: new Uint8Array(16), port });
  return socket;
}

/** The socket belongs to who has spoken. */
export async function acceptUdp(process: Process, socket: InetSocket): Promise<void> {
  for (;;) {
    const datagram = socket.receive();
    if (datagram !== undefined) {
      socket.connect(datagram.from);
      socket.sendTo(ANSWER);
      return;
    }
    await process.wait([socket]);
  }
}
