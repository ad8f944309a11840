import { describe, expect, test } from "vitest";
import { boot } from "../../kernel/boot.ts";
import { IFF, OPERSTATE } from "../../kernel/device.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { NetlinkEndpoint } from "../../kernel/netlink/endpoint.ts";
import { dispatchRtnetlink } from "../../kernel/netlink/rtnetlink.ts";
import { createNetns } from "../../kernel/netns-life.ts";
import type { Netns } from "../../kernel/netns.ts";
import { Packet } from "../../kernel/packet.ts";
import { profileOf } from "../../kernel/profile.ts";
import { transmit } from "../../kernel/transmit.ts";
import { NetlinkClient } from "../../netlink/client.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { linkKinds } from "../devices.ts";
import { encodeVethData } from "./netlink.ts";

const CREATE = NLM_F.CREATE | NLM_F.EXCL;

function start(): { kernel: Kernel; client: (netns?: Netns) => NetlinkClient } {
  const kernel = boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }, linkKinds, []);
  return {
    kernel,
    client: (netns = kernel.init) =>
      new NetlinkClient(
        new NetlinkEndpoint(
          netns,
          0,
          1,
          (endpoint, message) => dispatchRtnetlink(kernel, endpoint, message),
          () => {
            kernel.softirq.run();
            while (kernel.clock.fireDue());
          },
        ),
      ),
  };
}

function pair(client: NetlinkClient, name: string, peer: string): void {
  const data = encodeVethData({ peer: { ifname: peer } });
  const body = encodeLink({ ifname: name, linkinfo: { kind: "veth", data } });
  expect(client.request(RTM.NEWLINK, CREATE, body)).toMatchObject({ ok: true });
}

function links(client: NetlinkClient): LinkMessage[] {
  const result = client.dump(RTM.GETLINK, encodeLink({}));
  if (!result.ok) throw new Error(result.text);
  return result.messages.map(({ body }) => {
    const link = decodeLink(body);
    if (isMalformed(link)) throw new Error(link.reason);
    return link;
  });
}

function up(client: NetlinkClient, ifname: string, on = true): void {
  const body = encodeLink({ ifname, flags: on ? IFF.UP : 0, change: IFF.UP });
  expect(client.request(RTM.NEWLINK, 0, body)).toMatchObject({ ok: true });
}

describe("a veth pair", () => {
  test("has the peer's lower index, each end's iflink telling of the other", () => {
    const { client } = start();
    pair(client(), "veth1", "veth2");
    expect(links(client()).map(({ index, ifname, link }) => [index, ifname, link])).toEqual([
      [1, "lo", undefined],
      [2, "veth2", 3],
      [3, "veth1", 2],
    ]);
  });

  test("has carrier when both ends are up, and tells LOWERLAYERDOWN when the peer is not", () => {
    const { client, kernel } = start();
    pair(client(), "a", "b");
    kernel.clock.now += 3e9;
    up(client(), "a");
    const state = (name: string) => links(client()).find(({ ifname }) => ifname === name);
    expect(state("a")?.operstate).toBe(OPERSTATE.LOWERLAYERDOWN);
    expect(state("a")?.carrier).toBe(0);
    up(client(), "b");
    expect(state("a")).toMatchObject({ operstate: OPERSTATE.UP, carrier: 1, qdisc: "noqueue" });
    expect(state("b")).toMatchObject({ operstate: OPERSTATE.UP, carrierUpCount: 1, carrierDownCount: 1 });
  });

  test("delivers a frame to the other end's taps through the work queue", () => {
    const { client, kernel } = start();
    pair(client(), "a", "b");
    up(client(), "a");
    up(client(), "b");
    const [a, b] = [kernel.init.device("a"), kernel.init.device("b")];
    if (!a || !b) throw new Error("no devices");
    const seen: number[] = [];
    kernel.init.taps.add({ protocol: 0x88b5, device: b, deliver: (packet) => seen.push(packet.length) });
    const packet = Packet.allocate(a, 60);
    packet.bytes.fill(0xff, packet.start, packet.start + 6);
    packet.bytes.set([0x88, 0xb5], packet.start + 12);
    transmit(packet);
    expect(seen).toEqual([]);
    kernel.softirq.run();
    expect(seen).toEqual([60]);
    expect(a.statistics).toMatchObject({ txPackets: 1, txBytes: 60 });
    expect(b.statistics).toMatchObject({ rxPackets: 1, rxBytes: 60 });
  });

  test("is gone with either end, in whatever namespace the other is", () => {
    const { client, kernel } = start();
    const other = createNetns(kernel);
    pair(client(), "a", "b");
    const move = encodeLink({ ifname: "b", netNsFd: other.inode });
    expect(client().request(RTM.NEWLINK, 0, move)).toMatchObject({ ok: true });
    expect(
      links(client(other)).map(({ index, ifname, link, linkNetnsid }) => [index, ifname, link, linkNetnsid]),
    ).toEqual([
      [1, "lo", undefined, undefined],
      [2, "b", 3, 0],
    ]);
    expect(client().request(RTM.DELLINK, 0, encodeLink({ ifname: "a" }))).toMatchObject({ ok: true });
    expect(links(client(other)).map(({ ifname }) => ifname)).toEqual(["lo"]);
  });

  test("is not left half made when a name is taken", () => {
    const { client } = start();
    pair(client(), "a", "b");
    const body = encodeLink({
      ifname: "a",
      linkinfo: { kind: "veth", data: encodeVethData({ peer: { ifname: "c" } }) },
    });
    expect(client().request(RTM.NEWLINK, CREATE, body)).toMatchObject({ ok: false, errno: ERRNO.EEXIST });
    expect(links(client()).map(({ ifname }) => ifname)).toEqual(["lo", "b", "a"]);
  });
});
