/** mod-table: what happens to packets that no flow takes, where there are too many flows, and what a table is called. */
import type { OpenFlowVersion } from "../../ovsproto/openflow/fields.ts";
import { MessageWriter } from "../../ovsproto/openflow/message-bytes.ts";
import { messageTypeNamed, multipartNumber } from "../../ovsproto/openflow/message-types.ts";
import { parseTable } from "../../ovsproto/openflow/names.ts";
import { TABLE_NAME_LENGTH } from "../../ovsproto/openflow/table-messages.ts";
import type { TableMod } from "../../ovsproto/openflow/table-messages.ts";
import { readU16BE } from "../../wire/bytes.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { finish, tableNames } from "./show-commands.ts";
import { failWith, openVconn } from "./vconn.ts";
import type { Vconn } from "./vconn.ts";

type Arguments = readonly string[];

/** OFPTT_ALL */
const ALL_TABLES = 255;
/** Bytes before the body of a multipart message, and of a whole message. */
const HEADER_LENGTH = 16;
const MAX_LENGTH = 0xffff;
/** OFPMPF_REQ_MORE */
const REQ_MORE = 1;
/** Where a table's number and name are in its features. */
const TABLE_AT = 2;
const NAME_AT = 8;

function tableChange(table: number, setting: string): TableMod {
  const base: TableMod = {
    type: "table_mod",
    table,
    miss: "default",
    eviction: undefined,
    vacancy: undefined,
    vacancyDown: 0,
    vacancyUp: 0,
  };
  const miss = (["controller", "continue", "drop"] as const).find((name) => name === setting);
  if (miss) return { ...base, miss };
  if (setting === "evict" || setting === "noevict") return { ...base, eviction: setting === "evict" };
  if (setting === "novacancy") return { ...base, vacancy: false };
  const match = /^vacancy(?::(.*))?$/.exec(setting);
  if (!match) throw new Fatal(`invalid table_mod setting ${setting}`);
  const [down, up] = (match[1] ?? "").split(",");
  if (down === undefined || !/^\d+$/.test(down) || Number(down) > 100)
    throw new Fatal(`Invalid vacancy down value "${down ?? ""}"`);
  if (up === undefined || !/^\d+$/.test(up) || Number(up) > 100)
    throw new Fatal(`Invalid vacancy up value "${up ?? ""}"`);
  if (Number(up) < Number(down)) {
    throw new Fatal(
      "Invalid vacancy range, vacancy up should be greater than vacancy down (OFPBPC_BAD_VALUE)",
    );
  }
  return { ...base, vacancy: true, vacancyDown: Number(down), vacancyUp: Number(up) };
}

/** Sets of versions, as bits. */
const OPENFLOW10 = 1 << 1;
const OPENFLOW11_TO_12 = (1 << 2) | (1 << 3);
const OPENFLOW14_UP = (1 << 5) | (1 << 6);

/** @param allowed versions, as bits, of which one must have the setting */
function checkTableChange(mod: TableMod, setting: string, allowed: number): void {
  const old = mod.miss !== "default";
  if ((allowed & (old ? OPENFLOW11_TO_12 : OPENFLOW14_UP)) !== 0) return;
  const versions = old ? "OpenFlow11, OpenFlow12" : "OpenFlow14, OpenFlow15";
  throw wrongVersion(setting, versions);
}

function wrongVersion(setting: string, versions: string): Fatal {
  return new Fatal(`table_mod '${setting}' requires one of the OpenFlow versions ${versions}`);
}

