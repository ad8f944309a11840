import { expect, test } from "vitest";
import type { KernelDrop } from "../../system/kernel-drops.ts";
import { DropFinder } from "./drop-finder.ts";
import type { Sighting } from "./sighting-tree.ts";

const MILLISECOND = 1000; // in microseconds
const NOW = 1_700_000_000_000_000;

/** An Ethernet frame of 98 bytes that came in by eth0. */
const CAME: Sighting = {
  device: { number: 0, netns: 1, ifindex: 2, name: "eth0", hardwareType: 1, address: 0 },
  outgoing: false,
  time: NOW * 1000,
  frame: new Uint8Array(98),
  ethernet: true,
  packet: {
    key: "",
    role: "request",
    of: undefined,
    fragment: undefined,
    content: undefined,
    source: "",
    destination: "",
    ttl: 0,
    tunnel: undefined,
    vlan: 0,
    bytes: new Uint8Array(84),
    protocol: 0x0800,
  },
};

function drop(reason: string, device: string, length: number, after: number, ours = false): KernelDrop {
  const time = NOW + after;
  const seen = { device, outgoing: false, length, time };
  return { time, reason, ours, seen: device === "" ? undefined : seen, place: () => "ip_forward" };
}

test("the drop is the one of the buffer that was there at that time", () => {
  const finder = new DropFinder([
    drop("OTHERHOST", "eth1", 84, 1),
    drop("IP_INHDR", "eth0", 60, 1),
    drop("NO_SOCKET", "eth0", 84, 150 * MILLISECOND),
    drop("IP_RPFILTER", "eth0", 84, 1 * MILLISECOND),
    drop("IP_INADDRERRORS", "eth0", 84, 4),
  ]);
  expect(finder.after(CAME)).toEqual({ reason: "IP_INADDRERRORS", place: "ip_forward" });
  expect(finder.after({ ...CAME, outgoing: true })).toBeUndefined();
  expect(finder.unsent()).toBeUndefined();
});

test("what never came to a device is what a call of ours has lost", () => {
  const finder = new DropFinder([drop("NO_SOCKET", "", 0, 1), drop("NETFILTER_DROP", "", 0, 2, true)]);
  expect(finder.unsent()).toEqual({ reason: "NETFILTER_DROP", place: "ip_forward" });
});

test("reasons of Open vSwitch have numbers of their own, and one without a name here is told by the kernel's", () => {
  expect(new DropFinder([drop("0x30001", "eth0", 84, 1)]).after(CAME)?.reason).toBe("OVS_DROP_LAST_ACTION");
  expect(new DropFinder([drop("FQ_FLOW_LIMIT", "eth0", 84, 1)]).after(CAME)).toEqual({
    reason: "NOT_SPECIFIED",
    place: "ip_forward, FQ_FLOW_LIMIT",
  });
});
