import { expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { at, UDP, Wire } from "./testing/hosts.ts";
import { openTunnelPort } from "./udp-tunnel.ts";

test("a tunnel gets the datagrams of its port, which nobody else can have", () => {
  const wire = new Wire();
  const [a, b] = [wire.host(1), wire.host(2)];
  const received: number[] = [];
  const tunnel = openTunnelPort(b.netns, "inet", 4789, (packet) => received.push(packet.length) > 0);
  const taken = (): void => b.open(UDP).bind(at("0.0.0.0", 4789));
  expect(taken).toThrow(expect.objectContaining({ errno: ERRNO.EADDRINUSE }));
  a.open(UDP).sendTo(new Uint8Array(10), at("10.0.0.2", 4789));
  wire.pass(0.1);
  expect(received).toEqual([18]);
  expect(wire.kernel.procNet.get("udp")?.(b.netns)).toContain(":12B5 ");
  tunnel.close();
  taken();
});
