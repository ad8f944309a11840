// `patchcord scan` on the real kernel: namespaces without a name, and the other ends of the cables into them.

import { afterAll, expect, test } from "vitest";
import type { Scan } from "@patchcord/core/tools/scan/model.ts";
import { Command } from "../cli/command.ts";
import { realKernelMissing } from "../real-kernel.ts";
import { apart } from "./run-apart.ts";

const missing = realKernelMissing();
if (missing !== undefined) console.log(`scan of the real kernel: not tested, ${missing}`);
const command = new Command();
afterAll(() => command.remove());

/** One of each: with a name, of a process, mounted somewhere, mounted where only another process sees it. */
const NAMESPACES = `
mkdir /run/netns /run/places; ip netns add named
unshare -n sleep 600 & process=$!; own_netns $process
touch /run/places/mounted; unshare --net=/run/places/mounted true
unshare -m bash -c 'mount -t tmpfs none /run/places && touch /run/places/hidden && unshare --net=/run/places/hidden true; exec sleep 600' & hider=$!
wait_until "grep places/hidden /proc/$hider/mountinfo"
cable() { ip link add $1 type veth peer name end; nsenter --net=$2 true; touch /run/netns/at; mount --bind $2 /run/netns/at; ip link set end netns at; umount /run/netns/at; rm /run/netns/at; }
cable c1 /run/netns/named; cable c2 /proc/$process/ns/net; cable c3 /run/places/mounted; cable c4 /proc/$hider/root/run/places/hidden
echo $process $hider
patchcord scan --json; kill $process $hider
`;

test(
  "every namespace is found, and what is at the other end of each cable",
  { skip: missing !== undefined },
  () => {
    const { stdout, stderr, code } = apart(command, NAMESPACES);
    expect([stderr, code]).toEqual(["", 0]);
    const [pids = "", ...json] = stdout.split("\n");
    const [process, hider] = pids.split(" ");
    const { namespaces, unread } = JSON.parse(json.join("\n")) as Scan;
    const own = namespaces.find((netns) => netns.own);
    const ends = own?.devices.flatMap(({ name, peer }) => {
      const there = namespaces.find(({ inode }) => inode === peer?.netns);
      if (there === undefined) return [];
      const [title] = [...there.names, ...there.mounts, ...there.processes.map(({ pid }) => String(pid))];
      return [`${name}: ${peer?.name} in ${title}`];
    });
    expect(ends).toEqual([
      "c1: end in named",
      `c2: end in ${process}`,
      "c3: end in /run/places/mounted",
      `c4: end in /proc/${hider}/root/run/places/hidden`,
    ]);
    expect(unread).toEqual([]);
  },
);

test(
  "a name without a namespace is told, and one that leads nowhere is none",
  { skip: missing !== undefined },
  () => {
    const { stdout, code } = apart(
      command,
      "mkdir /run/netns; touch /run/netns/empty; ln -s /nowhere /run/netns/gone; patchcord scan --json",
    );
    expect((JSON.parse(stdout) as Scan).unread).toEqual(["/run/netns/empty: no namespace is mounted there"]);
    expect(code).toBe(1);
  },
);
