import { expect, test } from "vitest";
import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { Packet } from "../../kernel/packet.ts";
import { transmit } from "../../kernel/transmit.ts";
import type { TunnelMetadata } from "../../kernel/tunnel/metadata.ts";
import { Replay } from "../../tools/testing/recorded-network.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { VxlanDevice } from "./device.ts";

const address = (text: string): number => parseIpv4(text) ?? 0;

test("devices without ends of their own send where a packet says, and tell where one came from", async () => {
  const replay = new Replay();
  await replay.start([
    "for n in a b; do ip netns add $n; done",
    "ip -n a link add ua type veth peer name ub netns b",
    "ip -n a addr add 192.168.0.1/24 dev ua; ip -n b addr add 192.168.0.2/24 dev ub",
    "ip -n a link set ua up; ip -n b link set ub up",
    "for n in a b; do ip -n $n link add vx type vxlan external dstport 4789; ip -n $n link set vx up; done",
  ]);
  const { kernel } = replay.system;
  const [from, to] = ["ua", "ub"].map((name) => {
    const netns = [...kernel.netnses.values()].find((each) => each.device(name) !== undefined);
    const device = netns?.device("vx");
    if (!(device instanceof VxlanDevice)) throw new Error("no vxlan device");
    return device;
  }) as [VxlanDevice, VxlanDevice];
  const seen: (TunnelMetadata | undefined)[] = [];
  to.rxHandler = (packet) => {
    seen.push(packet.tunnel);
    return "consumed";
  };
  const send = (tunnel: TunnelMetadata | undefined): void => {
    const packet = Packet.allocate(from, 60);
    packet.bytes.fill(2, packet.start, packet.start + 12);
    packet.tunnel = tunnel;
    transmit(packet);
  };
  const dropped = (): number => kernel.dropCounts.get("TUNNEL_TXINFO");
  const before = dropped();
  send(undefined);
  expect(dropped()).toBe(before + 1);
  send({
    direction: "transmit",
    id: 77,
    source: 0,
    destination: address("192.168.0.2"),
    tos: 0x20,
    ttl: 9,
    sourcePort: 0,
    destinationPort: 0,
    checksum: true,
    dontFragment: true,
  });
  await replay.run("sleep 1");
  expect(seen).toHaveLength(1);
  const { localPortFirst } = ipv4Of(from.netns).settings;
  expect(seen[0]?.sourcePort).toBeGreaterThanOrEqual(localPortFirst);
  expect(seen[0]).toMatchObject({
    direction: "receive",
    id: 77,
    source: address("192.168.0.1"),
    destination: address("192.168.0.2"),
    tos: 0x20,
    ttl: 9,
    destinationPort: 4789,
    checksum: true,
  });
});
