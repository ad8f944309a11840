// What is told of the results of AFS's calls, by service and operation.

import { formatIpv4 } from "../../../../wire/ipv4-address.ts";
import {
  accessList,
  all,
  date,
  each,
  fileId,
  int,
  list,
  named,
  text,
  ubikVersion,
  unsigned,
  uuid,
  wideText,
  word,
} from "./fields.ts";
import type { AfsFields, Step } from "./fields.ts";

type Operations = ReadonlyMap<number, Step>;

const [NAME, PRINCIPAL, VOLUME, LISTED_NAME] = [256, 64, 65, 32] as const; // longest texts, bytes
const name = text(NAME);

export const FILE_SERVER_RESULTS: Operations = new Map<number, Step>([
  [131, accessList],
  ...each([137, 141], named("new", fileId)),
  [151, named("root volume", name)],
  [153, date],
]);

export const CALLBACK_RESULTS: Operations = new Map<number, Step>([[213, uuid]]);

export const PROTECTION_RESULTS: Operations = new Map<number, Step>([
  [504, named("ids:", list(int, ""))],
  [505, list(wideText(PRINCIPAL), "")],
  ...each([508, 514, 517, 518, 519], list(int, "")),
  [510, all(named("maxuid", int), named("maxgid", int))],
]);

/** Letters of partitions; numbers where there are none. */
function partitions(fields: AfsFields, shown: number, slots: number): void {
  fields.say(" partitions");
  for (let index = 0; index < slots; index++) {
    const partition = fields.u32();
    if (index >= shown) continue;
    fields.say(partition <= 26 ? ` ${String.fromCharCode(97 + partition)}` : ` ${partition}`);
  }
}

const volumes = all(named("rwvol", unsigned), named("rovol", unsigned), named("backup", unsigned));

/** An entry with servers by address, of which `slots` have a place. */
function entry(slots: number, hasUnusedWord: boolean): Step {
  return (fields) => {
    wideText(VOLUME)(fields);
    if (hasUnusedWord) {
      fields.need(4);
      fields.at += 4;
    }
    fields.say(" numservers");
    const servers = fields.u32();
    fields.say(` ${servers} servers`);
    for (let index = 0; index < slots; index++) {
      fields.need(4);
      const address = fields.u32();
      if (index < servers) fields.say(` ${formatIpv4(address)}`);
    }
    partitions(fields, servers, slots);
    fields.need(4 * slots);
    fields.at += 4 * slots;
    volumes(fields);
  };
}

const SLOTS_OLD = 8;
const SLOTS = 13;
const UUID_LENGTH = 44; // bytes

/** An entry with servers by UUID. */
const entryByUuid: Step = (fields) => {
  wideText(VOLUME)(fields);
  fields.say(" numservers");
  const servers = fields.u32();
  fields.say(` ${servers} servers`);
  for (let index = 0; index < SLOTS; index++) {
    if (index < servers) {
      fields.say(" afsuuid");
      uuid(fields);
    } else {
      fields.need(UUID_LENGTH);
      fields.at += UUID_LENGTH;
    }
  }
  fields.need(4 * SLOTS);
  fields.at += 4 * SLOTS;
  partitions(fields, servers, SLOTS);
  fields.need(4 * SLOTS);
  fields.at += 4 * SLOTS;
  volumes(fields);
};

const index = all(named("count", int), named("nextindex", int));

export const VOLUME_LOCATION_RESULTS: Operations = new Map<number, Step>([
  [510, all(index, entry(SLOTS_OLD, true))],
  ...each([503, 504], entry(SLOTS_OLD, true)),
  [505, named("newvol", unsigned)],
  ...each([521, 529], all(index, entry(SLOTS, false))),
  ...each([518, 519], entry(SLOTS, false)),
  ...each([526, 527], entryByUuid),
]);

/** The type of a listed volume is announced, but not told; more follows that is not either. */
const listedVolume: Step = (fields) => {
  all(named("name", wideText(LISTED_NAME)), named("volid", unsigned), word("type"))(fields);
  fields.at += 4 * 21;
};

export const VOLUME_RESULTS: Operations = new Map<number, Step>([
  [100, all(named("volid", unsigned), named("trans", unsigned))],
  ...each([104, 107], unsigned),
  [105, named("newvol", unsigned)],
  [108, named("trans", unsigned)],
  [110, all(named("volume", unsigned), named("partition", unsigned))],
  [112, name],
  [
    113,
    all(
      ...["volid", "nextuniq", "type", "parentid", "clone", "backup"].map((one) => named(one, unsigned)),
      ...["restore", "maxquota", "minquota", "owner"].map((one) => named(one, unsigned)),
      ...["create", "access", "update", "expire", "backup", "copy"].map((one) => named(one, date)),
    ),
  ],
  ...each([116, 121], list(listedVolume, ",")),
]);

/** What is not told of other results. */
export const NO_RESULTS: Operations = new Map<number, Step>();

export const UBIK_RESULTS: Operations = new Map<number, Step>([
  [10000, word("vote no")],
  [20004, named("dbversion", ubikVersion)],
]);
