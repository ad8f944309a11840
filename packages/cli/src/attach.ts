// `patchcord attach`: a cable between an embedded lab and this machine. Both ends are TAPs: one in a namespace of the lab,
// one in a namespace of the machine; what comes out of one goes into the other. The lab's clock follows real time.

import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { ERRNO, strerror } from "@patchcord/core/netlink/errno.ts";
import { exitCode, Process } from "@patchcord/core/system/process.ts";
import { nullDescriptor } from "@patchcord/core/system/streams.ts";
import type { System } from "@patchcord/core/system/system.ts";
import { TUN_FLAGS } from "@patchcord/core/system/tun.ts";
import type { TunFile } from "@patchcord/core/system/tun.ts";
import { hostOutput } from "./host-streams.ts";
import { importNative, SystemUnusable } from "./native-part.ts";
import { realTimeHost } from "./node-host.ts";
import { nodeTls } from "./tls/node-tls.ts";
import { lookupProgram } from "./programs.ts";
import { readScripts, scriptProgram, UNREADABLE } from "./run.ts";
import type { SessionOptions } from "./session.ts";

export interface AttachOptions extends SessionOptions {
  readonly lab: readonly string[];
  /** Names of the devices; namespaces as "NAME:" in front. */
  readonly host: string;
  readonly inside: string;
}

const FAILED = 1;
/** IFNAMSIZ without the NUL; of longer names TUNSETIFF takes the beginning. */
const LONGEST_NAME = 15;
/** Frames that are moved before others get their turn. */
const BURST = 64;

interface Place {
  readonly netns: string | undefined;
  readonly device: string;
}

/** "red:tap0" is tap0 in the namespace red. */
function placeOf(text: string): Place {
  const colon = text.lastIndexOf(":");
  return colon < 0
    ? { netns: undefined, device: text }
    : { netns: text.slice(0, colon), device: text.slice(colon + 1) };
}

function openTap(system: System, { netns, device }: Place): TunFile {
  if (device.length > LONGEST_NAME) throw new Refusal(ERRNO.ENAMETOOLONG);
  const here = { pid: 0, cwd: "/", netns: system.initialNetns };
  const place = netns === undefined ? system.initialNetns : system.openNetns(`/run/netns/${netns}`, here);
  return system.openTun({ ...here, netns: place }, { name: device, flags: TUN_FLAGS.TAP | TUN_FLAGS.NO_PI });
}

/** Why it cannot be opened, for people. */
function unusable(name: string, { errno }: Refusal): string {
  const { netns, device } = placeOf(name);
  switch (errno) {
    case ERRNO.ENOENT:
      return netns === undefined ? strerror(errno) : `there is no namespace ${netns}`;
    case ERRNO.EINVAL:
      return `${strerror(errno)} (${/^[^/\s]+$/.test(device) ? "no TAP has this name" : "no name of a device"})`;
    case ERRNO.EBUSY:
      return `${strerror(errno)} (another program has it)`;
    default:
      return strerror(errno);
  }
}

/** Moves frames one way as they come. What the other side does not take is lost, as on a cable. */
function pump(from: TunFile, to: TunFile, after: () => void, gone: () => void): () => void {
  const move = (): void => {
    try {
      for (let left = BURST; left > 0; left--) {
        const frame = from.read();
        if (frame === undefined) break;
        try {
          to.write(frame);
        } catch (refusal) {
          if (!(refusal instanceof Refusal) || refusal.errno === EBADFD) throw refusal;
        }
      }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      gone();
    }
    after();
  };
  return from.subscribe(move);
}

const EBADFD = 77;

export async function attach(options: AttachOptions): Promise<number> {
  if (process.platform !== "linux") throw new SystemUnusable("attach needs Linux on this side of the cable");
  const scripts = readScripts(options.lab);
  if (scripts === undefined) return UNREADABLE;
  const { LinuxSystem, linuxUnusable } = await importNative(() => import("@patchcord/linux/linux-system.ts"));
  const why = linuxUnusable();
  if (why !== undefined) throw new SystemUnusable(why);
  const { Journal } = await import("@patchcord/linux/ownership/journal.ts");
  const journal = new Journal(undefined, (text) => void process.stderr.write(`patchcord: ${text}\n`));
  const machine = new LinuxSystem(journal, { tls: nodeTls });
  const host = realTimeHost();
  const lab = new EmbeddedSystem({
    tls: nodeTls,
    loopbackUp: true,
    host,
    profile: options.profile,
    seed: options.seed,
    startCost: 0,
    bootTime: Date.now() * 1000 - 60_000_000,
  });
  const wake = (): void => host.realTime?.wake();
  for (const { path, text } of scripts) {
    const started = Process.start(lab, lookupProgram, scriptProgram(path, text, false), {
      argv: [path],
      cwd: "/root",
      env: new Map([["PATH", "/usr/sbin:/usr/bin:/sbin:/bin"]]),
      fds: new Map([
        [0, nullDescriptor()],
        [1, hostOutput(process.stdout)],
        [2, hostOutput(process.stderr)],
      ]),
    });
    await lab.run(() => started.status !== undefined);
    const code = started.status ? exitCode(started.status) : FAILED;
    if (code !== 0) process.stderr.write(`patchcord: ${path} ended with ${code}\n`);
  }
  let inside: TunFile;
  let outside: TunFile;
  const failing = (name: string, where: string, refusal: unknown): number => {
    if (!(refusal instanceof Refusal)) throw refusal;
    journal.discard();
    process.stderr.write(`patchcord: ${name || '""'} ${where}: ${unusable(name, refusal)}\n`);
    return FAILED;
  };
  try {
    inside = openTap(lab, placeOf(options.inside));
  } catch (refusal) {
    return failing(options.inside, "in the lab", refusal);
  }
  try {
    outside = openTap(machine, placeOf(options.host));
  } catch (refusal) {
    return failing(options.host, "on this machine", refusal);
  }
  let ended = false;
  const end = (): void => {
    ended = true;
    wake();
  };
  let code = 0;
  const lost = (what: string) => (): void => {
    if (!ended) process.stderr.write(`patchcord: ${what} is gone\n`);
    code = FAILED;
    end();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  // "tap%d" has become a name.
  const [here, there] = [
    options.host.replace(/[^:]*$/, outside.name),
    options.inside.replace(/[^:]*$/, inside.name),
  ];
  const stop = [
    pump(outside, inside, wake, lost(`${here} on this machine`)),
    pump(inside, outside, () => {}, lost(`${there} in the lab`)),
  ];
  process.stdout.write(`${here} on this machine is plugged into ${there} in the lab. Ctrl-C ends.\n`);
  await lab.run(() => ended);
  for (const each of stop) each();
  outside.close();
  inside.close();
  journal.discard(); // the TAP has gone with its file
  return code;
}
