// The options of `ip link add` and `ip link set`, and of the other end of a pair (`peer ...`). Some keywords may be
// shortened and some not; the order of the tests is iproute2's, since it decides what a short form means.

import { ERRNO } from "../../../netlink/errno.ts";
import { IFF } from "../../../netlink/rtnl/link-constants.ts";
import type { Arguments } from "../arguments.ts";
import { giveUp, isAlternativeName, isInterfaceName, matches, switchValue } from "../arguments.ts";
import { parseLinkAddress } from "../addresses.ts";
import type { LinkRequest } from "../link-syntax.ts";
import { atoi, parseSigned, parseUnsigned } from "../numbers.ts";
import type { Session } from "../session.ts";
import { addrGenModeByName, linkModeByName, operstateByName } from "./flags.ts";
import { vrfIndex } from "./list.ts";

/** Longest alias, bytes (IFALIASZ - 1). */
const ALIAS_MAX = 255;

/** What the words say, before it becomes a request. */
export interface LinkOptions {
  readonly request: LinkRequest;
  /** The kind behind `type`; the words behind it are left in the arguments. */
  kind: string | undefined;
  /** The device, or the name of a new one. */
  device: string | undefined;
  name: string | undefined;
  /** The lower device (`link DEV`). */
  link: string | undefined;
  index: number;
  group: number | undefined;
}

/** Flags with on and off; those that mean the opposite of the word are inverted. */
const SWITCHES: ReadonlyMap<string, { readonly flag: number; readonly inverted?: true }> = new Map([
  ["multicast", { flag: IFF.MULTICAST }],
  ["allmulticast", { flag: IFF.ALLMULTI }],
  ["promisc", { flag: IFF.PROMISC }],
  ["trailers", { flag: IFF.NOTRAILERS, inverted: true }],
  ["arp", { flag: IFF.NOARP, inverted: true }],
]);

function setFlag(request: LinkRequest, flag: number, on: boolean): void {
  request.change = (request.change ?? 0) | flag;
  request.flags = on ? (request.flags ?? 0) | flag : (request.flags ?? 0) & ~flag;
}

/** Reads options up to `type KIND` or the end. */
export class LinkOptionParser {
  readonly #session: Session;
  readonly #args: Arguments;
  readonly #usage: () => never;
  readonly #options: LinkOptions;
  /** Keywords that may come once only and have come. */
  readonly #seen = new Set<string>();

