// Nobody listens on the port of UDP or TCP that was asked for; or somebody does, but not for this packet: on another address, for IPv6 alone, on
// another device.

import { CERTAINTY, evidenceOf, inPlace, seenIn } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import { formatBytes, inNamespace } from "../network-state.ts";
import type { PlaceState, SocketState } from "../network-state.ts";

/** Why a socket with the port does not take what is for an address. */
function why(socket: SocketState, place: PlaceState, to: Uint8Array): string {
  const { local, remote, device } = socket;
  if (!(to.length === 4 ? socket.ipv4 : socket.ipv6))
    return `it takes ${to.length === 4 ? "IPv6" : "IPv4"} only`;
  if (local !== undefined && formatBytes(local) !== formatBytes(to))
    return `it listens on ${formatBytes(local)} only`;
  if (remote !== undefined) return `it is connected to ${formatBytes(remote)} port ${socket.remotePort}`;
  const bound = place.links.find(({ index }) => index === device);
  return bound === undefined ? "it does not take this packet" : `it is bound to ${bound.name}`;
}

function examine(view: View, transport: "udp" | "tcp"): Diagnosis[] {
  const { port } = view;
  const [there] = view.ways;
  if (port === undefined || (view.transport ?? "udp") !== transport) return [];
  if (there === undefined || there.end !== "arrived") return [];
  const { place, to } = there;
  const drop = seenIn(view, place, "NO_SOCKET");
  if (drop === undefined) return [];
  const sockets = transport === "udp" ? place.udpSockets() : place.tcpListeners();
  const first = sockets.find((socket) => socket.port === port);
  const what = first === undefined ? "no socket" : "a socket, but not for this packet,";
  const who = `${place.name} has ${what} on ${transport.toUpperCase()} port ${port}`;
  return [
    {
      id: `${transport}-closed`,
      place: inPlace(place),
      problem: first === undefined ? who : `${who}: ${why(first, place, to)}`,
      evidence: [...evidenceOf(drop), inNamespace(place, `ss -${transport[0]}ln sport = ${port}`)],
      // Which program is to listen, only a person knows.
      fix: [],
      certainty: CERTAINTY.SEEN,
    },
  ];
}

export const udpClosed: Entry = {
  id: "udp-closed",
  title: "no socket takes datagrams for a UDP port",
  examine: (view) => examine(view, "udp"),
};

export const tcpClosed: Entry = {
  id: "tcp-closed",
  title: "no socket listens on a TCP port",
  examine: (view) => examine(view, "tcp"),
};
