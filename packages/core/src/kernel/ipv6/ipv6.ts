// IPv6: its start. What other layers need to know of it is written where it is:
// - stack.ts: transports, error handlers, raw sockets
// - interface.ts: `inet6Netns.require(netns)` and `inet6Device.of(device)`, the state that everything else takes
// - route-lookup.ts: `routeOutput`, `mtuOf`; source-selection.ts: `selectSource`, `sourceForRoute`
// - output.ts: `writeHeader`, `sendPacket`; mcast.ts: `joinGroup`, `leaveGroup`
// Order of events on a device: addrconf.ts first, then neighbour discovery's part below, as in Linux.

import { IpProtocol } from "../../wire/ip-protocol.ts";
import { IPV6_ALL_NODES, solicitedNodeMulticast } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import { IFF } from "../device.ts";
import { installRules } from "../fib-rules/rule-family.ts";
import type { DeviceEvent, Kernel } from "../kernel.ts";
import { ipv4Stack } from "../ipv4/namespace.ts";
import { installNeighbourSysctls } from "../neighbour/sysctls.ts";
import { installAddressFamily } from "./address-family.ts";
import { createLabels, installAddressLabels } from "./address-labels.ts";
import { onDeviceEvent } from "./addrconf.ts";
import { Fib6Tables } from "./fib-table.ts";
import { receiveIcmp } from "./icmp-receive.ts";
import { sendError } from "./icmp-send.ts";
import { receive } from "./input.ts";
import { Inet6Netns, inet6Device, inet6Netns } from "./interface.ts";
import { installLinkFamily } from "./link-family.ts";
import { createNeighbourTable } from "./nd-table.ts";
import { answerDelayed } from "./ndisc-receive.ts";
import { sendAdvertisement, sendSolicitation } from "./ndisc-send.ts";
import { installNetconf } from "./netconf.ts";
import { ETHERTYPE_IPV6 } from "./output.ts";
import { installProcNet } from "./proc-net.ts";
import { installRouteFamily } from "./route-family.ts";
import { createRules, ipv6Rules } from "./rules.ts";
import { Ipv6Stack } from "./stack.ts";
import { installInterfaceSysctls } from "./sysctl-interface.ts";
import { installNamespaceSysctls } from "./sysctl-namespace.ts";
import { installTemporaryAddresses } from "./temporary.ts";

/** ndisc_send_unsol_na(): neighbours are told that the device's addresses are here now. */
function advertiseAll(device: NetDevice): void {
  const owner = inet6Device.of(device);
  if (!owner) return;
  for (const { address, tentative } of owner.addresses) {
    if (tentative) continue;
    sendAdvertisement(owner, IPV6_ALL_NODES, address, {
      solicited: false,
      override: true,
      includeAddress: true,
    });
  }
}

/** ndisc_netdev_event() */
function onNeighbourEvent(stack: Ipv6Stack, device: NetDevice, event: DeviceEvent): void {
  const owner = inet6Device.of(device);
  if (!owner) return;
  const { all } = owner.namespace;
  switch (event.type) {
    case "changeAddress":
      stack.neighbours.flush(device);
      if (owner.configuration.ndisc_notify || all.ndisc_notify) advertiseAll(device);
      return;
    case "up":
      if (owner.configuration.ndisc_notify || all.ndisc_notify) advertiseAll(device);
      return;
    case "flags":
      if ((event.changed & IFF.NOARP) !== 0) stack.neighbours.flush(device);
      return;
    case "change":
      if (!device.carrier && owner.configuration.ndisc_evict_nocarrier && all.ndisc_evict_nocarrier) {
        stack.neighbours.flush(device, true);
      }
      return;
    case "down":
      stack.neighbours.disableDevice(device);
      return;
    case "notifyPeers":
      advertiseAll(device);
      return;
    default:
  }
}

export function installIpv6(kernel: Kernel): void {
  const stack = new Ipv6Stack();
  stack.neighbours = createNeighbourTable(kernel, answerDelayed);
  ipv4Stack.require(kernel).neighbours6 = stack.neighbours;
  stack.sendError = sendError;
  stack.probeRouter = (device, gateway) => {
    const owner = inet6Device.of(device);
    if (owner) sendSolicitation(owner, gateway, solicitedNodeMulticast(gateway), undefined);
  };
  stack.transports.set(IpProtocol.ICMPV6, receiveIcmp);
  kernel.protocols.set(ETHERTYPE_IPV6, receive);
  kernel.addLayer({
    created(netns) {
      inet6Netns.set(netns, new Inet6Netns(netns, stack, new Fib6Tables()));
      createLabels(netns);
      createRules(netns);
    },
    destroyed(netns) {
      const namespace = inet6Netns.of(netns);
      namespace?.lifetimeTimer?.cancel();
      namespace?.routeTimer?.cancel();
    },
  });
  kernel.onDevice(onDeviceEvent);
  kernel.onDevice((device, event) => onNeighbourEvent(stack, device, event));
  installTemporaryAddresses();
  installAddressFamily(kernel);
  installRouteFamily(kernel);
  installRules(kernel, ipv6Rules);
  installAddressLabels(kernel);
  installNetconf(kernel);
  installLinkFamily(kernel);
  installInterfaceSysctls(kernel);
  installNamespaceSysctls(kernel);
  installNeighbourSysctls(kernel, stack.neighbours, "net/ipv6/neigh");
  installProcNet(kernel);
}
