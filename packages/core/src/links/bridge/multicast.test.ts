import { describe, expect, test } from "vitest";
import { Packet } from "../../kernel/packet.ts";
import { transmit } from "../../kernel/transmit.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { decodeMdb, encodeMdbRequest, MDB_STATE } from "../../netlink/rtnl/mdb.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { EtherType, writeEthernetHeader } from "../../wire/ethernet.ts";
import { igmpLength, writeIgmp } from "../../wire/igmp.ts";
import type { IgmpMessage } from "../../wire/igmp.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4MulticastMac } from "../../wire/ipv4-address.ts";
import { NO_OPTIONS, writeIpv4 } from "../../wire/ipv4.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { BenchLab } from "./testing/bench-lab.ts";

const GROUP = 0xef01_0101; // 239.1.1.1
const ALL_HOSTS = 0xe000_0001;

/** An IPv4 multicast packet: IGMP, or for a number of that many bytes of UDP. */
function send(lab: BenchLab, name: string, to: number, content: IgmpMessage | number): void {
  const device = lab.device(name);
  const payload = new Uint8Array(typeof content === "number" ? content : igmpLength(content));
  if (typeof content !== "number") writeIgmp(content, payload, 0);
  const packet = Packet.allocate(device, 14 + 20 + payload.length);
  const { bytes, start } = packet;
  writeEthernetHeader(bytes, start, ipv4MulticastMac(to), device.address, EtherType.IPV4);
  writeIpv4(
    {
      tos: 0,
      id: 1,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 1,
      protocol: typeof content === "number" ? IpProtocol.UDP : IpProtocol.IGMP,
      source: 0x0a00_0001,
      destination: to,
      options: NO_OPTIONS,
      payload,
    },
    bytes,
    start + 14,
  );
  packet.protocol = EtherType.IPV4;
  transmit(packet);
  lab.settle();
}

const query: IgmpMessage = { kind: "query", maxResponseTime: 100, group: 0 };
const report: IgmpMessage = { kind: "report-v2", group: GROUP };

function groups(lab: BenchLab): string[] {
  return lab
    .bridge("br0")
    .groups.groups()
    .map(({ address, ports }) => {
      return `${address.bytes.join(".")} ${ports.map(({ port }) => port.device.name).join(" ")}`;
    });
}

describe("IGMP snooping", () => {
  test("remembers who reports a group until the membership ends", () => {
    const lab = new BenchLab();
    lab.star(3);
    send(lab, "h2", GROUP, report);
    expect(groups(lab)).toEqual(["239.1.1.1 p2"]);
    lab.run(259);
    expect(groups(lab)).toHaveLength(1);
    lab.run(2);
    expect(groups(lab)).toEqual([]);
  });

  test("floods until there is a querier, then sends to members and to the querier", () => {
    const lab = new BenchLab();
    lab.star(3);
    const seen = ["h1", "h2", "h3"].map((name) => lab.watch(name));
    const counts = (): number[] => seen.map(({ length }) => length);
    send(lab, "h2", GROUP, report);
    send(lab, "h1", GROUP, 20);
    expect(counts()).toEqual([1, 1, 2]);
    send(lab, "h3", ALL_HOSTS, query);
    expect(counts()).toEqual([2, 2, 2]);
    // While members had no time to answer, everything is still flooded.
    send(lab, "h1", GROUP, 20);
    expect(counts()).toEqual([2, 3, 3]);
    lab.run(11);
    send(lab, "h1", GROUP, 20);
    expect(counts()).toEqual([2, 4, 4]);
    send(lab, "h1", 0xef02_0202, 20);
    expect(counts()).toEqual([2, 4, 5]);
    expect(
      lab
        .bridge("br0")
        .groups.routers()
        .map(({ port }) => port.device.name),
    ).toEqual(["p3"]);
  });

  test("forgets a member that leaves, at once on a port with fast leave", () => {
    const lab = new BenchLab();
    lab.star(2);
    send(lab, "h2", GROUP, report);
    send(lab, "h2", 0xe000_0002, { kind: "leave", group: GROUP });
    expect(groups(lab)).toHaveLength(1);
    lab.run(3);
    expect(groups(lab)).toEqual([]);
    lab.port("p2").fastLeave = true;
    send(lab, "h2", GROUP, report);
    send(lab, "h2", 0xe000_0002, { kind: "leave", group: GROUP });
    expect(groups(lab)).toEqual([]);
  });

  test("takes no link-local groups, and drops what is malformed", () => {
    const lab = new BenchLab();
    lab.star(2);
    send(lab, "h1", 0xe000_0005, { kind: "report-v2", group: 0xe000_0005 });
    expect(groups(lab)).toEqual([]);
    const seen = lab.watch("h2");
    const device = lab.device("h1");
    const packet = Packet.allocate(device, 60);
    writeEthernetHeader(packet.bytes, packet.start, ipv4MulticastMac(GROUP), device.address, EtherType.IPV4);
    packet.protocol = EtherType.IPV4;
    transmit(packet);
    lab.settle();
    expect(seen).toEqual([]);
    expect(lab.kernel.dropCounts.get("IGMP_INVALID")).toBe(1);
  });
});

describe("the multicast database, on request", () => {
  const request = (lab: BenchLab, type: number, port: string, state: number) => {
    const address = new Uint8Array(16);
    address.set([239, 1, 1, 1]);
    const entry = {
      ifindex: lab.device(port).ifindex,
      state,
      flags: 0,
      vid: 0,
      address,
      proto: EtherType.IPV4,
    };
    const body = encodeMdbRequest({ family: AF.BRIDGE, ifindex: lab.device("br0").ifindex, entry });
    return lab.client.request(type, type === RTM.NEWMDB ? NLM_F.CREATE | NLM_F.EXCL : 0, body);
  };

  test("takes a permanent entry once and lists it", () => {
    const lab = new BenchLab();
    lab.star(1);
    expect(request(lab, RTM.NEWMDB, "p1", MDB_STATE.PERMANENT)).toMatchObject({ ok: true });
    expect(request(lab, RTM.NEWMDB, "p1", MDB_STATE.PERMANENT)).toMatchObject({
      errno: ERRNO.EEXIST,
      extack: { message: "bridge: Group is already joined by port" },
    });
    const dump = lab.client.dump(RTM.GETMDB, encodeMdbRequest({ family: AF.BRIDGE }));
    if (!dump.ok) throw new Error(dump.text);
    const [database] = dump.messages.map(({ body }) => decodeMdb(body));
    if (!database || isMalformed(database)) throw new Error("no database");
    expect(database.mdb?.groups?.[0]?.entries?.[0]).toMatchObject({
      ifindex: lab.device("p1").ifindex,
      state: MDB_STATE.PERMANENT,
      attributes: { timer: 0, rtprot: 4 },
    });
    lab.run(300);
    expect(groups(lab)).toHaveLength(1);
    expect(request(lab, RTM.DELMDB, "p1", 0)).toMatchObject({ ok: true });
    expect(request(lab, RTM.DELMDB, "p1", 0)).toMatchObject({ errno: ERRNO.EINVAL });
  });
});
