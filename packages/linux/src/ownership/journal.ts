// What Patchcord makes on the machine, written down before it is made, so that `patchcord cleanup` can take it away even
// after the process was killed. One file a process in /run/patchcord, one JSON object a line, appended: what a killed
// process had handed to write(2) stays.
//
// Names and indexes can be given to something else later, so things are known by what is never used twice while the
// machine runs: a namespace by its cookie (SO_NETNS_COOKIE), a device by its index inside that namespace, a file by
// inode and birth time. An entry without `made` was announced only: the process ended before, during or right after.

import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { JsonObject } from "@patchcord/core/ovsproto/json.ts";
import type { ControlledPart } from "./datapath-control.ts";
import type { DeviceSysctls } from "./device-sysctls.ts";
import type { EntryKinds, OpenflowEntry } from "./openflow-entries.ts";
import type { RowLook } from "./ovsdb-changes.ts";
import type { Scope } from "./scopes.ts";

export const JOURNAL_DIRECTORY = "/run/patchcord";

/** Identity of a namespace while the machine runs; decimal, since it is larger than a double may be. */
export type NetnsCookie = string;

/** What is there within each scope: bodies of rtnetlink's messages, base64. */
export type Looks = readonly (readonly string[])[];

export type JournalEntry =
  | {
      readonly type: "start";
      readonly pid: number;
      /** Start time of the process in clock ticks since boot: a pid is given away again. */
      readonly started: string;
      readonly boot: string;
    }
  | {
      readonly type: "link";
      readonly netns: NetnsCookie;
      readonly name: string;
      readonly kind: string;
      /** The highest index in the namespace before: what is ours has a higher one. */
      readonly above: number;
      /** Its index, once it is there. */
      readonly made?: number;
    }
  /** Things of others that a request is about to change, as they are. */
  | {
      readonly type: "change";
      readonly netns: NetnsCookie;
      readonly scopes: readonly Scope[];
      readonly before: Looks;
      /** Where a device is moved to. */
      readonly into?: NetnsCookie;
      /** Settings under /proc/sys/net of devices that are deleted or moved, by their indexes. */
      readonly sysctls?: Readonly<Record<number, DeviceSysctls>>;
    }
  /** The same things right after that request, which is the last "change" before. */
  | { readonly type: "changed"; readonly after: Looks }
  | {
      readonly type: "netns";
      readonly path: string;
      readonly netns: NetnsCookie;
      /** It was there before, and is only named (`ip netns attach`). */
      readonly attached?: true;
    }
  /** A name that somebody else gave to a namespace and that is about to be taken away. */
  | { readonly type: "unnamed"; readonly path: string; readonly netns: NetnsCookie }
  | {
      readonly type: "file" | "directory";
      readonly path: string;
      /** Not older than this, milliseconds since the epoch. */
      readonly since: number;
      /** Its inode number, once it is there. */
      readonly made?: number;
    }
  /** A row in the database of Open vSwitch behind a unix socket. */
  | {
      readonly type: "ovs";
      readonly socket: string;
      readonly table: string;
      /** Empty where rows of the table have none. */
      readonly name: string;
      /** Its UUID, which is chosen before the row is made; old servers tell it afterwards. */
      readonly made?: string;
    }
  /** Rows of others that a transaction is about to change, as they are. */
  | {
      readonly type: "ovs change";
      readonly id: number;
      readonly socket: string;
      readonly before: readonly RowLook[];
    }
  /** The same rows once that transaction has ended; null for those that are gone. */
  | { readonly type: "ovs changed"; readonly id: number; readonly after: readonly (JsonObject | null)[] }
  /** Flows, groups, meters, ports and tables of a bridge of others that are about to be changed over its management socket, as they are. */
  | {
      readonly type: "flows";
      readonly id: number;
      readonly socket: string;
      readonly kinds: EntryKinds;
      readonly before: readonly OpenflowEntry[];
      /** The daemon may drop them when it follows a change of the database, at a time that nobody is told. */
      readonly lost?: true;
    }
  /** The daemon had no reason to drop flows, groups and meters among them. */
  | { readonly type: "flows kept"; readonly id: number }
  /** Keys of those that its next message may add. */
  | { readonly type: "flows adding"; readonly id: number; readonly keys: readonly string[] }
  /** The same once that connection has closed. */
  | { readonly type: "flows changed"; readonly id: number; readonly after: readonly OpenflowEntry[] }
  /** Datapaths and ports that a command to the switch daemon is about to make or take away. */
  | { readonly type: "datapath"; readonly socket: string; readonly parts: readonly ControlledPart[] }
  /** A control group, from the root of the hierarchy; its path has a part that is Patchcord's alone. */
  | { readonly type: "control group"; readonly path: string }
  /** A setting under /proc/sys/net or /sys, with the value that it had. */
  | {
      readonly type: "setting";
      readonly path: string;
      readonly netns: NetnsCookie;
      readonly before: string;
    }
  /** A device that a cleanup is about to make again, or to bring back, under its number. */
  | { readonly type: "again"; readonly netns: NetnsCookie; readonly index: number }
  /** A directory that is mounted on itself, to be shared with other mount namespaces. */
  | { readonly type: "share"; readonly path: string };

/** Ticks since boot at which a process started; undefined if there is none. */
export function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Writes entries. The file is made with the first one, so whoever only looks leaves nothing. */
export class Journal {
  readonly #directory: string;
  readonly #complain: (text: string) => void;
  #fd: number | undefined;
  #path: string | undefined;
  /** Bytes of whole entries. */
  #length = 0;
  #complained = false;

  /** `complain` hears once that it cannot be written. */
  constructor(directory = JOURNAL_DIRECTORY, complain: (text: string) => void = () => {}) {
    this.#directory = directory;
    this.#complain = complain;
  }

  /** Undefined as long as nothing was recorded. */
  get path(): string | undefined {
    return this.#path;
  }

  /** What it names may be changed then, and not before. Errors: Refusal, with nothing written. */
  record(entries: readonly JournalEntry[]): void {
    if (entries.length === 0) return;
    try {
      this.#fd ??= this.#open();
      this.#write(this.#fd, entries);
    } catch (error) {
      const { errno, code, path = this.#path ?? this.#directory } = error as NodeJS.ErrnoException;
      if (errno === undefined || code === undefined) throw error;
      if (!this.#complained)
        this.#complain(`${path}: ${strerror(-errno)}; without this journal nothing is changed`);
      this.#complained = true;
      throw new Refusal(-errno);
    }
  }

  #write(fd: number, entries: readonly JournalEntry[]): void {
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    } catch (error) {
      ftruncateSync(fd, this.#length); // no part of a line stays, to which the next one would be added
      throw error;
    }
    this.#length += bytes.length;
  }

  /** Takes it away: nothing of what it names is there any more. */
  discard(): void {
    if (this.#fd === undefined || this.#path === undefined) return;
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
    this.#fd = this.#path = undefined;
  }

  #open(): number {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    this.#path = `${this.#directory}/${process.pid}-${Date.now()}.jsonl`;
    const fd = openSync(this.#path, "ax", 0o600);
    this.#length = 0;
    const start: JournalEntry = {
      type: "start",
      pid: process.pid,
      started: startOf(process.pid) ?? "",
      boot: bootId(),
    };
    try {
      this.#write(fd, [start]);
    } catch (error) {
      closeSync(fd);
      rmSync(this.#path, { force: true });
      throw error;
    }
    return fd;
  }
}
