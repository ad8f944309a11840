// `map --explain`: the three ways by which people find the other end of a veth, or the machine behind a tap, by hand, with what they
// show here.
// The commands are run, not imitated, so what is printed is what the reader will see.

import type { Process } from "../../system/process.ts";
import { Pipe } from "../../system/streams.ts";
import type { Scan } from "../scan/model.ts";
import type { MapEnd, MapRow } from "./rows.ts";

/** What a program printed in a namespace. */
async function outputOf(process: Process, netns: number, words: readonly string[]): Promise<string> {
  const program = process.lookup(words[0] ?? "", process);
  if (program === undefined) return "";
  const pipe = new Pipe();
  const child = process.spawn(program, {
    argv: words,
    netns: { inode: netns },
    fds: new Map([[1, pipe.writer]]),
  });
  pipe.writer.release();
  const { input } = pipe.reader;
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const bytes = input === undefined ? null : await process.read(input);
    if (bytes === null) break;
    if (bytes !== undefined) text += decoder.decode(bytes, { stream: true });
  }
  await process.waitFor(child);
  pipe.reader.release();
  return text;
}

/** The file of sysfs as a process in the namespace sees it. */
async function fileIn(process: Process, netns: number, path: string): Promise<string> {
  return (await outputOf(process, netns, ["cat", path])).trim();
}

/** A tap has no other end in the kernel: a process holds it. */
async function explainTap(process: Process, row: MapRow, { device, netns }: MapEnd): Promise<string> {
  const { name, pid, mac } = row;
  const ways: [string, string[]][] = [
    [
      "A process that has a tap open tells its name in fdinfo.",
      ["sh", "-c", `grep -H '^iff:.*${device}$' /proc/${pid ?? "[0-9]*"}/fdinfo/* 2>/dev/null`],
    ],
    [
      "libvirt writes the device into the file of each machine that runs (virsh domiflist reads it).",
      ["sh", "-c", `grep -H "target dev='${device}'" /run/libvirt/qemu/*.xml 2>/dev/null`],
    ],
    [
      `A bridge learns the address of the card inside${mac === undefined ? "" : ` (${mac})`} behind it.`,
      ["bridge", "fdb", "show", "dev", device],
    ],
  ];
  const lines = [`${name}: the machine's cable is ${device}. By hand:`, ""];
  for (const [at, [text, words]] of ways.entries()) {
    const output = (await outputOf(process, netns, words)).trimEnd();
    lines.push(`${at + 1}. ${text}`, `   $ ${words[0] === "sh" ? words[2] : words.join(" ")}`);
    lines.push(...(output === "" ? ["(nothing)"] : output.split("\n")).map((line) => `   ${line}`));
  }
  return `${lines.join("\n")}\n`;
}

export async function explainRow(process: Process, row: MapRow, scan: Scan): Promise<string> {
  const { inside, host } = row;
  if (inside === undefined && host !== undefined) return await explainTap(process, row, host);
  if (inside === undefined || host === undefined)
    return `${row.name}: no cable from here to another namespace\n`;
  if (row.above === true)
    return `${row.name}: ${inside.device} is no end of a cable, but on top of ${host.device} in ${host.netnsTitle} (ip -d link show, sysfs's iflink)\n`;
  const { device, netns } = inside;
  const prompt = row.engine === "netns" ? `ip netns exec ${row.name}` : `nsenter -t ${row.pid ?? 0} -n`;
  const link = (await outputOf(process, netns, ["ip", "-o", "link", "show", "dev", device]))
    .split("\\")[0]
    ?.trim();
  const iflink = await fileIn(process, netns, `/sys/class/net/${device}/iflink`);
  const statistics = await outputOf(process, netns, ["ethtool", "-S", device]);
  const peer = /peer_ifindex: *(\d+)/.exec(statistics)?.[0] ?? "(this driver tells none)";
  const alike = sameIndexes(scan, host.ifindex, host.netns);
  return [
    `${row.name}: ${device} is ${host.device} in ${host.netnsTitle}. By hand:`,
    "",
    `1. The number behind @if is the other end's ifindex.`,
    `   $ ${prompt} ip -o link show dev ${device}`,
    `   ${link ?? ""}`,
    `2. sysfs has the same number (the file must be read inside the namespace).`,
    `   $ ${prompt} cat /sys/class/net/${device}/iflink`,
    `   ${iflink}`,
    `3. The veth driver tells it, too.`,
    `   $ ${prompt} ethtool -S ${device} | grep peer_ifindex`,
    `   ${peer}`,
    "",
    `So look for ifindex ${host.ifindex} in ${host.netnsTitle}: ${host.device}.`,
    alike.length === 0
      ? "No other namespace has a device with that ifindex now."
      : `The number alone is not enough: ${alike.join(", ")} ${alike.length === 1 ? "has" : "have"} the same ifindex.`,
    "What decides is the namespace's id beside it (link-netnsid), which is what map goes by.",
    "",
  ].join("\n");
}

const SHOWN = 3;

/** Devices elsewhere with an ifindex that a reader could take for the peer. */
function sameIndexes(scan: Scan, ifindex: number, netns: number): string[] {
  const all = scan.namespaces
    .filter(({ inode }) => inode !== netns)
    .flatMap((each) =>
      each.devices
        .filter((device) => device.ifindex === ifindex)
        .map((device) => `${device.name} in ${each.names[0] ?? `net:[${each.inode}]`}`),
    );
  return all.length > SHOWN ? [...all.slice(0, SHOWN), `${all.length - SHOWN} more`] : all;
}
