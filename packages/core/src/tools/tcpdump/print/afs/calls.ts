// What is told of the arguments of AFS's calls, by service and operation.

import {
  accessList,
  all,
  date,
  each,
  fileId,
  int,
  list,
  named,
  server,
  storeStatus,
  text,
  ubikVersion,
  unsigned,
  unsigned64,
  uuid,
  volumeType,
  wideText,
  word,
} from "./fields.ts";
import type { Step } from "./fields.ts";

type Operations = ReadonlyMap<number, Step>;

const [NAME, PRINCIPAL, VOLUME] = [256, 64, 65] as const; // longest texts, bytes
const name = text(NAME);
const fileAndName = all(fileId, name);

export const FILE_SERVER_ARGUMENTS: Operations = new Map<number, Step>([
  [130, all(fileId, named("offset", unsigned), named("length", unsigned))],
  ...each([131, 132, 143, 144, 145, 156, 157, 158], fileId),
  [
    133,
    all(fileId, storeStatus, named("offset", unsigned), named("length", unsigned), named("flen", unsigned)),
  ],
  [134, all(fileId, accessList)],
  [135, all(fileId, storeStatus)],
  ...each([136, 142], fileAndName),
  ...each([137, 141], all(fileAndName, storeStatus)),
  [138, all(named("old", fileAndName), named("new", fileAndName))],
  [139, all(fileAndName, named("link to", name))],
  [140, all(fileAndName, named("link to", fileId))],
  [148, name],
  ...each([149, 150], named("volid", unsigned)),
  [154, named("volname", name)],
  ...each([155, 65536], list(fileId, ",")),
  [65537, all(fileId, named("offset", unsigned64), named("length", unsigned64))],
  [
    65538,
    all(
      fileId,
      storeStatus,
      named("offset", unsigned64),
      named("length", unsigned64),
      named("flen", unsigned64),
    ),
  ],
  [65541, named("addr", unsigned)],
]);

/** Callbacks: files, then for each of them (or none) version, time and type, of which the type is not told. */
const callbacks: Step = (fields) => {
  list(fileId, ",")(fields);
  const count = fields.u32();
  if (count !== 0) fields.say(";");
  for (let index = 0; index < count; index++) {
    all(named("ver", int), named("expires", date))(fields);
    fields.u32();
  }
};

export const CALLBACK_ARGUMENTS: Operations = new Map<number, Step>([
  [204, callbacks],
  [214, named("afsuuid", uuid)],
]);

const id = named("id", int);
const principal = text(PRINCIPAL);

export const PROTECTION_ARGUMENTS: Operations = new Map<number, Step>([
  [500, all(principal, id, named("oldid", int))],
  ...each([501, 506, 508, 512, 514, 517, 518, 519, 530], id),
  [502, named("pos", int)],
  ...each([503, 507, 515], all(named("uid", int), named("gid", int))),
  [504, list(wideText(PRINCIPAL), "")],
  [505, named("ids:", list(int, ""))],
  [509, all(principal, named("flag", int), named("oid", int))],
  [511, all(id, named("gflag", int))],
  [513, all(id, principal, named("oldid", int), named("newid", int))],
  [520, all(id, principal)],
]);

const volume = all(named("volid", int), volumeType);

export const VOLUME_LOCATION_ARGUMENTS: Operations = new Map<number, Step>([
  ...each([501, 517], wideText(VOLUME)),
  ...each([502, 503, 507, 508, 509, 518], volume),
  ...each([504, 519, 524, 527], text(VOLUME)),
  [505, named("bump", int)],
  ...each([506, 520], all(volume, wideText(VOLUME))),
  ...each([510, 521], named("index", int)),
]);

const twoNames = named("principal", all(principal, principal));

/** A ticket, of which only the length matters here. */
const ticket: Step = (fields) => {
  const length = fields.u32();
  fields.need(length);
  fields.at += length;
};

export const AUTHENTICATION_ARGUMENTS: Operations = new Map<number, Step>([
  ...each([1, 21, 22, 2, 5, 6, 7, 8, 14, 15], twoNames),
  ...each([3, 23], all(named("kvno", int), named("domain", principal), ticket, twoNames)),
  [4, all(twoNames, named("kvno", int))],
  [12, named("name", principal)],
]);

const transaction = named("trans", unsigned);
const tid = named("tid", unsigned);
const from = all(named("fromtrans", unsigned), named("fromdate", date));
const [partition, flags, type, pid] = ["partition", "flags", "type", "pid"].map((one) =>
  named(one, unsigned),
) as [Step, Step, Step, Step];

export const VOLUME_ARGUMENTS: Operations = new Map<number, Step>([
  [100, all(partition, named("name", name), type, named("parent", unsigned))],
  ...each([101, 104, 107], transaction),
  [102, all(named("totrans", unsigned), flags)],
  [103, all(from, server, named("desttrans", int))],
  [105, all(transaction, named("purgevol", unsigned), named("newtype", unsigned), named("newname", name))],
  [106, all(transaction, flags)],
  [108, all(named("vol", unsigned), partition, flags)],
  // The second is a slip of tcpdump's, which meant 65537.
  ...each([109, 655537], from),
  [110, named("index", unsigned)],
  [111, all(tid, named("newsite", unsigned))],
  ...each([112, 113], word("tid")),
  [114, all(named("name", name), type, pid, named("cloneid", unsigned))],
  [116, all(partition, flags)],
  [117, all(tid, named("name", name), type, pid, named("clone", unsigned), named("backup", unsigned))],
  [119, named("name", name)],
  ...each([120, 126], tid),
  ...each([121, 122, 124, 125, 65536], all(named("partid", unsigned), named("volid", unsigned))),
  [123, all(tid, named("date", date))],
  [128, all(from, list(server, ","))],
  [65538, all(from, flags)],
]);

export const OVERSEER_ARGUMENTS: Operations = new Map<number, Step>([
  [80, all(named("type", name), named("instance", name))],
  ...each([81, 83, 85, 87, 88, 93, 96, 97, 104, 106, 108, 112, 114], name),
  ...each([82, 98], all(name, named("status", int))),
  ...each([84, 89, 90, 91, 92, 95], int),
  [86, all(name, named("num", int))],
  [105, all(name, named("size", int), named("flags", int), named("date", int))],
]);

const ubikId = named("tid", ubikVersion);
const file = named("file", int);
const length = named("length", int);

export const UBIK_ARGUMENTS: Operations = new Map<number, Step>([
  [
    10000,
    all(
      (fields) => fields.say(` syncsite ${fields.u32() === 0 ? "no" : "yes"}`),
      named("votestart", date),
      named("dbversion", ubikVersion),
      ubikId,
    ),
  ],
  [10003, named("site", unsigned)],
  ...each([20000, 20001, 20007, 20008, 20010], ubikId),
  [20002, all(ubikId, file, named("pos", int), length, (fields) => void fields.u32())],
  [20003, all(ubikId, file, named("pos", int))],
  [20005, file],
  [20006, all(file, length, named("dbversion", ubikVersion))],
  [20009, all(ubikId, file, length)],
  [20012, all(ubikId, named("oldversion", ubikVersion), named("newversion", ubikVersion))],
]);
