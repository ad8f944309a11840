// What a bridge of Open vSwitch has of flows, groups, meters, and settings of ports and tables: each as the OpenFlow message that
// makes it so, without counters and ages; and the messages that add them again, set them back or remove them. Flows,
// groups and meters are listed in 1.4, which tells all of them, or in what else the bridge speaks; ports in 1.0, the only version with
// NO_FLOOD; and of tables 1.2 knows what becomes of packets without a flow.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { OpenflowError } from "@patchcord/core/ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "@patchcord/core/ovsproto/openflow/fields.ts";
import { ALL_FLOWS } from "@patchcord/core/ovsproto/openflow/flow-messages.ts";
import type { FlowStats } from "@patchcord/core/ovsproto/openflow/flow-messages.ts";
import type { FlowMod } from "@patchcord/core/ovsproto/openflow/flow-mod.ts";
import { GROUP_ANY, NO_BUFFER, NO_FLAGS } from "@patchcord/core/ovsproto/openflow/flow-mod.ts";
import { BucketId, GroupId } from "@patchcord/core/ovsproto/openflow/group-messages.ts";
import { Match } from "@patchcord/core/ovsproto/openflow/match.ts";
import type { MessageBody } from "@patchcord/core/ovsproto/openflow/message-body.ts";
import { decodeMessage } from "@patchcord/core/ovsproto/openflow/message-decode.ts";
import { encodeMessage, isSendable } from "@patchcord/core/ovsproto/openflow/message-encode.ts";
import { METER_COMMANDS, MeterId } from "@patchcord/core/ovsproto/openflow/meter-messages.ts";
import { Port } from "@patchcord/core/ovsproto/openflow/ports.ts";
import { withBridge } from "./openflow-session.ts";
import type { OpenflowSession } from "./openflow-session.ts";

export type OpenflowEntryKind = "meter" | "group" | "flow" | "port" | "table" | "table miss";

/** One entry. */
export interface OpenflowEntry {
  readonly kind: OpenflowEntryKind;
  /** The message that makes it so, base64. */
  readonly bytes: string;
}

/** What is looked at together: programs that change one of them seldom change another. */
export const FLOWS = ["meter", "group", "flow"] as const;
export const PORTS = ["port"] as const;
export const TABLES = ["table", "table miss"] as const;
export type EntryKinds = readonly OpenflowEntryKind[];

/** Versions in which each kind is told and set; the first of two lists in which the bridge speaks one. */
const VERSIONS: Readonly<Record<OpenflowEntryKind, readonly (readonly OpenFlowVersion[])[]>> = {
  meter: [
    [5, 4],
    [6, 3, 2, 1],
  ],
  group: [
    [5, 4],
    [6, 3, 2, 1],
  ],
  flow: [
    [5, 4],
    [6, 3, 2, 1],
  ],
  port: [[1], [6, 5, 4, 3, 2]],
  table: [[6, 5]],
  "table miss": [[3, 2]],
};
const COMPARED_VERSION = 5;
/** Whether OpenFlow 1.0 names tables or not is agreed on in each connection. */
const NAMED_TABLES = { tableId: true };
const ALL_PORT_SETTINGS = 0x7f;

type Body<T extends MessageBody["type"]> = Extract<MessageBody, { readonly type: T }>;

/** The body of a message; undefined if it is none, or one that nobody knows. */
export function bodyOf(bytes: Uint8Array): MessageBody | undefined {
  const message = decodeMessage(bytes, NAMED_TABLES);
  return message instanceof OpenflowError ? undefined : message.message.body;
}

function flowOf(flow: FlowStats, version: OpenFlowVersion): MessageBody {
  const mod: FlowMod = {
    ...flow,
    command: "add",
    cookie: 0n,
    cookieMask: 0n,
    newCookie: flow.cookie,
    modifyCookie: false,
    bufferId: NO_BUFFER,
    outPort: ALL_FLOWS.outPort,
    outGroup: GROUP_ANY,
    // Two of the flags are about a request.
    flags: { ...flow.flags, checkOverlap: false, resetCounts: false },
  };
  return inForm({ type: "flow_mod", form: "standard", mod }, version);
}

const TABLE_BASE = {
  type: "table_mod",
  miss: "default",
  eviction: undefined,
  vacancy: undefined,
  vacancyDown: 0,
  vacancyUp: 0,
} as const;

/** What is asked for, and the messages that make what one part of the answer tells. */
const LISTS: Readonly<
  Record<
    OpenflowEntryKind,
    {
      readonly request: (version: OpenFlowVersion) => MessageBody;
      readonly told: (reply: MessageBody, version: OpenFlowVersion) => readonly MessageBody[];
    }
  >