  constructor(session: Session, args: Arguments, usage: () => never) {
    this.#session = session;
    this.#args = args;
    this.#usage = usage;
    this.#options = {
      request: {},
      kind: undefined,
      device: undefined,
      name: undefined,
      link: undefined,
      index: 0,
      group: undefined,
    };
  }

  parse(): LinkOptions {
    const args = this.#args;
    while (args.left > 0) {
      const word = args.current;
      if (this.#generalWord(word) || this.#namespaceWord(word) || this.#switchWord(word)) {
        args.advance();
        continue;
      }
      if (matches(word, "type")) {
        this.#options.kind = args.next();
        args.advance();
        break;
      }
      if (!this.#laterWord(word)) this.#deviceWord(word);
      args.advance();
    }
    const options = this.#options;
    options.name ??= options.device;
    options.device ??= options.name;
    return options;
  }

  #once(key: string): void {
    if (this.#seen.has(key)) this.#args.duplicate(key);
    this.#seen.add(key);
  }

  /** The value behind a keyword that may come once, as a signed number. */
  #onceNumber(key: string): number {
    const word = this.#args.next();
    this.#once(key);
    return parseSigned(word, -0x8000_0000, 0x7fff_ffff) ?? this.#args.invalid(`Invalid "${key}" value\n`);
  }

  #linkAddress(): Uint8Array {
    this.#args.next();
    return parseLinkAddress(this.#args) ?? giveUp(this.#session.process, "");
  }

  #generalWord(word: string): boolean {
    const args = this.#args;
    const options = this.#options;
    const { request } = options;
    if (word === "up" || word === "down") setFlag(request, IFF.UP, word === "up");
    else if (word === "name") {
      args.next();
      if (options.name !== undefined) args.duplicate("name");
      if (!isInterfaceName(args.current)) args.invalid('"name" not a valid ifname');
      options.name = args.current;
      options.device ??= options.name;
    } else if (word === "index") {
      const value = args.next();
      this.#once("index");
      options.index = atoi(value);
      if (options.index <= 0) args.invalid('Invalid "index" value');
    } else if (matches(word, "link")) options.link = args.next();
    else if (matches(word, "address")) request.address = this.#linkAddress();
    else if (matches(word, "broadcast") || word === "brd") request.broadcast = this.#linkAddress();
    else if (matches(word, "txqueuelen") || word === "qlen" || matches(word, "txqlen")) {
      request.txqlen = this.#onceNumber("txqueuelen");
    } else if (word === "mtu") request.mtu = this.#onceNumber("mtu");
    else return false;
    return true;
  }

  #namespaceWord(word: string): boolean {
    if (word !== "netns") return false;
    const args = this.#args;
    const { request } = this.#options;
    const name = args.next();
    this.#once("netns");
    const fd = this.#session.netnses.descriptor(name);
    const pid = fd === undefined ? parseSigned(name, -0x8000_0000, 0x7fff_ffff) : undefined;
    if (fd !== undefined) request.netNsFd = fd;
    else if (pid !== undefined) request.netNsPid = pid >>> 0;
    else args.invalid('Invalid "netns" value\n');
    return true;
  }

  #onOff(key: string): boolean {
    const word = this.#args.next();
    if (word === "on") return true;
    if (word === "off") return false;
    const { process } = this.#session;
    return giveUp(process, `Error: argument of "${key}" must be "on" or "off", not "${word}"\n`);
  }

  /** "on" or "off" with the other complaint that iproute2 has, and its exit code EINVAL. */
  #oneOf(key: string): boolean {
    const word = this.#args.next();
    const value = switchValue(word);
    if (value !== undefined) return value;
    const message = `Error: argument of "${key}" must be one of "off", "on", not "${word}"\n`;
    return giveUp(this.#session.process, message, ERRNO.EINVAL);
  }

  #switchWord(word: string): boolean {
    const { request } = this.#options;
    const found = SWITCHES.get(word);
    if (found !== undefined) setFlag(request, found.flag, this.#onOff(word) !== (found.inverted ?? false));
    else if (word === "carrier") request.carrier = this.#oneOf("carrier") ? 1 : 0;
    else if (word === "vf" || /^xdp(generic|drv|offload)?$/.test(word)) {
      giveUp(this.#session.process, `"${word}" is not implemented\n`);
    } else return this.#masterWord(word);
    return true;
  }

  #masterWord(word: string): boolean {
    const args = this.#args;
    const session = this.#session;
    const { request } = this.#options;
    if (matches(word, "master")) {
      request.master = session.links.index(args.next()) || args.invalid("Device does not exist\n");
    } else if (word === "vrf") {
      request.master = vrfIndex(session, args.next()) ?? args.invalid("Not a valid VRF name\n");
    } else if (matches(word, "nomaster")) request.master = 0;
    else if (matches(word, "dynamic")) setFlag(request, IFF.DYNAMIC, this.#onOff("dynamic"));
    else return false;
    return true;
  }

  #laterWord(word: string): boolean {
    const args = this.#args;
    const options = this.#options;
    const { request } = options;
    if (matches(word, "alias")) {
      request.ifalias = args.next();
      if (new TextEncoder().encode(args.current).length > ALIAS_MAX) args.invalid("alias too long\n");
    } else if (word === "group") {
      args.next();
      if (options.group !== undefined) args.duplicate("group");
      options.group =
        this.#session.names.id("group", args.current) ?? args.invalid('Invalid "group" value\n');
      request.group = options.group;
    } else if (word === "mode") {
      request.linkmode = linkModeByName(args.next()) ?? args.invalid("Invalid link mode\n");
    } else if (word === "state") {
      request.operstate = operstateByName(args.next()) ?? args.invalid("Invalid operstate\n");
    } else if (matches(word, "numtxqueues")) request.numTxQueues = this.#onceNumber("numtxqueues");
    else if (matches(word, "numrxqueues")) request.numRxQueues = this.#onceNumber("numrxqueues");
    else if (matches(word, "addrgenmode")) {
      const mode = addrGenModeByName(args.next()) ?? args.invalid("Invalid address generation mode\n");
      request.afSpec = { inet6: { addrGenMode: mode } };
    } else return this.#rareWord(word);
    return true;
  }

  #rareWord(word: string): boolean {
    const args = this.#args;
    const { request } = this.#options;
    const size = (key: string): number =>
      parseUnsigned(args.next()) ?? args.invalid(`Invalid "${key}" value\n`);
    if (matches(word, "link-netnsid")) {
      args.next();
      this.#once("link-netnsid");
      request.linkNetnsid =
        parseSigned(args.current, -0x8000_0000, 0x7fff_ffff) ??
        args.invalid('Invalid "link-netnsid" value\n');
    } else if (word === "link-netns") {
      args.next();
      this.#once("link-netnsid");
      request.linkNetnsid =
        this.#session.netnses.idOrNew(args.current) ?? args.invalid('Invalid "link-netns" value\n');
    } else if (word === "protodown") request.protoDown = this.#oneOf("protodown") ? 1 : 0;
    else if (word === "protodown_reason") {
      const bit = parseUnsigned(args.next(), 31) ?? args.invalid("invalid protodown reason\n");
      const on = this.#onOff("protodown_reason");
      request.protoDownReason = { mask: (1 << bit) >>> 0, value: on ? (1 << bit) >>> 0 : 0 };
    } else if (word === "gso_max_size") request.gsoMaxSize = size(word);
    else if (word === "gso_max_segs") {
      request.gsoMaxSegs = size(word);
      // GSO_MAX_SEGS of linux/netdevice.h
      if (request.gsoMaxSegs > 65535) args.invalid(`Invalid "${word}" value\n`);
    } else if (word === "gro_max_size") request.groMaxSize = size(word);
    else if (word === "parentdev") request.parentDevName = args.next();
    else return false;
    return true;
  }

  /** A device name, with or without `dev`. */
  #deviceWord(word: string): void {
    const args = this.#args;
    const options = this.#options;
    if (matches(word, "help")) this.#usage();
    if (word === "dev") args.next();
    if (options.device !== options.name) args.garbage("dev");
    if (options.device !== undefined && options.name === undefined) args.garbage("dev");
    if (!isAlternativeName(args.current)) args.invalid('"dev" not a valid ifname');
    options.device = args.current;
  }
}
