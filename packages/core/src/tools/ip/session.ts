// One run of ip (or one line of a batch): the process, the options, and what is built from them.

import type { Process } from "../../system/process.ts";
import { formatAddress } from "./addresses.ts";
import { giveUp } from "./arguments.ts";
import { LinkCache } from "./link-cache.ts";
import { NameTables } from "./names.ts";
import { attempt, NetnsNames } from "./netns-names.ts";
import { NexthopCache } from "./nexthop/cache.ts";
import type { Options } from "./options.ts";
import { Output } from "./output.ts";
import { Rtnl } from "./rtnl.ts";

export class Session {
  readonly process: Process;
  readonly options: Options;
  readonly out: Output;
  readonly names: NameTables;
  readonly rtnl: Rtnl;
  readonly links: LinkCache;
  readonly netnses: NetnsNames;
  readonly nexthops: NexthopCache;
  /** The address family that the command is about: -4, -6, ..., or what the object prefers. */
  family: number;
  /** More commands follow in this process. */
  batch = false;
  #hosts: ReadonlyMap<string, string> | undefined;

  constructor(process: Process, options: Options) {
    this.process = process;
    this.options = options;
    this.family = options.family;
    this.out = new Output({ ...options, background: background(process, options) }, (text) =>
      process.print(text),
    );
    this.names = new NameTables(process.files, options.numeric);
    this.rtnl = new Rtnl(process);
    this.links = new LinkCache(this.rtnl);
    this.netnses = new NetnsNames(process, this.rtnl);
    this.nexthops = new NexthopCache(this.rtnl);
  }

  /** An address as text; with -r as a host name, if /etc/hosts knows one. */
  host(family: number, address: Uint8Array): string {
    const text = formatAddress(family, address);
    if (!this.options.resolve) return text;
    this.#hosts ??= readHosts(this.process);
    return this.#hosts.get(text) ?? text;
  }

  /** Number of a device that must exist; otherwise the command ends. */
  deviceIndex(name: string): number {
    const index = this.links.index(name);
    return index !== 0 ? index : giveUp(this.process, `Cannot find device "${name}"\n`);
  }
}

/** Names by address, the first name of the first line that has the address. */
function readHosts({ files }: Process): ReadonlyMap<string, string> {
  const hosts = new Map<string, string>();
  const bytes = attempt(() => files.readFile("/etc/hosts")).value;
  for (const line of bytes === undefined ? [] : new TextDecoder().decode(bytes).split("\n")) {
    const [address = "", name] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (name !== undefined && !hosts.has(address)) hosts.set(address, name);
  }
  return hosts;
}

/** Colours are for text only; with -c=auto for terminals only. Dark palettes go by COLORFGBG, as in xterm and vim. */
function background(process: Process, { color, json }: Options): "light" | "dark" | undefined {
  const wanted = color === "always" || (color === "auto" && process.stdout.terminal !== undefined);
  if (!wanted || json) return undefined;
  const last = /;([^;]*)$/.exec(process.env.get("COLORFGBG") ?? "")?.[1] ?? "";
  return /^([0-6]|8)$/.test(last) ? "dark" : "light";
}
