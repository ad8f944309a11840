// Takes back what requests have changed of things that others own (rtnl-changes.ts), the last change first: what a request made
// goes, what it replaced, changed or took away comes back as it was. What is not any more as the request left it belongs to
// whoever changed it since.

import type { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { NLM_F } from "@patchcord/core/netlink/message.ts";
import { setSysctls } from "./device-sysctls.ts";
import { deviceOf, ethtoolBack, lookEthtool } from "./ethtool-settings.ts";
import type { EthtoolScope } from "./ethtool-settings.ts";
import type { JournalEntry, Looks, NetnsCookie } from "./journal.ts";
import { asking } from "../kernel-client.ts";
import { datapathsBack, lookDatapaths } from "./kernel-datapaths.ts";
import type { DatapathScope } from "./kernel-datapaths.ts";
import { flowsBack, lookFlows } from "./kernel-flows.ts";
import type { FlowScope } from "./kernel-flows.ts";
import {
  contentOf,
  ENTRIES,
  entryName,
  identityOf,
  isAdded,
  isMissed,
  isRequested,
  leadsOn,
  listEntries,
  requestFor,
} from "./kernel-entries.ts";
import type { EntryScope } from "./kernel-entries.ts";
import { addGroup, groupKey, groupName, isTemporaryGroup, listGroups, removeGroup } from "./kernel-groups.ts";
import type { GroupScope } from "./kernel-groups.ts";
import { lookLink, lookVlans } from "./link-settings.ts";
import type { LinuxNetns } from "../network-namespaces.ts";
import type { Scope } from "./scopes.ts";
import { changedEntries, LinkUndo } from "./undo-links.ts";
import type { UndoPlace } from "./undo-links.ts";
import type { UndoRequests } from "./undo-requests.ts";
import { lookVlanOptions } from "./vlan-options.ts";

export function look(client: NetlinkClient, generic: () => NetlinkClient, scope: Scope): string[] {
  return bodiesOf(client, generic, scope).map((body) => Buffer.from(body).toString("base64"));
}

function bodiesOf(client: NetlinkClient, generic: () => NetlinkClient, scope: Scope): Uint8Array[] {
  switch (scope.kind) {
    case "link": {
      const link = lookLink(client, scope.index);
      return link === undefined ? [] : [link];
    }
    case "vlans":
      return lookVlans(client, scope.index);
    case "VLAN options":
      return lookVlanOptions(client, scope);
    case "group":
      return listGroups(client, scope);
    case "ethtool":
      return lookEthtool(generic(), scope);
    case "datapaths":
      return lookDatapaths(generic());
    case "flows":
      return lookFlows(generic(), scope);
    default:
      return listEntries(client, scope);
  }
}

type Announced = Extract<JournalEntry, { readonly type: "change" }>;
export interface Change extends Announced {
  /** Undefined if the process was killed inside the request. */
  readonly after: Looks | undefined;
}

/** Changes and how they ended; those of a process are one after the other. */
export function changesIn(entries: readonly JournalEntry[]): Change[] {
  const changes: Change[] = [];
  for (const entry of entries) {
    const last = changes.at(-1);
    if (entry.type === "change") changes.push({ ...entry, after: undefined });
    else if (entry.type === "changed" && last) changes[changes.length - 1] = { ...last, after: entry.after };
  }
  return changes;
}

/** Devices first, then what is on them. */
const ORDER: readonly Scope["kind"][] = [
  "datapaths",
  "flows",
  "link",
  "ethtool",
  "vlans",
  "VLAN options",
  "group",
  "address",
  "route",
  "neighbour",
  "rule",
  "address label",
];

const bytes = (text: string): Uint8Array => Buffer.from(text, "base64");

export class Undo {
  readonly #place: UndoPlace;
  readonly #requests: UndoRequests;
  readonly #links: LinkUndo;

  constructor(place: UndoPlace, requests: UndoRequests) {
    this.#place = place;
    this.#requests = requests;
    this.#links = new LinkUndo(place, requests);
  }

  run(changes: readonly Change[]): void {
    for (const change of changes.toReversed()) {
      const netns = this.#place.byCookie.get(change.netns);
      if (netns === undefined) continue;
      asking(this.#place.namespaces, netns, (client, generic) => this.#undo(client, generic, netns, change));
    }
    this.#requests.finish();
  }

  #undo(client: NetlinkClient, generic: () => NetlinkClient, netns: LinuxNetns, change: Change): void {
    const place = { netns, cookie: change.netns, into: change.into };
    const parts = change.scopes.map((scope, index) => ({
      scope,
      before: (change.before[index] ?? []).map(bytes),
      after: change.after === undefined ? undefined : (change.after[index] ?? []).map(bytes),
    }));
    parts.sort((a, b) => ORDER.indexOf(a.scope.kind) - ORDER.indexOf(b.scope.kind));
    const rejoined = new Set<number>();
    const links = new Map(
      parts.flatMap(({ scope, before: [link] }) =>
        scope.kind === "link" && link !== undefined ? [[scope.index, link]] : [],
      ),
    );
    for (const { scope, before, after } of parts) {
      if (scope.kind === "link") {
        if (this.#links.device(client, place, scope, before, after, links)) rejoined.add(scope.index);
        const sysctls = change.sysctls?.[scope.index];
        if (sysctls !== undefined && this.#links.isAgain(change.netns, scope.index))
          setSysctls(this.#place.namespaces, netns, sysctls);
      } else if (scope.kind === "vlans")
        this.#links.vlans(client, scope, before, rejoined.has(scope.index) ? undefined : after);
      else if (scope.kind === "VLAN options")
        this.#links.vlanOptions(client, scope, before, rejoined.has(scope.index) ? [] : after);
      else if (scope.kind === "group") this.#groups(client, netns, scope, before, after);
      else if (scope.kind === "datapaths") this.#datapaths(generic(), change.netns, scope, before, after);
      else if (scope.kind === "flows") this.#flows(generic(), scope, before, after);
      else if (scope.kind === "ethtool") this.#ethtool(generic(), scope, before, after);
      else this.#entries(client, scope, before, after, rejoined.has(scope.device ?? 0));
    }
  }

  /** Of a bridge's multicast database. */
  #groups(
    client: NetlinkClient,
    netns: LinuxNetns,
    scope: GroupScope,
    before: readonly Uint8Array[],
    after: readonly Uint8Array[] | undefined,
  ): void {
    const now = listGroups(client, scope);
    // Nobody knows who has made others since.
    const known = after ?? (scope.key === undefined ? [] : now);
    const present = new Set(now.map(groupKey));
    const reached = known.filter((each) => !isTemporaryGroup(each) || present.has(groupKey(each)));
    for (const { was, became } of changedEntries(before, reached, now, groupKey)) {
      if (was !== undefined)
        this.#requests.restoring(
          groupName(was),
          () => {
            if (became !== undefined) removeGroup(client, became);
            return addGroup(client, was);
          },
          // A bridge has none while it is down, and learns none of a port without carrier.
          () => asking(this.#place.namespaces, netns, (other) => addGroup(other, was)),
        );
      else if (became !== undefined)
        this.#requests.removing(groupName(became), () => removeGroup(client, became));
    }
  }

  #datapaths(
    generic: NetlinkClient,
    cookie: NetnsCookie,
    scope: DatapathScope,
    before: readonly Uint8Array[],
    after: readonly Uint8Array[] | undefined,
  ): void {
    for (const { name, made, device, ask } of datapathsBack(generic, scope, before, after)) {
      if (device !== undefined) this.#links.comesAgain(cookie, device);
      if (made) this.#requests.removing(name, ask);
      else this.#requests.restoring(name, ask);
    }
  }

  #flows(
    generic: NetlinkClient,
    scope: FlowScope,
    before: readonly Uint8Array[],
    after: readonly Uint8Array[] | undefined,
  ): void {
    const name = `flow of datapath ${scope.datapath}`;
    for (const { made, ask } of flowsBack(generic, scope, before, after))
      if (made) this.#requests.removing(name, ask);
      else this.#requests.restoring(name, ask);
  }

  #ethtool(
    generic: NetlinkClient,
    scope: EthtoolScope,
    [before]: readonly Uint8Array[],
    after: readonly Uint8Array[] | undefined,
  ): void {
    const [now] = lookEthtool(generic, scope);
    const back = ethtoolBack(generic, scope, before, after?.[0] ?? now, now);
    if (back === undefined) return;
    const { name, family, request } = back;
    this.#requests.restoring(`device ${deviceOf(now)}: ${name}`, () => generic.request(family, 0, request));
  }

  /** Addresses, routes, neighbours, rules. A device that is there again may have got an address of its own. */
  #entries(
    client: NetlinkClient,
    scope: EntryScope,
    before: readonly Uint8Array[],
    after: readonly Uint8Array[] | undefined,
    isAgain: boolean,
  ): void {
    const { kind, request } = scope;
    const { add, remove } = ENTRIES[kind];
    const now = listEntries(client, scope);
    const allOurs = isAgain && kind === "address";
    const reached = allOurs ? now : (after ?? now);
    const contents = (list: readonly Uint8Array[]): ReadonlySet<string> =>
      new Set(list.map((body) => contentOf(kind, body)));
    const [was, known, current] = [contents(before), contents(reached), contents(now)];
    const gained = reached
      .filter((body) => !was.has(contentOf(kind, body)))
      // Nobody knows who made the others since.
      .filter(
        (body) =>
          allOurs ||
          after !== undefined ||
          (request !== undefined && isRequested(kind, bytes(request), body)) ||
          (scope.adds !== undefined && isAdded(kind, scope.adds, body)),
      );
    const lost = before.filter((body) => !known.has(contentOf(kind, body)) && isMissed(kind, body));
    for (const body of gained.toReversed()) {
      if (!current.has(contentOf(kind, body))) continue;
      const place = lost.findIndex((each) => identityOf(kind, each) === identityOf(kind, body));
      const [former] = place < 0 || kind === "rule" ? [] : lost.splice(place, 1);
      if (former === undefined)
        this.#requests.removing(entryName(kind, body), () =>
          client.request(remove, 0, requestFor(kind, body)),
        );
      else
        this.#requests.restoring(entryName(kind, former), () =>
          client.request(add, NLM_F.CREATE | NLM_F.REPLACE, requestFor(kind, former)),
        );
    }
    lost.sort((a, b) => Number(leadsOn(kind, a)) - Number(leadsOn(kind, b)));
    for (const body of lost) {
      if (current.has(contentOf(kind, body))) continue;
      const taken = now.some(
        (each) => identityOf(kind, each) === identityOf(kind, body) && !known.has(contentOf(kind, each)),
      );
      if (taken) continue;
      const first = before[0] === body ? 0 : NLM_F.APPEND;
      this.#requests.restoring(entryName(kind, body), () =>
        client.request(add, NLM_F.CREATE | (kind === "route" ? first : 0), requestFor(kind, body)),
      );
    }
  }
}