> = {
  meter: {
    request: () => ({ type: "meter_config_request", meter: MeterId.ALL }),
    told: (reply) =>
      reply.type === "meter_config_reply"
        ? reply.meters.map((meter) => ({ ...meter, type: "meter_mod", command: 0 }))
        : [],
  },
  group: {
    request: () => ({ type: "group_desc_request", group: GroupId.ALL }),
    told: (reply) =>
      reply.type === "group_desc_reply"
        ? reply.groups.map((group) => ({
            ...group,
            type: "group_mod",
            command: "add",
            commandBucket: BucketId.ALL,
          }))
        : [],
  },
  flow: {
    request: (version) => ({
      type: "flow_request",
      form: version === 1 ? "nxst" : "standard",
      match: new Match(),
      ...ALL_FLOWS,
    }),
    told: (reply, version) =>
      reply.type === "flow_reply" ? reply.flows.map((flow) => flowOf(flow, version)) : [],
  },
  port: {
    request: () => ({ type: "port_desc_request", port: Port.NONE }),
    told: (reply) =>
      reply.type === "port_desc_reply"
        ? reply.ports.map(({ port, mac, config }) => ({
            type: "port_mod",
            port,
            mac,
            config,
            mask: ALL_PORT_SETTINGS,
            advertise: 0,
          }))
        : [],
  },
  table: {
    request: () => ({ type: "table_desc_request" }),
    told: (reply) =>
      reply.type === "table_desc_reply"
        ? reply.tables.map(({ table, eviction, vacancy, vacancyDown, vacancyUp }) => ({
            ...TABLE_BASE,
            table,
            eviction,
            vacancy,
            ...(vacancy ? { vacancyDown, vacancyUp } : {}),
          }))
        : [],
  },
  "table miss": {
    request: () => ({ type: "table_request" }),
    told: (reply) =>
      reply.type === "table_reply"
        ? reply.tables.map(({ table, features }) => ({
            ...TABLE_BASE,
            table,
            miss: features?.miss ?? "default",
          }))
        : [],
  },
};

function list(session: OpenflowSession, kind: OpenflowEntryKind): OpenflowEntry[] {
  const { version } = session;
  const { request, told } = LISTS[kind];
  const asked = request(version);
  // Meters came with 1.3, groups with 1.1.
  if (!isSendable(asked, version)) return [];
  return session.multipart(session.encode(asked)).flatMap((part) => {
    const reply = bodyOf(part);
    if (reply === undefined)
      throw new Refusal(ERRNO.EPROTO, `nobody knows how to read a ${kind} that the bridge lists`);
    return told(reply, version).map((body) => ({
      kind,
      bytes: Buffer.from(encodeMessage({ version, xid: 0, body })).toString("base64"),
    }));
  });
}

/** Uses connections in which the kinds can be told and set; kinds that the bridge does not tell of are left out. */
function withSessions(path: string, kinds: EntryKinds, use: SessionUse): void {
  const byVersions = new Map<string, OpenflowEntryKind[]>();
  for (const kind of kinds) {
    const key = JSON.stringify(VERSIONS[kind]);
    byVersions.set(key, [...(byVersions.get(key) ?? []), kind]);
  }
  for (const group of byVersions.values()) {
    const [first] = group;
    for (const versions of first === undefined ? [] : VERSIONS[first]) {
      try {
        withBridge(path, versions, (session) => use(session, group));
        break;
      } catch (error) {
        if (!(error instanceof Refusal) || error.errno !== ERRNO.EPROTONOSUPPORT) throw error;
      }
    }
  }
}

type SessionUse = (session: OpenflowSession, kinds: EntryKinds) => void;

/** All of a bridge. Errors: Refusal. */
export function lookAtBridge(path: string, kinds: EntryKinds = FLOWS): OpenflowEntry[] {
  const found: OpenflowEntry[] = [];
  withSessions(path, kinds, (session, those) => those.forEach((kind) => found.push(...list(session, kind))));
  return found;
}

/** Of bodies that add or change something: entries with the same key take each other's place; undefined if it does neither. */
export function keyOf(body: MessageBody | undefined): string | undefined {
  switch (body?.type) {
    case "flow_mod": {
      const { command, match, priority, table } = body.mod;
      if (command.startsWith("delete")) return undefined;
      const bare: Body<"flow_mod"> = {
        type: "flow_mod",
        form: "standard",
        mod: {
          ...body.mod,
          command: "add",
          match,
          priority,
          table: table === 255 ? 0 : table,
          cookie: 0n,
          cookieMask: 0n,
          newCookie: 0n,
          idleTimeout: 0,
          hardTimeout: 0,
          importance: 0,
          bufferId: NO_BUFFER,
          outPort: ALL_FLOWS.outPort,
          outGroup: GROUP_ANY,
          flags: NO_FLAGS,
          actions: [],
        },
      };
      const bytes = encodeMessage({ version: COMPARED_VERSION, xid: 0, body: bare });
      return `flow ${Buffer.from(bytes).toString("base64")}`;
    }
    case "group_mod":
      return body.command === "delete" ? undefined : `group ${body.group}`;
    case "meter_mod":
      return METER_COMMANDS[body.command] === "delete" ? undefined : `meter ${body.meter}`;
    case "port_mod":
      return `port ${body.port}`;
    case "table_mod":
      return `table ${body.table} ${body.miss === "default" ? "" : "miss"}`;
    default:
      return undefined;
  }
}

