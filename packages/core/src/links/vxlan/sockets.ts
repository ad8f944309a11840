// The UDP sockets of VXLAN (struct vxlan_sock): devices of a namespace with the same port and the same ideas of what they
// receive share one, which finds the device of a packet by its VNI. Beside them, the devices of a namespace (struct vxlan_net).

import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { Slot } from "../../kernel/slot.ts";
import type { SocketFamily } from "../../kernel/sockets/ip-address.ts";
import { openUdpTunnel } from "../../kernel/sockets/udp-tunnel.ts";
import type { UdpSocket } from "../../kernel/sockets/udp-socket.ts";
import { RECEIVE_FLAGS, VXLAN_F } from "./config.ts";
import type { VxlanDevice } from "./device.ts";

export interface VxlanSocket {
  readonly socket: UdpSocket;
  readonly family: SocketFamily;
  readonly port: number;
  /** RECEIVE_FLAGS of its devices. */
  readonly flags: number;
  readonly devices: VxlanDevice[];
}

/** What a namespace has of VXLAN: devices that send in it, newest first; their sockets. */
export class VxlanNetns {
  readonly devices: VxlanDevice[] = [];
  readonly sockets: VxlanSocket[] = [];
}

const slot = new Slot<VxlanNetns>();

export function vxlanOf(netns: Netns): VxlanNetns {
  let found = slot.of(netns);
  if (found === undefined) slot.set(netns, (found = new VxlanNetns()));
  return found;
}

export type Receiver = (socket: VxlanSocket, packet: Packet) => void;

/** __vxlan_sock_add(). Errors: EADDRINUSE. */
export function joinSocket(device: VxlanDevice, family: SocketFamily, receive: Receiver): VxlanSocket {
  const { config, home } = device;
  const { sockets } = vxlanOf(home);
  const flags = config.flags & RECEIVE_FLAGS;
  let shared = sockets.find(
    (each) => each.family === family && each.port === config.port && each.flags === flags,
  );
  if (shared === undefined) {
    const options = {
      family,
      port: config.port,
      boundDevice: 0,
      zeroChecksum6: (flags & VXLAN_F.UDP_ZERO_CSUM6_RX) !== 0,
    };
    const devices: VxlanDevice[] = [];
    const made: VxlanSocket = {
      socket: openUdpTunnel(home, options, (packet) => receive(made, packet)),
      family,
      port: config.port,
      flags,
      devices,
    };
    sockets.unshift(made);
    shared = made;
  }
  shared.devices.unshift(device);
  return shared;
}

/** The last device closes the socket. */
export function leaveSocket(device: VxlanDevice, shared: VxlanSocket): void {
  const at = shared.devices.indexOf(device);
  if (at >= 0) shared.devices.splice(at, 1);
  if (shared.devices.length > 0) return;
  const { sockets } = vxlanOf(device.home);
  sockets.splice(sockets.indexOf(shared), 1);
  shared.socket.close();
}

/** vxlan_vs_find_vni() */
export function deviceOfVni(
  { devices, flags }: VxlanSocket,
  vni: number,
  ifindex: number,
): VxlanDevice | undefined {
  if (flags & VXLAN_F.VNIFILTER) return undefined; // no VNI was added: the kernel has a table of them, this one has none
  const wanted = flags & VXLAN_F.COLLECT_METADATA ? 0 : vni;
  return devices.find(({ config }) => {
    if (config.vni !== wanted) return false;
    return (config.flags & VXLAN_F.IPV6_LINKLOCAL) === 0 || config.link === ifindex;
  });
}
