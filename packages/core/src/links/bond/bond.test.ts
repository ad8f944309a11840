import { describe, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";
import { Packet } from "../../kernel/packet.ts";
import { BondDevice } from "./device.ts";
import { hashOf } from "./transmit.ts";

/** A bond of two cables to a bridge in another namespace. */
async function bondedHost(bond: string): Promise<Replay> {
  const replay = new Replay();
  await replay.start([
    "ip netns add sw; ip -n sw link add br0 type bridge; ip -n sw link set br0 up; ip -n sw addr add 10.8.0.2/24 dev br0",
    `ip link add bond0 address 02:00:00:00:00:b0 type bond ${bond}`,
    "for i in 1 2; do ip link add e$i type veth peer name s$i netns sw; ip -n sw link set s$i up; done",
    "ip link set e1 master bond0; ip link set e2 master bond0; ip link set bond0 up; ip addr add 10.8.0.1/24 dev bond0",
  ]);
  return replay;
}

const sysfs = async (replay: Replay, file: string): Promise<string> =>
  (await replay.run(`cat /sys/class/net/bond0/bonding/${file}`)).stdout.trimEnd();

describe("active-backup", () => {
  test("fails over after the down delay, and comes back to the primary after the up delay", async () => {
    const replay = await bondedHost("mode active-backup miimon 100 updelay 500 downdelay 300");
    await replay.run("ip -n sw link set s1 master br0; ip -n sw link set s2 master br0; sleep 1");
    expect(await sysfs(replay, "active_slave")).toBe("e1");
    await replay.run("ip link set bond0 type bond primary e2; sleep 1");
    expect(await sysfs(replay, "active_slave")).toBe("e2");
    await replay.run("ip -n sw link set s2 down; sleep 0.2");
    expect(await sysfs(replay, "active_slave")).toBe("e2");
    await replay.run("sleep 0.4");
    expect(await sysfs(replay, "active_slave")).toBe("e1");
    expect((await replay.run("ping -c 1 10.8.0.2")).rc).toBe(0);
    await replay.run("ip -n sw link set s2 up; sleep 0.3");
    expect(await sysfs(replay, "active_slave")).toBe("e1");
    await replay.run("sleep 1");
    expect(await sysfs(replay, "active_slave")).toBe("e2");
  });

  test("delays are whole numbers of monitoring intervals, and need them", async () => {
    const replay = await bondedHost("mode active-backup miimon 100 updelay 250");
    expect(await sysfs(replay, "updelay")).toBe("200");
    expect((await replay.run("ip link add bond9 type bond updelay 5")).stderr).toBe(
      "RTNETLINK answers: Operation not permitted\n",
    );
  });
});

describe("balancing", () => {
  test("balance-rr takes the ports in turn", async () => {
    const replay = await bondedHost("mode balance-rr miimon 100");
    const counts = async (): Promise<number[]> =>
      Promise.all(
        ["e1", "e2"].map(async (name) =>
          Number((await replay.run(`cat /sys/class/net/${name}/statistics/tx_packets`)).stdout),
        ),
      );
    await replay.run("ip neigh add 10.8.0.9 lladdr 02:00:00:00:00:99 dev bond0");
    const before = await counts();
    await replay.run("ping -c 10 -i 0.01 -W 0.1 10.8.0.9");
    const after = await counts();
    const [first = 0, second = 0] = after.map((value, index) => value - (before[index] ?? 0));
    expect(first + second).toBeGreaterThanOrEqual(10);
    expect(Math.abs(first - second)).toBeLessThanOrEqual(1);
  });

  test("the hash of balance-xor", () => {
    const frame = new Uint8Array(14 + 20 + 8);
    frame.set([2, 0, 0, 0, 0, 0x31, 2, 0, 0, 0, 0, 0x12, 0x08, 0x00, 0x45]);
    frame.set([10, 0, 0, 1, 10, 0, 0, 2], 14 + 12);
    frame[14 + 9] = 17;
    frame.set([0x30, 0x39, 0x00, 0x35], 14 + 20);
    const packet = Packet.allocate({} as Packet["device"], frame.length);
    packet.bytes.set(frame, packet.start);
    const link = 0x31 ^ 0x12 ^ 0x0800;
    expect(hashOf(packet, 0)).toBe(link);
    // Addresses as words of a little-endian machine: 0x0100000a ^ 0x0200000a.
    const fold = (hash: number): number => {
      const half = (hash ^ (hash >>> 16)) >>> 0;
      return (half ^ (half >>> 8)) >>> 0;
    };
    expect(hashOf(packet, 2)).toBe(fold((link ^ 0x0300_0000) >>> 0));
    expect(hashOf(packet, 1)).toBe(fold((0x3500_3930 ^ 0x0300_0000) >>> 0) >>> 1);
  });
});

test("options are taken by number too, and an actor is a station", async () => {
  const replay = await bondedHost("mode 4 miimon 100");
  const { stdout } = await replay.run("ip -d link show bond0 | grep -c 'mode 802.3ad'");
  expect(stdout).toBe("1\n");
  const { stderr } = await replay.run("ip link set bond0 type bond ad_actor_system 01:00:00:00:00:00");
  expect(stderr).toBe("Error: invalid option value.\n");
});

test("a port gets its own address and MTU back, and the last one takes the bond's carrier along", async () => {
  const replay = await bondedHost("mode balance-xor miimon 100");
  await replay.run("ip link set bond0 mtu 1400");
  expect((await replay.run("cat /sys/class/net/e1/mtu /sys/class/net/e1/address")).stdout).toBe(
    "1400\n02:00:00:00:00:b0\n",
  );
  await replay.run("ip link set e1 nomaster; ip link del e2");
  expect((await replay.run("cat /sys/class/net/e1/mtu")).stdout).toBe("1500\n");
  const bond = replay.system.kernel.init.device("bond0");
  expect(bond).toBeInstanceOf(BondDevice);
  expect(bond?.carrier).toBe(false);
  expect(
    (await replay.run("ip link set e1 master bond0; ip link set bond0 type bond mode 802.3ad")).stderr,
  ).toBe("Error: unable to set option because the bond device has slaves.\n");
});
