// IPv4: what other layers need to know of it, and its start.
//
// For sockets (kernel/sockets):
// - Routes: `routeOutput(inet, request)` in route-output.ts gives a Route or a positive errno. `route.source` is the address
//   that routing chose, `pathMtu(inet, route, discovery)` in output.ts what fits. A Route may be used as long as
//   `inet.routes.generation` stays the same.
// - Sending: `sendDatagram(inet, route, header, payload)` in output.ts builds the IP header, fragments, and returns 0 or an
//   errno; `sendLocal(inet, packet, route)` takes a packet that has its own header (IP_HDRINCL). ICMP messages are counted there.
// - Receiving: `stack.protocols[number] = { receive, error }` (namespace.ts: Ipv4Protocol). The packet's `network` is the IP
//   header, `start` the transport header, `end` the end of the datagram; `device` is where it came in. `stack.rawReceivers` see each
//   datagram for this host before that, from its IP header on, and every ICMP error.
// - ICMP: `icmpOf(kernel).echo` gets echo replies for ping sockets; `stack.sendError(packet, type, code, info)` sends an error about
//   a received packet (port unreachable). `learnPathMtu` and `learnRedirect` in path-mtu.ts are for a protocol's `error`.
// - Options: `compileOptions` in options.ts checks what IP_OPTIONS sets.
// - Groups: `joinGroup` and `leaveGroup` in igmp.ts; `selectAddress` and `addressType` for bind and multicast interfaces.
// - `ipv4Of(netns)` is the namespace's state: settings, counters; `ipv4Stack.require(kernel)` the kernel's.

import { EtherType } from "../../wire/ethernet.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Kernel } from "../kernel.ts";
import { installRules } from "../fib-rules/rule-family.ts";
import { Slot } from "../slot.ts";
import { installIpv4Addresses } from "./address-family.ts";
import { installConfiguration } from "./configuration-sysctls.ts";
import { installNetconf } from "./netconf-family.ts";
import { installNeighbourSysctls } from "../neighbour/sysctls.ts";
import { installArpIoctls } from "./arp-ioctls.ts";
import { installIpv4Ioctls } from "./ioctls.ts";
import { installIpv4Files } from "./proc-files.ts";
import { installIpv4Sysctls } from "./sysctls.ts";
import { createArpTable, receiveArp } from "./arp.ts";
import { handleDeviceEvent } from "./device-events.ts";
import { installRoutes } from "./fib/route-family.ts";
import { notifyRoute } from "./fib/route-message.ts";
import { installIcmpErrors } from "./icmp-send.ts";
import { IcmpProtocol } from "./icmp.ts";
import { receiveIgmp } from "./igmp.ts";
import { receiveIpv4 } from "./input.ts";
import { createIpv4, ipv4Of, ipv4Stack, Ipv4Stack } from "./namespace.ts";
import { stopLifetimes } from "./addresses.ts";
import { forgetFragments } from "./reassembly.ts";

import { installRouteGet } from "./route-get.ts";
import { ipv4Rules } from "./rules.ts";

const icmpProtocol = new Slot<IcmpProtocol>();

export function icmpOf(kernel: Kernel): IcmpProtocol {
  return icmpProtocol.require(kernel);
}

export function installIpv4(kernel: Kernel): void {
  const stack = new Ipv4Stack(kernel, createArpTable(kernel));
  ipv4Stack.set(kernel, stack);
  installIcmpErrors(stack);
  const icmp = new IcmpProtocol(stack);
  icmpProtocol.set(kernel, icmp);
  stack.protocols[IpProtocol.ICMP] = icmp;
  stack.protocols[IpProtocol.IGMP] = { receive: receiveIgmp };
  kernel.protocols.set(EtherType.IPV4, receiveIpv4);
  kernel.protocols.set(EtherType.ARP, receiveArp);
  kernel.addLayer({
    created: (netns) => void createIpv4(netns, stack),
    destroyed(netns) {
      stopLifetimes(netns);
      forgetFragments(ipv4Of(netns));
    },
  });
  kernel.onDevice(handleDeviceEvent);
  stack.routeListeners.push(notifyRoute);
  installIpv4Addresses(kernel);
  installRoutes(kernel);
  installRouteGet(kernel);
  installRules(kernel, ipv4Rules);
  installConfiguration(kernel);
  installNetconf(kernel);
  installIpv4Sysctls(kernel, stack);
  installNeighbourSysctls(kernel, stack.arp, "net/ipv4/neigh");
  installIpv4Files(kernel);
  installArpIoctls(kernel);
  installIpv4Ioctls(kernel);
}
