// Takes back what requests have changed of devices that others own: settings, VLANs, names, the bridge and the namespace where a
// device is. What is not any more as the request left it belongs to whoever changed it since.

import type { NetlinkClient, NetlinkResult } from "@patchcord/core/netlink/client.ts";
import { ERRNO, strerror } from "@patchcord/core/netlink/errno.ts";
import { NLM_F } from "@patchcord/core/netlink/message.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { everySetting, makingAgain, tunOf } from "./deleted-links.ts";
import type { DeletedLinks } from "./deleted-links.ts";
import type { NetnsCookie } from "./journal.ts";
import { asking, linksOf } from "../kernel-client.ts";
import {
  allSettings,
  altNameRequest,
  altNamesOf,
  hasAddressOf,
  indexOf,
  isSameDevice,
  lookLink,
  lookVlans,
  masterOf,
  nameOf,
  portBack,
  settingBack,
  vidOf,
  vlanRequest,
} from "./link-settings.ts";
import type { LinuxNetns, NetworkNamespaces } from "../network-namespaces.ts";
import type { FarEnd, LinkScope, VlanScope } from "./scopes.ts";
import { makePersistentTun } from "../tun-file.ts";
import type { PersistentTun } from "../tun-file.ts";
import type { UndoRequests } from "./undo-requests.ts";
import { vlanOptionsBack } from "./vlan-options.ts";
import type { VlanOptionScope } from "./vlan-options.ts";

const NEW_NAME = NLM_F.CREATE | NLM_F.EXCL | NLM_F.APPEND;

/** The machine that is cleaned up. */
export interface UndoPlace {
  readonly namespaces: NetworkNamespaces;
  readonly byCookie: ReadonlyMap<NetnsCookie, LinuxNetns>;
  /** Whether a journal has a device: nobody misses one that Patchcord made. */
  readonly isOurs: (netns: NetnsCookie, index: number) => boolean;
  /** Devices that a cleanup before had made again when it was ended: "NETNS INDEX". */
  readonly again: ReadonlySet<string>;
  /** Takes note of such a device before it is made or brought back. */
  readonly makingAgain: (netns: NetnsCookie, index: number) => void;
  /** Removes a device that Patchcord made and that has the name of one of others. */
  readonly release: (netns: NetnsCookie, name: string) => void;
}

/** Where a device was, and where a request moved it. */
export interface LinkPlace {
  readonly netns: LinuxNetns;
  readonly cookie: NetnsCookie;
  readonly into: NetnsCookie | undefined;
}

/** What a request changed in a list of entries with keys, and what is unchanged since. */
export function changedEntries<K>(
  before: readonly Uint8Array[],
  after: readonly Uint8Array[],
  now: readonly Uint8Array[],
  keyOf: (entry: Uint8Array) => K,
): {
  readonly key: K;
  readonly was: Uint8Array | undefined;
  readonly became: Uint8Array | undefined;
}[] {
  const of = (list: readonly Uint8Array[], key: K): Uint8Array | undefined =>
    list.find((each) => keyOf(each) === key);
  const same = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
    one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0;
  return [...new Set([...before, ...after].map(keyOf))]
    .map((key) => ({ key, was: of(before, key), became: of(after, key) }))
    .filter(({ key, was, became }) => !same(was, became) && same(became, of(now, key)));
}

export class LinkUndo {
  readonly #namespaces: NetworkNamespaces;
  readonly #byCookie: UndoPlace["byCookie"];
  readonly #isOurs: UndoPlace["isOurs"];
  readonly #release: UndoPlace["release"];
  readonly #makingAgain: UndoPlace["makingAgain"];
  readonly #requests: UndoRequests;
  /** Devices that are made again or back: "NETNS INDEX". */
  readonly #made: Set<string>;

  constructor(
    { namespaces, byCookie, isOurs, again, makingAgain: noting, release }: UndoPlace,
    requests: UndoRequests,
  ) {
    this.#made = new Set(again);
    this.#makingAgain = noting;
    this.#namespaces = namespaces;
    this.#byCookie = byCookie;
    this.#isOurs = isOurs;
    this.#release = release;
    this.#requests = requests;
  }

