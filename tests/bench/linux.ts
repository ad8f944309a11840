// The real kernel: bringing a network up and down against a C program that does the same, against `ip -batch` and Mininet;
// a capture ring; reading a thousand links against `ip -j link`. Everything in namespaces that end with it.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { inOwnNamespaces, packageMissing, realKernelMissing } from "../real-kernel.ts";
import { median, row, skipped } from "./row.ts";
import type { Row } from "./row.ts";

const BRIDGES = 10;
const ROUNDS = 3;
const LINKS = 1000;
const FRAMES = 1_000_000;
const FRAMES_WANTED = 500_000; // a second
const here = dirname(fileURLToPath(import.meta.url));
const child = join(here, "linux-child.mjs");

/** Whether a worker of the kernel is taking namespaces apart, which it does after the last process has left them. */
function cleaning(): boolean {
  return readdirSync("/proc").some((name) => {
    if (!/^\d/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/comm`, "latin1").includes("+netns");
    } catch {
      return false; // the process has ended
    }
  });
}

/** Until the kernel has been done for a moment with the namespaces of the round before, ten seconds at most. */
async function settled(): Promise<void> {
  const patience = performance.now() + 10_000;
  let quiet = 0;
  while (quiet < 5 && performance.now() < patience) {
    quiet = cleaning() ? 0 : quiet + 1;
    await sleep(100);
  }
}

/** What inOwnNamespaces gives, as one line. */
async function apart(script: string, variables: Readonly<Record<string, string | number>>): Promise<string> {
  await settled();
  return (await inOwnNamespaces(script, { NODE: process.execPath, CHILD: child, ...variables })).trim();
}

/** Compiles a C program of the bench; its path, or why there is none. */
function compiled(name: string): { readonly program: string } | { readonly missing: string } {
  const missing = packageMissing("gcc", "/usr/bin/gcc");
  if (missing !== undefined) return { missing };
  mkdirSync(here, { recursive: true });
  const program = join(here, name);
  const source = join(here, "..", "..", "..", "tests", "bench", `${name}.c`);
  const { status, stderr } = spawnSync("gcc", ["-O2", "-o", program, source], { encoding: "utf8" });
  return status === 0
    ? { program }
    : { missing: `${name}.c does not compile: ${stderr.split("\n")[0] ?? ""}` };
}

interface Times {
  readonly up: number;
  readonly down: number;
}

async function ours(count: number): Promise<Times> {
  const text = await apart('"$NODE" "$CHILD" bring-up $N $BRIDGES', { N: count, BRIDGES });
  return JSON.parse(text) as Times;
}

async function inC(program: string, count: number): Promise<Times> {
  const [up = 0, down = 0] = (await apart('"$PROGRAM" $N $BRIDGES', { PROGRAM: program, N: count, BRIDGES }))
    .split(" ")
    .map(Number);
  return { up, down };
}

const IP_BATCH = `
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
start=$(date +%s%N)
{ for i in $(seq 0 $((BRIDGES-1))); do echo "link add br$i type bridge"; echo "link set br$i up"; done
  for i in $(seq 1 $N); do echo "netns add h$i"; done
  for i in $(seq 1 $N); do echo "link add v$i type veth peer name eth0 netns h$i"; echo "link set v$i master br$((i % BRIDGES)) up"; done
} | ip -batch -
for i in $(seq 1 $N); do
  printf 'address add 10.0.%d.%d/8 dev eth0\\nlink set eth0 up\\n' $((i / 250)) $((i % 250 + 1)) | ip -n h$i -batch -
done
echo $(($(date +%s%N) - start))
`;

const MININET = `
import time
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
start = time.time()
net = Mininet(controller=None, switch=LinuxBridge)
bridges = [net.addSwitch('s%d' % (i + 1)) for i in range(BRIDGES)]
for i in range(N):
    net.addLink(net.addHost('h%d' % (i + 1)), bridges[i % BRIDGES])
net.build()
net.start()
print(int((time.time() - start) * 1e9))
`;

/** Seconds of a script that prints nanoseconds, or why there are none. */
async function seconds(
  script: string,
  variables: Readonly<Record<string, string | number>>,
): Promise<number> {
  return Number((await apart(script, variables)).split("\n").at(-1)) / 1e9;
}

async function bringUpRows(count: number, program: string | undefined, why: string): Promise<Row[]> {
  const own: Times[] = [];
  const other: Times[] = [];
  const batch: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await ours(count));
    if (program !== undefined) other.push(await inC(program, count));
    batch.push(await seconds(IP_BATCH, { N: count, BRIDGES }));
  }
  const up = median(own.map((each) => each.up));
  const down = median(own.map((each) => each.down));
  const rows: Row[] = [];
  const name = `bring-up of ${count} namespaces on the real kernel`;
  if (program === undefined) rows.push(skipped(name, why));
  else {
    const than = { what: "C with pipelined netlink", value: median(other.map((each) => each.up)) };
    rows.push(row({ name, value: up, unit: "s", than, better: "as-much", target: 1.5 }));
  }
  const than = { what: "ip -batch", value: median(batch) };
  rows.push(row({ name, value: up, unit: "s", than, better: "less", target: 4 }));
  rows.push(
    row({
      name: `teardown of ${count} namespaces on the real kernel`,
      value: down,
      unit: "s",
      than: { what: "its bring-up", value: up },
      better: "as-much",
      target: 1.5,
    }),
  );
  if (count === SMALL) rows.push(await mininetRow(name, count, up));
  return rows;
}

async function mininetRow(name: string, count: number, up: number): Promise<Row> {
  const missing =
    packageMissing("mininet", "/usr/bin/mn") ?? packageMissing("bridge-utils", "/usr/sbin/brctl");
  if (missing !== undefined) return skipped(`${name}, against Mininet`, missing);
  try {
    const script = `timeout 300 /usr/bin/python3 - <<'END'\nN = ${count}\nBRIDGES = ${BRIDGES}\n${MININET}\nEND`;
    const value = await seconds(script, {});
    return row({ name, value: up, unit: "s", than: { what: "Mininet", value }, better: "less", target: 10 });
  } catch (failure) {
    return skipped(`${name}, against Mininet`, String(failure).split("\n")[0] ?? "it failed");
  }
}

async function readRow(): Promise<Row> {
  const script = `
for i in $(seq 1 $((N / 2))); do echo "link add v$i type veth peer name w$i"; done | ip -batch -
"$NODE" "$CHILD" read 5; echo
best=
for round in 1 2 3 4 5; do
  start=$(date +%s%N); ip -j link >/dev/null; took=$(($(date +%s%N) - start))
  [ -z "$best" ] || [ $took -lt $best ] && best=$took
done
echo $best`;
  const [own = "{}", theirs = "0"] = (await apart(script, { N: LINKS })).split("\n");
  const { milliseconds, links } = JSON.parse(own) as { milliseconds: number; links: number };
  return row({
    name: `reading ${links} links of the real kernel`,
    value: milliseconds,
    unit: "ms",
    than: { what: "ip -j link", value: Number(theirs) / 1e6 },
    better: "less",
    target: 1,
  });
}

interface Captured {
  readonly received: number;
  readonly drops: number;
  readonly sent: number;
  readonly rate: number;
  readonly seconds: number;
}

async function captureRows(sender: string): Promise<Row[]> {
  const script = `
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
ip link add p0 type veth peer name p1; ip link set p0 up; ip link set p1 up
"$NODE" "$CHILD" capture p1 "$SENDER" p0 $N`;
  const {
    received,
    drops,
    sent,
    rate,
    seconds: span,
  } = JSON.parse(await apart(script, { SENDER: sender, N: FRAMES })) as Captured;
  const wanted = Math.min(FRAMES_WANTED, rate * 0.95);
  return [
    row({
      name: "frames from a capture ring",
      value: received / span,
      unit: "frames/s",
      than: { what: "wanted, or the sender's own limit", value: wanted },
      target: 1,
    }),
    row({
      name: `frames lost of ${sent}, dropped by the ring`,
      value: sent - received + drops,
      unit: "frames",
      limit: 0,
    }),
  ];
}

const SMALL = 200;
const LARGE = 1000;

export async function linux(): Promise<Row[]> {
  const missing = packageMissing("iproute2", "/usr/sbin/ip") ?? realKernelMissing();
  if (missing !== undefined) return [skipped("the real kernel", missing)];
  const program = compiled("bring-up");
  const sender = compiled("send-frames");
  const rows: Row[] = [];
  for (const count of [SMALL, LARGE]) {
    const path = "program" in program ? program.program : undefined;
    rows.push(...(await bringUpRows(count, path, "missing" in program ? program.missing : "")));
  }
  rows.push(await readRow());
  if ("program" in sender) rows.push(...(await captureRows(sender.program)));
  else rows.push(skipped("frames from a capture ring", sender.missing));
  return rows;
}
