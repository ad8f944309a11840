// The UDP sockets of Geneve (struct geneve_sock): devices of a namespace with the same port share one, which finds the device of
// a packet by its VNI and where it comes from. Beside them, the devices of a namespace (struct geneve_net).

import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { Slot } from "../../kernel/slot.ts";
import type { IpAddress, SocketFamily } from "../../kernel/sockets/ip-address.ts";
import { openUdpTunnel } from "../../kernel/sockets/udp-tunnel.ts";
import type { UdpSocket } from "../../kernel/sockets/udp-socket.ts";
import type { GeneveDevice } from "./device.ts";

export interface GeneveSocket {
  readonly socket: UdpSocket;
  readonly family: SocketFamily;
  readonly port: number;
  readonly devices: GeneveDevice[];
}

/** What a namespace has of Geneve: devices that send in it, newest first; their sockets. */
export class GeneveNetns {
  readonly devices: GeneveDevice[] = [];
  readonly sockets: GeneveSocket[] = [];
}

const slot = new Slot<GeneveNetns>();

export function geneveOf(netns: Netns): GeneveNetns {
  let found = slot.of(netns);
  if (found === undefined) slot.set(netns, (found = new GeneveNetns()));
  return found;
}

export type Receiver = (socket: GeneveSocket, packet: Packet) => void;

/** geneve_sock_add(). Errors: EADDRINUSE. */
export function joinSocket(device: GeneveDevice, family: SocketFamily, receive: Receiver): GeneveSocket {
  const { config, home } = device;
  const { sockets } = geneveOf(home);
  let shared = sockets.find((each) => each.family === family && each.port === config.port);
  if (shared === undefined) {
    const { zeroChecksum6, port } = config;
    const made: GeneveSocket = {
      socket: openUdpTunnel(home, { family, port, boundDevice: 0, zeroChecksum6 }, (packet) =>
        receive(made, packet),
      ),
      family,
      port,
      devices: [],
    };
    sockets.unshift(made);
    shared = made;
  }
  shared.devices.unshift(device);
  return shared;
}

/** The last device closes the socket. */
export function leaveSocket(device: GeneveDevice, shared: GeneveSocket): void {
  const at = shared.devices.indexOf(device);
  if (at >= 0) shared.devices.splice(at, 1);
  if (shared.devices.length > 0) return;
  const { sockets } = geneveOf(device.home);
  sockets.splice(sockets.indexOf(shared), 1);
  shared.socket.close();
}

/** geneve_lookup() */
export function deviceOf({ devices }: GeneveSocket, vni: number, from: IpAddress): GeneveDevice | undefined {
  return devices.find(({ config }) => config.external || (config.vni === vni && config.remote === from));
}
