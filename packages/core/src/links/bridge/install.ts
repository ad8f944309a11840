// Ties the bridge into the kernel: device events of ports, BPDUs that come in, and its part of netlink
// (net/bridge/br.c).

import type { NetDevice } from "../../kernel/device.ts";
import type { DeviceEvent, Kernel } from "../../kernel/kernel.ts";
import type { Packet } from "../../kernel/packet.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { ethDestination } from "../../wire/ethernet.ts";
import {
  LLC_HEADER_LENGTH,
  LLC_UI,
  llcControl,
  llcDestinationSap,
  LlcSap,
  llcSourceSap,
} from "../../wire/llc.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeBpdu } from "../../wire/stp.ts";
import { readU16BE } from "../../wire/bytes.ts";
import { changePortAddress } from "./fdb.ts";
import { installBridgeIoctls } from "./ioctl.ts";
import { addMdb, deleteMdb, dumpMdb } from "./mdb-requests.ts";
import { adjustMtu, checkCarrier, removePort } from "./membership.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { portOf } from "./port.ts";
import { notifyPort } from "./port-message.ts";
import { fromWireTime } from "./stp-bpdu.ts";
import { disablePort, enablePort, isOperational, recalculateBridgeId } from "./stp-ports.ts";
import { receivedConfig, receivedTcn } from "./stp.ts";
import { changeVlans, dumpVlans } from "./vlan-requests.ts";
import { updateBound } from "./vlan-binding.ts";
import { initializeBridgeVlans } from "./vlan.ts";
import { bridgeOf } from "./sysfs-bridge.ts";

const ETH_P_802_2 = 4;

/** br_device_event() */
function deviceEvent(device: NetDevice, event: DeviceEvent): void {
  if (device.kind?.kind === "bridge" && event.type === "register") initializeBridgeVlans(bridgeOf(device));
  if (device.kind?.kind === "bridge" && (event.type === "change" || event.type === "up")) {
    updateBound(bridgeOf(device));
  }
  const port = portOf(device);
  if (!port) return;
  portEvent(port, event);
  if (event.type === "change" || event.type === "up" || event.type === "down") updateBound(port.bridge);
}

function portEvent(port: BridgePort, event: DeviceEvent): void {
  const { device } = port;
  const { bridge } = port;
  let told = false;
  switch (event.type) {
    case "changeMtu":
      adjustMtu(bridge);
      return;
    case "changeAddress":
      changePortAddress(port, device.address);
      if (recalculateBridgeId(bridge)) bridge.kernel.tell(bridge.device, { type: "changeAddress" });
      break;
    case "change":
      told = checkCarrier(port);
      break;
    case "down":
      if (bridge.device.up) {
        disablePort(port);
        told = true;
      }
      break;
    case "up":
      if (bridge.device.up && isOperational(device)) {
        enablePort(port);
        told = true;
      }
      break;
    case "unregister":
      removePort(bridge, device);
      return;
    default:
      return;
  }
  if (!told) notifyPort(bridge, port, RTM.NEWLINK);
}

/** llc_rcv() and stp_pdu_rcv(): frames with an LLC header; only those of the spanning tree have a receiver. */
function receiveLlc(packet: Packet): void {
  const { bytes, start, mac, device } = packet;
  const length = readU16BE(bytes, mac + 12);
  const end = start + length;
  if (length < LLC_HEADER_LENGTH || end > packet.end) {
    device.kernel.drop(packet, "HDR_TRUNC", device.name);
    return;
  }
  const isBpdu =
    llcDestinationSap(bytes, start) === LlcSap.BRIDGE_SPANNING_TREE &&
    llcSourceSap(bytes, start) === LlcSap.BRIDGE_SPANNING_TREE &&
    llcControl(bytes, start) === LLC_UI;
  const port = isBpdu ? portOf(device) : undefined;
  if (!port) device.kernel.drop(packet, "UNHANDLED_PROTO", device.name);
  else receiveBpdu(port, packet, start + LLC_HEADER_LENGTH, end);
}

/** br_stp_rcv() */
function receiveBpdu(port: BridgePort, packet: Packet, start: number, end: number): void {
  const { bridge, device } = port;
  const { kernel } = bridge;
  if (!bridge.stp || !bridge.device.up || port.state === BR_STATE.DISABLED) {
    kernel.drop(packet, "BRIDGE_INGRESS_STP_STATE", device.name);
    return;
  }
  if (ethDestination(packet.bytes, packet.mac) !== bridge.groupAddress) {
    kernel.drop(packet, "UNHANDLED_PROTO", device.name);
    return;
  }
  const bpdu = decodeBpdu(packet.bytes, start, end);
  if (isMalformed(bpdu) || bpdu.kind === "rapid") {
    kernel.drop(packet, "BPDU_INVALID", device.name);
    return;
  }
  if (port.bpduGuard) {
    kernel.drop(packet, "BRIDGE_BPDU_GUARD", device.name);
    disablePort(port);
    return;
  }
  if (bpdu.kind === "tcn") {
    receivedTcn(port);
    return;
  }
  const { hz } = kernel.profile;
  if (bpdu.messageAge > bpdu.maxAge) {
    kernel.drop(packet, "BPDU_INVALID", device.name);
    return;
  }
  receivedConfig(port, {
    ...bpdu,
    messageAge: fromWireTime(bpdu.messageAge, hz),
    maxAge: fromWireTime(bpdu.maxAge, hz),
    helloTime: fromWireTime(bpdu.helloTime, hz),
    forwardDelay: fromWireTime(bpdu.forwardDelay, hz),
  });
}

/** Registers the bridge with a kernel. */
export function installBridge(kernel: Kernel): void {
  kernel.onDevice(deviceEvent);
  kernel.protocols.set(ETH_P_802_2, receiveLlc);
  const { rtnetlink } = kernel;
  rtnetlink.register(AF.BRIDGE, RTM.NEWMDB, { doit: addMdb });
  rtnetlink.register(AF.BRIDGE, RTM.DELMDB, { doit: deleteMdb });
  rtnetlink.register(AF.BRIDGE, RTM.GETMDB, { dump: dumpMdb });
  if (kernel.profile.bridgeVlanFiltering) {
    rtnetlink.register(AF.BRIDGE, RTM.NEWVLAN, { doit: changeVlans });
    rtnetlink.register(AF.BRIDGE, RTM.DELVLAN, { doit: changeVlans });
    rtnetlink.register(AF.BRIDGE, RTM.GETVLAN, { dump: dumpVlans });
  }
  installBridgeIoctls(kernel);
}
