// What ip knows about devices by number and by name. Whatever a dump or an answer told is remembered; what is not
// known is asked for, one device at a time, without a word if there is none.

import type { NetlinkMessage } from "../../netlink/message.ts";
import { RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage, LinkParts } from "../../netlink/rtnl/link.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { isInterfaceName } from "./arguments.ts";
import type { Rtnl } from "./rtnl.ts";

/** Bytes of a device's name with the one that ends it. */
const IFNAMSIZ = 16;

interface Entry {
  readonly index: number;
  readonly name: string;
  readonly alternativeNames: readonly string[];
  readonly type: number;
  readonly flags: number;
}

/** Links of a list of messages; those that cannot be decoded are left out. */
export function decodeLinks(messages: readonly NetlinkMessage[], parts?: LinkParts): LinkMessage[] {
  const links: LinkMessage[] = [];
  for (const { body } of messages) {
    const link = decodeLink(body, parts);
    if (!isMalformed(link)) links.push(link);
  }
  return links;
}

export class LinkCache {
  readonly #rtnl: Rtnl;
  readonly #byIndex = new Map<number, Entry>();
  readonly #byName = new Map<string, Entry>();

  constructor(rtnl: Rtnl) {
    this.#rtnl = rtnl;
  }

  /** Remembers a device from RTM_NEWLINK. */
  remember(link: LinkMessage): void {
    if (link.ifname === undefined) return;
    this.forget(link.index);
    const alternativeNames = link.propList?.altIfname ?? [];
    const entry = {
      index: link.index,
      name: link.ifname,
      alternativeNames,
      type: link.type,
      flags: link.flags,
    };
    this.#byIndex.set(entry.index, entry);
    for (const name of [entry.name, ...alternativeNames]) this.#byName.set(name, entry);
  }

  /** Forgets a device after RTM_DELLINK. */
  forget(index: number): void {
    const entry = this.#byIndex.get(index);
    if (entry === undefined) return;
    this.#byIndex.delete(index);
    for (const name of [entry.name, ...entry.alternativeNames]) this.#byName.delete(name);
  }

  /** Asks for all devices. False if that was refused, which has been printed then. */
  load(): boolean {
    const messages = this.#rtnl.dump(RTM.GETLINK, encodeLink({ extMask: RTEXT_FILTER.VF }));
    for (const link of decodeLinks(messages ?? [], "outline")) this.remember(link);
    return messages !== undefined;
  }

  #ask(question: Partial<LinkMessage>): Entry | undefined {
    const extMask = RTEXT_FILTER.VF | RTEXT_FILTER.SKIP_STATS;
    const result = this.#rtnl.ask(RTM.GETLINK, 0, encodeLink({ ...question, extMask }));
    const link = result.ok ? decodeLinks(result.messages, "outline")[0] : undefined;
    if (link === undefined) return undefined;
    this.remember(link);
    return this.#byIndex.get(link.index);
  }

  #entry(index: number): Entry | undefined {
    if (index <= 0) return undefined;
    return this.#byIndex.get(index) ?? this.#ask({ index });
  }

  /** Name of a device; "*" for 0, "ifN" for an unknown one. */
  name(index: number): string {
    if (index === 0) return "*";
    return this.#entry(index)?.name ?? `if${index}`;
  }

  /** ARPHRD_ type; undefined for an unknown device. */
  type(index: number): number | undefined {
    return this.#entry(index)?.type;
  }

  /** IFF_ flags as far as they are known; undefined for a device that nobody has asked for. */
  knownFlags(index: number): number | undefined {
    return this.#byIndex.get(index)?.flags;
  }

  /** Number of a device by name, alternative name, label ("eth0:1") or "ifN"; 0 if there is none. */
  index(name: string): number {
    const known =
      this.#byName.get(name) ?? this.#ask(isInterfaceName(name) ? { ifname: name } : { altIfname: name });
    if (known !== undefined) return known.index;
    // SIOCGIFINDEX, which is asked then, passes over what follows a colon.
    const [device = "", label] = name.split(":", 2);
    const labelled =
      label !== undefined && name.length < IFNAMSIZ ? this.#ask({ ifname: device }) : undefined;
    if (labelled !== undefined) return labelled.index;
    const number = /^if\s*\+?([0-9]+)/.exec(name)?.[1];
    return number === undefined ? 0 : Number(number) >>> 0;
  }
}