export async function modTable(
  ofctl: Ofctl,
  [bridge = "", tableText = "", setting = ""]: Arguments,
): Promise<void> {
  const accepted = ofctl.options.names === false ? {} : { tables: await tableNames(ofctl, bridge) };
  const table = parseTable(tableText, ofctl.names(accepted));
  if (table === undefined) throw new Fatal(`unknown table "${tableText}"`);
  const name = table === ALL_TABLES ? undefined : /^name:(.*)$/s.exec(setting)?.[1];
  if (name !== undefined) {
    await renameTable(ofctl, bridge, table, setting, name);
    return;
  }
  const change = tableChange(table, setting);
  const { versions, versionsGiven } = ofctl.options;
  checkTableChange(change, setting, versionsGiven ? versions : OPENFLOW10);
  const vconn = await openVconn(ofctl, bridge);
  checkTableChange(change, setting, 1 << vconn.version);
  // A change of one property must not lose the other.
  const known = vconn.version >= 5 ? await tableState(vconn, table) : undefined;
  const mod: TableMod =
    known === undefined
      ? change
      : {
          ...change,
          eviction: change.eviction ?? known.eviction,
          vacancy: change.vacancy ?? known.vacancy,
          vacancyDown: change.vacancy === undefined ? known.vacancyDown : change.vacancyDown,
          vacancyUp: change.vacancy === undefined ? known.vacancyUp : change.vacancyUp,
        };
  await finish(ofctl, vconn, [mod]);
  vconn.close();
}

async function tableState(vconn: Vconn, table: number) {
  for (const part of await vconn.transactMultipart({ type: "table_desc_request" })) {
    const body = part.decoded?.message.body;
    if (body?.type !== "table_desc_reply") continue;
    const found = body.tables.find((description) => description.table === table);
    if (found) return found;
  }
  return undefined;
}

/** Sends all features of all tables back, with one name changed. */
async function renameTable(
  ofctl: Ofctl,
  bridge: string,
  table: number,
  setting: string,
  name: string,
): Promise<void> {
  const vconn = await openVconn(ofctl, bridge);
  if (vconn.version < 4) throw wrongVersion(setting, "OpenFlow13, OpenFlow14, OpenFlow15");
  const parts = await vconn.transactMultipart({ type: "table_features_request", tables: [] });
  const tables = parts.flatMap(({ bytes }) => tablesIn(bytes));
  for (const features of tables) if (features[TABLE_AT] === table) writeName(features, name);
  const [reply] = await vconn.transactParts((xid) => featureRequests(tables, vconn.version, xid));
  if (reply?.decoded?.message.body.type === "error") failWith(ofctl, reply);
  vconn.close();
}

/** The features of each table in a reply, as they are: also what is not known here goes back. */
function tablesIn(reply: Uint8Array): Uint8Array[] {
  const tables: Uint8Array[] = [];
  for (let at = HEADER_LENGTH; at + NAME_AT <= reply.length;) {
    const length = readU16BE(reply, at);
    if (length < NAME_AT + TABLE_NAME_LENGTH) break;
    tables.push(reply.slice(at, at + length));
    at += length;
  }
  return tables;
}

function writeName(features: Uint8Array, name: string): void {
  const bytes = new TextEncoder().encode(name).subarray(0, TABLE_NAME_LENGTH - 1);
  features.fill(0, NAME_AT, NAME_AT + TABLE_NAME_LENGTH);
  features.set(bytes, NAME_AT);
}

/** In as few messages as hold them. */
function featureRequests(tables: readonly Uint8Array[], version: OpenFlowVersion, xid: number): Uint8Array[] {
  const kind = messageTypeNamed(version, "request", "TABLE_FEATURES");
  const bodies: Uint8Array[][] = [[]];
  let room = MAX_LENGTH - HEADER_LENGTH;
  for (const table of tables) {
    if (table.length > room) {
      bodies.push([]);
      room = MAX_LENGTH - HEADER_LENGTH;
    }
    bodies.at(-1)?.push(table);
    room -= table.length;
  }
  return bodies.map((body, at) => {
    const more = at < bodies.length - 1 ? REQ_MORE : 0;
    const out = new MessageWriter().u8(version).u8(multipartNumber(version, "request")).u16(0).u32(xid);
    out
      .u16(kind?.number ?? 0)
      .u16(more)
      .zeros(4);
    for (const table of body) out.put(table);
    return out.patchU16(2, out.length).bytes();
  });
}