  /**
   * `before` and `after` are what was there around the request; `after` is undefined if that is not known. `links` has all devices that
   * the request was about, as they were. True if the device is made again, or a port of its bridge again.
   */
  device(
    client: NetlinkClient,
    { netns, cookie, into }: LinkPlace,
    { index, request, deleted, far }: LinkScope,
    [before]: readonly Uint8Array[],
    after: readonly Uint8Array[] | undefined,
    links: DeletedLinks,
  ): boolean {
    if (before === undefined) return false;
    let now = lookLink(client, index);
    const isBack = now !== undefined && deleted !== true && this.#made.has(`${cookie} ${index}`);
    const moved = into !== undefined && (now === undefined || isBack);
    if (moved && now === undefined) {
      if (!this.#bringBack({ netns, cookie }, into, before)) return false;
      now = lookLink(client, index);
    }
    const gone = deleted === true && (after === undefined || after.length === 0);
    const isNew =
      gone && (now === undefined || this.#made.has(`${cookie} ${index}`)) && !this.#isOurs(cookie, index);
    if (isNew && now === undefined && !this.#made.has(`${cookie} ${index}`)) {
      this.#makeAgain(client, { netns, cookie }, before, links, far);
      now = lookLink(client, index);
    }
    if (now === undefined || !isSameDevice(before, now)) return false;
    const then = moved || isNew ? now : (after?.[0] ?? now);
    this.#altNames(client, before, then, now);
    const back = settingBack({
      request: isNew ? everySetting(before) : moved ? allSettings(index) : Buffer.from(request, "base64"),
      before,
      after: then,
      now,
    });
    if (back.request === undefined) return isNew;
    const { request: body } = back;
    const rejoins = back.names.includes("master") && masterOf(before) !== 0;
    this.#requests.restoring(`device ${nameOf(before)}: ${back.names.join(", ")}`, () => {
      const result = client.request(RTM.NEWLINK, 0, body);
      const port = rejoins ? portBack(before, index) : undefined;
      return result.ok && port !== undefined ? client.request(RTM.NEWLINK, 0, port) : result;
    });
    return (rejoins || isNew) && !this.#requests.dryRun;
  }

  /** Whether a device is made again or back. */
  isAgain(netns: NetnsCookie, index: number): boolean {
    return !this.#requests.dryRun && this.#made.has(`${netns} ${index}`);
  }

  /** One that was deleted, and with it the other end of its cable. */
  /** A device that something else makes again: a port of a datapath. To be called before that. */
  comesAgain(cookie: NetnsCookie, index: number): void {
    this.#made.add(`${cookie} ${index}`);
    if (!this.#requests.dryRun) this.#makingAgain(cookie, index);
  }

  #makeAgain(
    client: NetlinkClient,
    { netns, cookie }: Omit<LinkPlace, "into">,
    before: Uint8Array,
    links: DeletedLinks,
    far: FarEnd | undefined,
  ): void {
    const name = nameOf(before);
    const place = far && this.#byCookie.get(far.netns);
    const farLink = far && Buffer.from(far.link, "base64");
    const body = makingAgain(before, links, place && farLink && { link: farLink, fd: place.fd });
    const tun = tunOf(before);
    if (body === undefined && tun === undefined) {
      this.#requests.told.lost.push(`device ${name}`);
      return;
    }
    if (!this.#requests.dryRun) {
      this.#makingAgain(cookie, indexOf(before));
      for (const index of links.keys()) this.#makingAgain(cookie, index);
      if (far !== undefined && farLink !== undefined) this.#makingAgain(far.netns, indexOf(farLink));
      this.#release(cookie, name);
      if (far !== undefined && farLink !== undefined) this.#release(far.netns, nameOf(farLink));
    }
    const { told, dryRun } = this.#requests;
    const result = dryRun
      ? undefined
      : tun === undefined
        ? client.request(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, body ?? before)
        : this.#makeTun(netns, tun);
    if (result === undefined || result.ok) {
      told.restored.push(`device ${name}`);
      for (const index of links.keys()) this.#made.add(`${cookie} ${index}`);
      if (far !== undefined && farLink !== undefined) this.#made.add(`${far.netns} ${indexOf(farLink)}`);
    } else if (result.errno === ERRNO.EEXIST) told.lost.push(`device ${name}`);
    else told.failed.push(`device ${name}: ${result.extack.message ?? result.text}`);
  }