const bodyOfEntry = (entry: OpenflowEntry): MessageBody | undefined =>
  bodyOf(Buffer.from(entry.bytes, "base64"));

export function openflowKey(entry: OpenflowEntry): string {
  return keyOf(bodyOfEntry(entry)) ?? entry.bytes;
}

/** The flow that a bridge without a controller gets from its daemon. */
function isDefaultFlow({ table, priority, newCookie, match, actions }: FlowMod): boolean {
  const [action] = actions;
  return (
    table === 0 &&
    priority === 0 &&
    newCookie === 0n &&
    actions.length === 1 &&
    action?.type === "output" &&
    action.port === Port.NORMAL &&
    match.mask.every((word) => word === 0)
  );
}

/** Whether two entries of a key are the same; a port that has come back may have another address. */
export function isSameEntry(one: OpenflowEntry | undefined, other: OpenflowEntry | undefined): boolean {
  if (one === undefined || other === undefined || one.bytes === other.bytes)
    return one?.bytes === other?.bytes;
  const [a, b] = [bodyOfEntry(one), bodyOfEntry(other)];
  return a?.type === "port_mod" && b?.type === "port_mod" && a.config === b.config;
}

const PORT_DOWN = 1; // OFPPC_PORT_DOWN, which follows the device

/** Whether an entry is as the daemon makes it for a bridge or port that is new. */
export function isFresh(entry: OpenflowEntry): boolean {
  const body = bodyOfEntry(entry);
  if (body?.type === "flow_mod") return isDefaultFlow(body.mod);
  if (body?.type === "port_mod") return (body.config & ~PORT_DOWN) === 0;
  if (body?.type !== "table_mod") return false;
  return body.eviction !== true && body.vacancy !== true && ["default", "controller"].includes(body.miss);
}

/** An entry as it was and as it is to become; one of the two may be missing. */
export interface EntryBack {
  readonly was: OpenflowEntry | undefined;
  readonly is: OpenflowEntry | undefined;
}

/** The message that adds an entry, modifies it or removes it; undefined where there is nothing to be done. */
function requestFor({ was, is }: EntryBack, version: OpenFlowVersion): Uint8Array | undefined {
  const told = bodyOfEntry(was ?? is ?? { kind: "flow", bytes: "" });
  const present = is && bodyOfEntry(is);
  // A port that has come back may have another address, by which it has to be named.
  const body =
    told?.type === "port_mod" && present?.type === "port_mod" ? { ...told, mac: present.mac } : told;
  const changed = body && (was === undefined ? removal(body) : is === undefined ? body : modification(body));
  return changed && encodeMessage({ version, xid: 0, body: inForm(changed, version) });
}

/** Only 1.0 has flows of its own form, and two forms of flows. */
function inForm(body: MessageBody, version: OpenFlowVersion): MessageBody {
  if (body.type !== "flow_mod") return body;
  const { mod } = body;
  return version === 1
    ? { type: "flow_mod", form: "nxt", tableId: true, mod }
    : { type: "flow_mod", form: "standard", mod };
}

function removal(body: MessageBody): MessageBody | undefined {
  switch (body.type) {
    case "flow_mod":
      return { ...body, mod: { ...body.mod, command: "delete_strict", actions: [] } };
    case "group_mod":
      return { ...body, command: "delete", buckets: [], selection: undefined };
    case "meter_mod":
      return { ...body, command: METER_COMMANDS.indexOf("delete") };
    default:
      return undefined; // ports and tables are not removed so
  }
}

function modification(body: MessageBody): MessageBody {
  if (body.type === "group_mod") return { ...body, command: "modify" };
  return body.type === "meter_mod" ? { ...body, command: METER_COMMANDS.indexOf("modify") } : body;
}

const RANK: readonly OpenflowEntryKind[] = [...TABLES, ...PORTS, ...FLOWS];

/** Meters and groups come before flows that use them, and go after those. Errors: Refusal, with what the switch says. */
export function setEntriesBack(path: string, entries: readonly EntryBack[]): void {
  const kindOf = ({ was, is }: EntryBack): OpenflowEntryKind => (was ?? is)?.kind ?? "flow";
  const rank = (back: EntryBack): number => RANK.indexOf(kindOf(back));
  const back = entries.filter(({ was }) => was !== undefined).toSorted((a, b) => rank(a) - rank(b));
  const gone = entries.filter(({ was }) => was === undefined).toSorted((a, b) => rank(b) - rank(a));
  const all = [...back, ...gone];
  withSessions(path, [...new Set(all.map(kindOf))], (session, kinds) => {
    const { version } = session;
    const requests = all
      .filter((each) => kinds.includes(kindOf(each)))
      .flatMap((each) => requestFor(each, version) ?? []);
    if (requests.length === 0) return;
    const named = { type: "flow_mod_table_id", enable: true } as const;
    session.send(version === 1 && kinds.includes("flow") ? [session.encode(named), ...requests] : requests);
  });
}
