/** Commands of ovs-ofctl that go on until they are told to end: in the foreground, or with --detach in a process of their own. */
import { Refusal } from "../../netlink/refusal.ts";
import { Exit } from "../../system/process.ts";
import type { Process } from "../../system/process.ts";
import type { Waitable } from "../../system/streams.ts";
import { absolute } from "../ovs-daemons/daemon-options.ts";
import { runDirectory } from "../ovsdb/remote.ts";
import { Fatal, Ofctl } from "./ofctl-context.ts";

const NAME = "ovs-ofctl";

/** What such a command does; `ready` is called once it serves. */
type Service = (ofctl: Ofctl, ready: () => void) => Promise<void>;

export async function inBackground(ofctl: Ofctl, service: Service): Promise<number> {
  const { process, options } = ofctl;
  if (!options.detach) {
    await service(ofctl, () => writePidFile(process, options.pidFile));
    return 0;
  }
  const wakes = new Set<() => void>();
  let serves = false;
  const child = process.spawn(
    (forked) =>
      run(new Ofctl(forked, options), service, () => {
        writePidFile(forked, options.pidFile);
        serves = true;
        for (const wake of [...wakes]) wake();
      }),
    { argv: process.argv, fork: true, ownGroup: true },
  );
  child.onEnd(() => {
    for (const wake of [...wakes]) wake();
  });
  const started: Waitable = {
    get ready() {
      return serves || child.status !== undefined;
    },
    subscribe: (wake) => {
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
  };
  while (!started.ready) await process.wait([started]);
  return serves ? 0 : 1;
}

/** Says itself what goes wrong, as nobody else hears of it. */
async function run(ofctl: Ofctl, service: Service, ready: () => void): Promise<number> {
  try {
    await service(ofctl, ready);
    return 0;
  } catch (error) {
    if (error instanceof Exit || !(error instanceof Fatal)) throw error;
    ofctl.process.flush();
    ofctl.process.warn(`${NAME}: ${error.message}\n`);
    return 1;
  }
}

/** @param name undefined: none is wanted; empty: the default one */
function writePidFile(process: Process, name: string | undefined): void {
  if (name === undefined) return;
  const path = absolute(name === "" ? `${NAME}.pid` : name, runDirectory(process));
  try {
    process.files.writeFile(path, new TextEncoder().encode(`${process.pid}\n`));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Fatal(`${path}: create failed`, error.errno);
  }
  process.onEnd(() => {
    try {
      process.files.unlink(path);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // somebody else has removed it
    }
  });
}