  #makeTun(netns: LinuxNetns, tun: PersistentTun): NetlinkResult {
    try {
      this.#namespaces.within(netns, () => makePersistentTun(tun));
      return { ok: true, messages: [], extack: {}, interrupted: false, filtered: false };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return { ok: false, errno: refusal.errno, extack: {}, text: strerror(refusal.errno) };
    }
  }

  #altNames(client: NetlinkClient, before: Uint8Array, after: Uint8Array, now: Uint8Array): void {
    const [was, became, are] = [before, after, now].map(altNamesOf) as [string[], string[], string[]];
    const index = indexOf(now);
    for (const name of became) {
      if (was.includes(name) || !are.includes(name)) continue;
      const body = altNameRequest(index, name);
      this.#requests.removing(`altname ${name}`, () => client.request(RTM.DELLINKPROP, 0, body));
    }
    for (const name of was) {
      if (became.includes(name) || are.includes(name)) continue;
      const body = altNameRequest(index, name);
      this.#requests.restoring(`altname ${name}`, () => client.request(RTM.NEWLINKPROP, NEW_NAME, body));
    }
  }

  /** Brings a device back from another namespace, under the number and the name that it had. */
  #bringBack({ netns, cookie }: Omit<LinkPlace, "into">, into: NetnsCookie, before: Uint8Array): boolean {
    const there = this.#byCookie.get(into);
    const name = nameOf(before);
    if (there === undefined) {
      this.#requests.told.lost.push(`device ${name}`);
      return false;
    }
    const found = this.#findMoved(there, before);
    if (found === undefined) return false;
    const home = { ifname: name, netNsFd: netns.fd };
    const index = indexOf(before);
    if (!this.#requests.dryRun) {
      this.#makingAgain(cookie, index);
      this.#made.add(`${cookie} ${index}`);
    }
    this.#requests.restoring(`device ${name} to its namespace`, () =>
      asking(this.#namespaces, there, (client) => {
        const result = client.request(
          RTM.SETLINK,
          0,
          encodeLink({ index: found.index, newIfindex: index, ...home }),
        );
        if (result.ok || found.index !== index) return result;
        return client.request(RTM.SETLINK, 0, encodeLink({ index, ...home }));
      }),
    );
    return !this.#requests.dryRun;
  }

  /** It may have another name and number there. */
  #findMoved(there: LinuxNetns, before: Uint8Array): LinkMessage | undefined {
    const name = nameOf(before);
    const links = linksOf(this.#namespaces, there);
    const same = (link: LinkMessage): boolean =>
      asking(this.#namespaces, there, (client) => {
        const body = lookLink(client, link.index);
        return body !== undefined && isSameDevice(before, body) && hasAddressOf(before, body);
      });
    return links.find((link) => link.ifname === name && same(link)) ?? links.find(same);
  }

  /** Without `after`, as of a port that has just joined its bridge, all that is there now is the request's doing. */
  vlans(
    client: NetlinkClient,
    { index, self }: VlanScope,
    before: readonly Uint8Array[],
    after: readonly Uint8Array[] | undefined,
  ): void {
    const now = lookVlans(client, index);
    const reached = after ?? now;
    for (const { key, was, became } of changedEntries(before, reached, now, vidOf)) {
      const what = `VLAN ${key} of a bridge port`;
      if (was !== undefined)
        this.#requests.restoring(what, () => client.request(RTM.SETLINK, 0, vlanRequest(index, was, self)));
      else if (became !== undefined)
        this.#requests.removing(what, () => client.request(RTM.DELLINK, 0, vlanRequest(index, became, self)));
    }
  }

  /** Without a look at a VLAN in `after`, as of one that is there again, all that differs was lost by the request. */
  vlanOptions(
    client: NetlinkClient,
    scope: VlanOptionScope,
    before: readonly Uint8Array[],
    after: readonly Uint8Array[] | undefined,
  ): void {
    for (const { vid, ask } of vlanOptionsBack(client, scope, before, after))
      this.#requests.restoring(`options of VLAN ${vid} of a bridge${scope.global ? "" : " port"}`, ask);
  }
}
