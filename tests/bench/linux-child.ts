// What the measurements of the real kernel run inside namespaces of their own (see real-kernel.ts there): one task a process,
// named by the first argument, the result as JSON on standard output.

import { spawn } from "node:child_process";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import type { PipelinedRequest } from "@patchcord/core/netlink/client.ts";
import { NLM_F } from "@patchcord/core/netlink/message.ts";
import { encodeAddress } from "@patchcord/core/netlink/rtnl/address.ts";
import { IFF } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { encodeVethData } from "@patchcord/core/links/veth/netlink.ts";
import type { NetnsReference } from "@patchcord/core/system/system.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { LinuxSystem } from "@patchcord/linux/linux-system.ts";

const system = new LinuxSystem();
const here = { pid: 1, cwd: "/", netns: system.initialNetns };

const GROUP = 0x7063;
const BATCH = 100; // requests in one datagram
const FIRST_BRIDGE = 10; // ifindex
const FIRST_VETH = 1000;
const INSIDE = 2; // ifindex of eth0 in each namespace
const CREATE = NLM_F.CREATE | NLM_F.EXCL;
const EMPTY = { family: 0, type: 0, index: 0, flags: 0, change: 0 } as const;

function requestAll(client: NetlinkClient, requests: readonly PipelinedRequest[]): void {
  for (let at = 0; at < requests.length; at += BATCH) {
    for (const result of client.pipeline(requests.slice(at, at + BATCH)))
      if (!result.ok) throw new Error(result.text);
  }
}

function clientIn(netns: NetnsReference): {
  client: NetlinkClient;
  socket: ReturnType<LinuxSystem["netlink"]>;
} {
  const socket = system.netlink({ ...here, netns }, 0);
  return { client: new NetlinkClient(socket), socket };
}

function withoutIpv6(netns: NetnsReference): void {
  system
    .files({ ...here, netns })
    .writeFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", new TextEncoder().encode("1"));
}

/** COUNT namespaces, each with a veth to one of some bridges, an address, both ends up: as bring-up.c does it. */
function bringUp(count: number, bridges: number): { up: number; down: number } {
  const start = performance.now();
  withoutIpv6(here.netns);
  const { client, socket } = clientIn(here.netns);
  requestAll(
    client,
    Array.from({ length: bridges }, (_, index) => ({
      type: RTM.NEWLINK,
      flags: CREATE,
      body: encodeLink({
        index: FIRST_BRIDGE + index,
        flags: IFF.UP,
        change: IFF.UP,
        ifname: `br${index}`,
        group: GROUP,
        linkinfo: { kind: "bridge" },
      }),
    })),
  );
  const namespaces = Array.from({ length: count }, () => {
    const netns = system.createNetns();
    withoutIpv6(netns);
    return netns;
  });
  requestAll(
    client,
    namespaces.map((netns, index) => ({
      type: RTM.NEWLINK,
      flags: CREATE,
      body: encodeLink({
        index: FIRST_VETH + index,
        flags: IFF.UP,
        change: IFF.UP,
        ifname: `v${index}`,
        group: GROUP,
        master: FIRST_BRIDGE + (index % bridges),
        linkinfo: {
          kind: "veth",
          data: encodeVethData({
            peer: { ...EMPTY, index: INSIDE, ifname: "eth0", netNsFd: socket.netnsDescriptor(netns) },
          }),
        },
      }),
    })),
  );
  namespaces.forEach((netns, index) => {
    const inside = clientIn(netns);
    const number = index + 1;
    const address = Uint8Array.of(10, (number >> 16) & 0xff, (number >> 8) & 0xff, number & 0xff);
    requestAll(inside.client, [
      {
        type: RTM.NEWADDR,
        flags: CREATE,
        body: encodeAddress({ family: AF.INET, prefixlen: 8, index: INSIDE, local: address, address }),
      },
      {
        type: RTM.SETLINK,
        flags: 0,
        body: encodeLink({ index: INSIDE, flags: IFF.UP, change: IFF.UP }),
      },
    ]);
    inside.socket.close();
  });
  const middle = performance.now();
  requestAll(client, [{ type: RTM.DELLINK, flags: 0, body: encodeLink({ group: GROUP }) }]);
  socket.close();
  system.processEnded(0); // lets go of the namespaces
  return { up: (middle - start) / 1000, down: (performance.now() - middle) / 1000 };
}

/** Milliseconds to read every link of the namespace, as far as `ip link` shows them; the fastest of some rounds. */
function readLinks(rounds: number): { milliseconds: number; links: number } {
  let best = Number.POSITIVE_INFINITY;
  let links = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const { client, socket } = clientIn(here.netns);
    const result = client.dump(RTM.GETLINK, encodeLink({}));
    links = result.ok
      ? result.messages.filter(({ body }) => !isMalformed(decodeLink(body, "outline"))).length
      : 0;
    socket.close();
    best = Math.min(best, performance.now() - start);
  }
  return { milliseconds: best, links };
}

/** Reads from a ring on DEVICE what SENDER sends from PEER. */
async function capture(
  device: string,
  sender: string,
  peer: string,
  count: number,
): Promise<{ received: number; drops: number; sent: number; rate: number; seconds: number }> {
  const { client, socket: route } = clientIn(here.netns);
  const answer = client.request(RTM.GETLINK, 0, encodeLink({ ifname: device }));
  const link = answer.ok && answer.messages[0] ? decodeLink(answer.messages[0].body) : undefined;
  route.close();
  if (link === undefined || isMalformed(link)) throw new Error(`no ${device}`);
  const socket = system.packet(here, "raw");
  socket.setReceiveBuffer(64 * 1024 * 1024);
  socket.bind(link.index, 3 /* ETH_P_ALL */);
  const child = spawn(sender, [peer, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  let ended = false;
  child.stdout.on("data", (chunk) => (text += chunk));
  child.on("exit", () => (ended = true));
  let received = 0;
  let first = 0;
  let last = 0;
  const drain = (): void => {
    for (let frame = socket.receive(); frame; frame = socket.receive()) {
      if (received++ === 0) first = frame.timestamp;
      last = frame.timestamp;
    }
  };
  const end = socket.subscribe(drain);
  const running = (): boolean => !ended;
  while (running()) await new Promise((resolve) => void setTimeout(resolve, 20));
  await new Promise((resolve) => void setTimeout(resolve, 100));
  drain();
  end();
  const { drops } = socket.statistics();
  socket.close();
  const [rate = 0, sent = 0] = text.split(" ").map(Number);
  return { received, drops, sent, rate, seconds: (last - first) / 1e6 };
}

const [task, ...words] = process.argv.slice(2);
const result =
  task === "bring-up"
    ? bringUp(Number(words[0]), Number(words[1]))
    : task === "read"
      ? readLinks(Number(words[0]))
      : await capture(words[0] ?? "", words[1] ?? "", words[2] ?? "", Number(words[3]));
process.stdout.write(JSON.stringify(result));
process.exit(0);
