// Puts sockets above IPv4 and IPv6: the transports, the raw and ping receivers, and what /proc/net shows of them.

import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Kernel } from "../kernel.ts";
import { icmpOf } from "../ipv4/ipv4.ts";
import { ipv4Stack } from "../ipv4/namespace.ts";
import { inet6Netns } from "../ipv6/interface.ts";
import type { Ipv6Stack } from "../ipv6/stack.ts";
import { installPacketSockets } from "./packet.ts";
import { pingEchoes, pingErrorOverIpv6, pingErrors, receivePingOverIpv6 } from "./ping-receive.ts";
import { installSocketFiles } from "./proc-sockets.ts";
import { rawErrorOverIpv6, rawOverIpv4, receiveRawOverIpv6 } from "./raw-receive.ts";
import { errorOverIpv6 } from "../tcp/icmp-errors.ts";
import { receiveTcpOverIpv6, tcpOverIpv4 } from "../tcp/input.ts";
import { receiveUdpOverIpv6, udpErrorOverIpv6, udpOverIpv4 } from "./udp-receive.ts";

/** Comes after IPv4 and IPv6 in the list of layers. */
export function installSockets(kernel: Kernel): void {
  installSocketFiles(kernel);
  installPacketSockets(kernel);
  const ipv4 = ipv4Stack.require(kernel);
  ipv4.protocols[IpProtocol.UDP] = udpOverIpv4;
  ipv4.protocols[IpProtocol.TCP] = tcpOverIpv4;
  ipv4.rawReceivers.push(rawOverIpv4, pingErrors);
  icmpOf(kernel).echo = pingEchoes;
  kernel.addLayer({
    created(netns) {
      const stack6 = inet6Netns.of(netns)?.stack;
      if (stack6 !== undefined && !stack6.transports.has(IpProtocol.UDP)) overIpv6(stack6);
    },
  });
}

function overIpv6(stack: Ipv6Stack): void {
  stack.transports.set(IpProtocol.UDP, receiveUdpOverIpv6);
  stack.transports.set(IpProtocol.TCP, receiveTcpOverIpv6);
  stack.errorHandlers.set(IpProtocol.UDP, udpErrorOverIpv6);
  stack.errorHandlers.set(IpProtocol.TCP, errorOverIpv6);
  stack.errorHandlers.set(IpProtocol.ICMPV6, pingErrorOverIpv6);
  stack.rawHooks.add(receiveRawOverIpv6);
  stack.rawHooks.add(receivePingOverIpv6);
  stack.rawErrorHooks.add(rawErrorOverIpv6);
}
